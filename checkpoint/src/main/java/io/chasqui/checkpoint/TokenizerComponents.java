package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.chasqui.ModelFormatException;
import java.nio.file.Path;
import java.util.Set;

/** The parts of a {@code tokenizer.json} around its model: which are known, and what they hold. */
final class TokenizerComponents {
  private static final int MAX_DEPTH = 8;

  private static final Set<String> NORMALIZERS =
      Set.of(
          "Sequence",
          "Prepend",
          "Replace",
          "NFC",
          "NFD",
          "NFKC",
          "NFKD",
          "Lowercase",
          "Strip",
          "StripAccents",
          "Nmt",
          "BertNormalizer");

  private static final Set<String> PRE_TOKENIZERS =
      Set.of(
          "Sequence",
          "ByteLevel",
          "Metaspace",
          "Split",
          "Digits",
          "Punctuation",
          "Whitespace",
          "WhitespaceSplit",
          "BertPreTokenizer");

  private TokenizerComponents() {}

  /**
   * Returns if normalizer and pre-tokenizer are made of known parts.
   *
   * @throws ModelFormatException naming the first that is not
   */
  static void check(Path file, JsonNode root) {
    check(file, "$.normalizer", root.path("normalizer"), NORMALIZERS, "normalizers", 0);
    check(file, "$.pre_tokenizer", root.path("pre_tokenizer"), PRE_TOKENIZERS, "pretokenizers", 0);
  }

  private static void check(
      Path file, String path, JsonNode node, Set<String> known, String parts, int depth) {
    if (node.isMissingNode() || node.isNull()) {
      return;
    }
    JsonNode type = node.path("type");
    if (!type.isTextual() || !known.contains(type.textValue()) || depth > MAX_DEPTH) {
      throw new ModelFormatException(
          file, path + ".type", "expected one of " + known + ", found " + Json.describe(type));
    }
    if (type.textValue().equals("Sequence")) {
      JsonNode members = node.path(parts);
      if (!members.isArray()) {
        throw new ModelFormatException(
            file, path + "." + parts, "expected an array, found " + Json.describe(members));
      }
      for (int i = 0; i < members.size(); i++) {
        if (!members.get(i).isObject()) {
          throw new ModelFormatException(
              file,
              path + "." + parts + "[" + i + "]",
              "expected an object, found " + Json.describe(members.get(i)));
        }
        check(file, path + "." + parts + "[" + i + "]", members.get(i), known, parts, depth + 1);
      }
    }
  }

  /** Whether a component is, or contains, a part of this type. */
  static boolean mentions(JsonNode node, String type) {
    if (node.path("type").asText("").equals(type)) {
      return true;
    }
    for (JsonNode member : node.path("pretokenizers")) {
      if (mentions(member, type)) {
        return true;
      }
    }
    return false;
  }
}
