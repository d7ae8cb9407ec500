package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.TokenizerJson.Added;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads {@link SpecialTokens} from the files beside a {@code tokenizer.json}. */
final class SpecialTokensReader {
  static final String CONFIG = "tokenizer_config.json";
  static final String MAP = "special_tokens_map.json";

  /** Control pieces of SentencePiece models, which some files mark as ordinary added tokens. */
  private static final Set<String> CONTROL_PIECES = Set.of("<s>", "</s>", "<unk>", "<pad>");

  private final TokenizerJson json;
  private final Path configFile;
  private final Path mapFile;
  private final ObjectNode config;
  private final ObjectNode map;
  private final SortedMap<Integer, String> special = new TreeMap<>();

  private SpecialTokensReader(Path directory, TokenizerJson json) throws IOException {
    this.json = json;
    configFile = directory.resolve(CONFIG);
    mapFile = directory.resolve(MAP);
    config = readIfThere(configFile);
    map = readIfThere(mapFile);
  }

  static SpecialTokens read(Path directory, TokenizerJson json) throws IOException {
    return new SpecialTokensReader(directory, json).read();
  }

  private static ObjectNode readIfThere(Path file) throws IOException {
    return Files.exists(file) ? Json.readObject(file) : JsonNodeFactory.instance.objectNode();
  }

  private SpecialTokens read() {
    for (Added token : json.added()) {
      if (token.special() || isControl(token.content())) {
        special.put(token.id(), token.content());
      }
    }
    CONTROL_PIECES.forEach(piece -> json.id(piece).ifPresent(id -> special.put(id, piece)));
    json.unknown().ifPresent(piece -> json.id(piece).ifPresent(id -> special.put(id, piece)));
    readAddedTokensDecoder();
    readAdditional();
    Optional<Integer> bos = token("bos_token");
    Optional<Integer> eos = token("eos_token");
    Optional<Integer> unknown = token("unk_token");
    Optional<Integer> pad = token("pad_token");
    for (String other : List.of("sep_token", "cls_token", "mask_token")) {
      token(other);
    }
    TokenFrame frame =
        TokenFrameReader.read(json, bos, eos, flag("add_bos_token"), flag("add_eos_token"));
    return new SpecialTokens(bos, eos, unknown, pad, frame, special);
  }

  /** Whether a text of this content is a command to a model wherever it stands. */
  private static boolean isControl(String content) {
    return CONTROL_PIECES.contains(content) || (content.startsWith("<|") && content.endsWith("|>"));
  }

  private void readAddedTokensDecoder() {
    JsonNode decoder = config.path("added_tokens_decoder");
    if (decoder.isMissingNode() || decoder.isNull()) {
      return;
    }
    if (!decoder.isObject()) {
      throw fault(configFile, "$.added_tokens_decoder", "an object", decoder);
    }
    Map<Integer, String> known = json.contents();
    for (Map.Entry<String, JsonNode> entry : decoder.properties()) {
      String path = Json.path("$.added_tokens_decoder", entry.getKey());
      int id;
      try {
        id = Integer.parseInt(entry.getKey());
      } catch (NumberFormatException e) {
        throw new ModelFormatException(configFile, path, "expected an id as key", e);
      }
      JsonNode content = entry.getValue().path("content");
      if (!content.isTextual()) {
        throw fault(configFile, path + ".content", "a text", content);
      }
      if (!content.textValue().equals(known.get(id))) {
        throw new ModelFormatException(
            configFile,
            path + ".content",
            "is "
                + Json.describe(content)
                + ", but tokenizer.json "
                + (known.containsKey(id)
                    ? "has \"" + known.get(id) + "\" at that id"
                    : "has no such id"));
      }
      if (entry.getValue().path("special").asBoolean(false)) {
        special.put(id, content.textValue());
      }
    }
  }

  private void readAdditional() {
    readAdditional(configFile, config);
    readAdditional(mapFile, map);
  }

  private void readAdditional(Path file, ObjectNode source) {
    JsonNode additional = source.path("additional_special_tokens");
    if (additional.isMissingNode() || additional.isNull()) {
      return;
    }
    if (!additional.isArray()) {
      throw fault(file, "$.additional_special_tokens", "an array", additional);
    }
    for (int i = 0; i < additional.size(); i++) {
      resolve(file, "$.additional_special_tokens[" + i + "]", additional.get(i));
    }
  }

  private Optional<Integer> token(String name) {
    JsonNode inConfig = config.path(name);
    JsonNode inMap = map.path(name);
    String path = "$." + name;
    if (!inConfig.isMissingNode() && !inConfig.isNull()) {
      return Optional.of(resolve(configFile, path, inConfig));
    }
    if (!inMap.isMissingNode() && !inMap.isNull()) {
      return Optional.of(resolve(mapFile, path, inMap));
    }
    return Optional.empty();
  }

  private int resolve(Path file, String path, JsonNode node) {
    JsonNode content = node.isObject() ? node.path("content") : node;
    if (!content.isTextual() || content.textValue().isEmpty()) {
      throw fault(file, path, "a token's text", content);
    }
    int id =
        json.id(content.textValue())
            .orElseThrow(
                () ->
                    new ModelFormatException(
                        file,
                        path,
                        "is " + Json.describe(content) + ", which tokenizer.json does not have"));
    special.put(id, content.textValue());
    return id;
  }

  private Optional<Boolean> flag(String name) {
    JsonNode value = config.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isBoolean()) {
      throw fault(configFile, "$." + name, "true or false", value);
    }
    return Optional.of(value.booleanValue());
  }

  private static ModelFormatException fault(
      Path file, String path, String expected, JsonNode found) {
    return new ModelFormatException(
        file, path, "expected " + expected + ", found " + Json.describe(found));
  }
}
