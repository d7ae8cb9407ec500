package io.chasqui.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Strict JSON files: a duplicate key, text after the end or an absurd size is an error. */
final class Json {
  /** Gemma's tokenizer.json, the largest published, has 34 MB. */
  private static final long MAX_BYTES = 256L << 20;

  static final JsonMapper MAPPER = JsonFile.MAPPER;

  private Json() {}

  /**
   * The file's top-level object.
   *
   * @throws NoSuchFileException if there is no such file
   * @throws ModelFormatException if it isn't one JSON object
   */
  static ObjectNode readObject(Path file) throws IOException {
    JsonNode root = read(file);
    if (root instanceof ObjectNode object) {
      return object;
    }
    throw new ModelFormatException(file, "$", "expected a JSON object, found " + describe(root));
  }

  /**
   * The file's value, of any kind.
   *
   * @throws NoSuchFileException if there is no such file
   * @throws ModelFormatException if it isn't one JSON value
   */
  static JsonNode read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new ModelFormatException(
          file, "", "has " + size + " bytes; at most " + MAX_BYTES + " are read");
    }
    // Given bytes, Jackson would guess UTF-16 and UTF-32 too.
    try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      return MAPPER.readTree(in);
    } catch (CharacterCodingException e) {
      throw new ModelFormatException(file, "", "not UTF-8", e);
    } catch (JsonProcessingException e) {
      throw new ModelFormatException(file, "", "bad JSON: " + JsonFile.reason(e), e);
    }
  }

  /** A node for an error message: its kind, and its value if that is short. */
  static String describe(JsonNode node) {
    if (node.isMissingNode()) {
      return "nothing";
    }
    String value = node.isContainerNode() ? "" : abbreviate(node.toString());
    String kind = node.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
    return node.isNull() || value.isEmpty() ? kind : kind + " " + value;
  }

  /** The path of a member, quoted where its name is no plain word. */
  static String path(String parent, String name) {
    return name.matches("[A-Za-z_][A-Za-z0-9_]*")
        ? parent + "." + name
        : parent + "[" + MAPPER.getNodeFactory().textNode(abbreviate(name)) + "]";
  }

  static String abbreviate(String text) {
    return text.length() <= 80 ? text : text.substring(0, 77) + "...";
  }
}
