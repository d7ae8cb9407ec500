package io.chasqui.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Strict JSON files of bounded size: UTF-8, no duplicate keys, nothing after the end. */
final class JsonFile {
  /** The greatest index.json in the wild is about 9 MB; a config has a few kB. */
  static final int MAX_BYTES = 16 << 20;

  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonFile() {}

  /**
   * Reads a JSON object.
   *
   * @throws ModelFormatException if the file is too large or not one JSON object
   */
  static JsonFields readObject(Path file) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    }
    if (bytes.length > MAX_BYTES) {
      throw new ModelFormatException(file, "", "larger than " + MAX_BYTES + " bytes");
    }
    JsonNode node;
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      node = MAPPER.readTree(text);
    } catch (CharacterCodingException e) {
      throw new ModelFormatException(file, "", "not UTF-8", e);
    } catch (JsonProcessingException e) {
      throw new ModelFormatException(file, "", "bad JSON: " + reason(e), e);
    }
    if (!(node instanceof ObjectNode object)) {
      throw new ModelFormatException(file, "", "expected a JSON object");
    }
    return new JsonFields(file, "", object);
  }

  /** What went wrong and where, without the text around it. */
  static String reason(JsonProcessingException e) {
    var location = e.getLocation();
    return e.getOriginalMessage()
        + (location == null
            ? ""
            : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")");
  }
}
