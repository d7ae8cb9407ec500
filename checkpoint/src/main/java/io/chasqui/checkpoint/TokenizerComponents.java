package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.chasqui.ModelFormatException;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;

/** The parts of a {@code tokenizer.json} around its model: which are known, and what they hold. */
final class TokenizerComponents {
  private static final int MAX_DEPTH = 8;

  /** One character or class, once or more: never a match of no character. */
  private static final Pattern CONSUMING =
      Pattern.compile(
          "(?:\\\\[sdwSDW]|\\[[^\\]\\\\]+\\]|[\\w ])(?:\\+|\\{[1-9]\\d{0,3}(?:,\\d{0,4})?\\})?");

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
          "Precompiled",
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
    boolean byteLevel = mentions(root.path("pre_tokenizer"), "ByteLevel");
    checkInsertions(file, "$.normalizer", root.path("normalizer"), byteLevel);
  }

  /**
   * Refuses normalizers that put text where nothing stood: the native library then loses count of
   * the text, and its ByteLevel ends the process. And maps that lead out of themselves.
   */
  private static void checkInsertions(Path file, String path, JsonNode node, boolean byteLevel) {
    switch (node.path("type").asText("")) {
      case "Precompiled" -> {
        if (byteLevel) { // it loses count of what it takes from a text's beginning
          throw new ModelFormatException(file, path + ".type", "is not supported under ByteLevel");
        }
        PrecompiledCheck.check(file, path, node);
      }
      case "Prepend" -> requireText(file, path + ".prepend", node.path("prepend"));
      case "Replace" -> {
        JsonNode pattern = node.path("pattern");
        if (pattern.has("String")) {
          requireText(file, path + ".pattern.String", pattern.path("String"));
        } else if (byteLevel
            && !node.path("content").asText("").isEmpty()
            && !CONSUMING.matcher(pattern.path("Regex").asText("")).matches()) {
          throw new ModelFormatException(
              file,
              path + ".pattern.Regex",
              "under ByteLevel expected characters to replace, like \"\\s+\" or \" {2,}\", found "
                  + Json.describe(pattern.path("Regex")));
        }
      }
      default -> {
        JsonNode members = node.path("normalizers");
        for (int i = 0; i < members.size(); i++) {
          checkInsertions(file, path + ".normalizers[" + i + "]", members.get(i), byteLevel);
        }
      }
    }
  }

  private static void requireText(Path file, String path, JsonNode node) {
    if (!node.isTextual() || node.textValue().isEmpty()) {
      throw new ModelFormatException(
          file, path, "expected a text that is not empty, found " + Json.describe(node));
    }
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
