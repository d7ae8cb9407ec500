package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.TokenizerJson.Added;
import io.chasqui.checkpoint.TokenizerJson.Merge;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Checks a {@code tokenizer.json} before native code sees it, which accepts duplicate ids and ends
 * the process over a character that it has no piece for.
 *
 * @see <a href="https://huggingface.co/docs/tokenizers/api/models">Hugging Face tokenizers: BPE</a>
 */
final class TokenizerCheck {
  private static final String VOCABULARY = "$.model.vocab";
  private static final String MERGES = "$.model.merges";

  private final Path file;
  private final ObjectNode root;
  private final int embeddingRows;

  private TokenizerCheck(Path file, ObjectNode root, int embeddingRows) {
    this.file = file;
    this.root = root;
    this.embeddingRows = embeddingRows;
  }

  /**
   * The checked file.
   *
   * @param embeddingRows ids must be below this
   * @throws ModelFormatException naming the JSON path of the first fault
   */
  static TokenizerJson read(Path file, int embeddingRows) throws IOException {
    return check(file, Json.readObject(file), embeddingRows);
  }

  static TokenizerJson check(Path file, ObjectNode root, int embeddingRows) {
    return new TokenizerCheck(file, root, embeddingRows).check();
  }

  private TokenizerJson check() {
    JsonNode model = root.path("model");
    if (!model.isObject()) {
      throw fault("$.model", "expected an object, found " + Json.describe(model));
    }
    if (UnigramPieces.isIn(model)) {
      return checkUnigram(model);
    }
    boolean wordPieces = model.path("type").asText("").equals("WordPiece");
    if (wordPieces) {
      checkWordPieces(model);
    } else {
      checkModel(model);
    }
    Map<String, Integer> vocabulary = vocabulary(model.path("vocab"));
    List<Merge> merges = wordPieces ? List.of() : merges(model.path("merges"), vocabulary);
    List<Added> added = added(root.path("added_tokens"), vocabulary);
    TokenizerComponents.check(file, root);
    boolean byteFallback = flag(model, "$.model", "byte_fallback");
    Optional<String> unknown = unknown(model.path("unk_token"), vocabulary);
    if (unknown.isEmpty()) {
      requireEveryCharacter(vocabulary, byteFallback);
    }
    return new TokenizerJson(file, root, vocabulary, merges, added, byteFallback, unknown);
  }

  private TokenizerJson checkUnigram(JsonNode model) {
    UnigramPieces pieces = UnigramPieces.read(file, model, embeddingRows);
    List<Added> added = added(root.path("added_tokens"), pieces.vocabulary());
    TokenizerComponents.check(file, root);
    boolean byteFallback = flag(model, "$.model", "byte_fallback");
    return new TokenizerJson(
        file,
        root,
        pieces.vocabulary(),
        List.of(),
        added,
        byteFallback,
        Optional.of(pieces.unknown()));
  }

  private void checkModel(JsonNode model) {
    JsonNode type = model.path("type");
    boolean bpe = type.isMissingNode() ? model.has("merges") : type.asText().equals("BPE");
    if (!bpe) {
      throw fault(
          "$.model.type",
          "expected \"BPE\", \"WordPiece\" or \"Unigram\", found " + Json.describe(type));
    }
    for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
      JsonNode value = model.path(affix);
      if (!value.isMissingNode() && !value.isNull() && !value.asText().isEmpty()) {
        throw fault("$.model." + affix, "is not supported: " + Json.describe(value));
      }
    }
    JsonNode dropout = model.path("dropout");
    if (!dropout.isMissingNode() && !dropout.isNull() && dropout.asDouble(1) != 0) {
      throw fault(
          "$.model.dropout",
          "would make ids random; expected null, found " + Json.describe(dropout));
    }
    flag(model, "$.model", "fuse_unk");
    flag(model, "$.model", "ignore_merges");
  }

  /** BERT's kind. It needs its unknown piece for every word that the vocabulary can't spell. */
  private void checkWordPieces(JsonNode model) {
    JsonNode prefix = model.path("continuing_subword_prefix");
    if (!prefix.isTextual()) {
      throw fault(
          "$.model.continuing_subword_prefix", "expected a text, found " + Json.describe(prefix));
    }
    JsonNode longest = model.path("max_input_chars_per_word");
    if (!longest.canConvertToInt() || longest.intValue() < 1 || !longest.isIntegralNumber()) {
      throw fault(
          "$.model.max_input_chars_per_word",
          "expected a positive integer, found " + Json.describe(longest));
    }
    JsonNode unknown = model.path("unk_token");
    if (!unknown.isTextual()) {
      throw fault(
          "$.model.unk_token",
          "expected a piece of the vocabulary, found " + Json.describe(unknown));
    }
  }

  private Map<String, Integer> vocabulary(JsonNode node) {
    if (!node.isObject() || node.isEmpty()) {
      throw fault(VOCABULARY, "expected pieces with ids, found " + Json.describe(node));
    }
    Map<String, Integer> vocabulary = new HashMap<>(node.size() * 2);
    Map<Integer, String> pieces = new HashMap<>(node.size() * 2);
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String path = Json.path(VOCABULARY, entry.getKey());
      int id = id(path, entry.getValue());
      String other = pieces.putIfAbsent(id, entry.getKey());
      if (other != null) {
        throw fault(path, "id " + id + " is also that of \"" + Json.abbreviate(other) + "\"");
      }
      vocabulary.put(entry.getKey(), id);
    }
    return vocabulary;
  }

  private List<Merge> merges(JsonNode node, Map<String, Integer> vocabulary) {
    if (!node.isArray()) {
      throw fault(MERGES, "expected an array, found " + Json.describe(node));
    }
    List<Merge> merges = new ArrayList<>(node.size());
    Set<Merge> seen = new HashSet<>(node.size() * 2);
    for (int i = 0; i < node.size(); i++) {
      String path = MERGES + "[" + i + "]";
      Merge merge = merge(path, node.get(i));
      for (String piece : List.of(merge.left(), merge.right(), merge.product())) {
        if (!vocabulary.containsKey(piece)) {
          throw fault(path, "\"" + Json.abbreviate(piece) + "\" is no piece of the vocabulary");
        }
      }
      if (!seen.add(merge)) {
        throw fault(path, "is there twice: " + Json.describe(node.get(i)));
      }
      merges.add(merge);
    }
    return merges;
  }

  private Merge merge(String path, JsonNode node) {
    String[] parts = {};
    if (node.isTextual()) {
      parts = node.textValue().split(" ", -1);
    } else if (node.isArray() && node.size() == 2 && bothText(node)) {
      parts = new String[] {node.get(0).textValue(), node.get(1).textValue()};
    }
    if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
      throw fault(path, "expected two pieces, found " + Json.describe(node));
    }
    return new Merge(parts[0], parts[1]);
  }

  private static boolean bothText(JsonNode pair) {
    return pair.get(0).isTextual() && pair.get(1).isTextual();
  }

  private List<Added> added(JsonNode node, Map<String, Integer> vocabulary) {
    if (node.isMissingNode() || node.isNull()) {
      return List.of();
    }
    if (!node.isArray()) {
      throw fault("$.added_tokens", "expected an array, found " + Json.describe(node));
    }
    Map<Integer, String> pieces = new HashMap<>(vocabulary.size() * 2);
    vocabulary.forEach((piece, id) -> pieces.put(id, piece));
    Set<String> contents = new HashSet<>();
    Set<Integer> ids = new HashSet<>();
    List<Added> added = new ArrayList<>(node.size());
    for (int i = 0; i < node.size(); i++) {
      String path = "$.added_tokens[" + i + "]";
      Added token = addedToken(path, node.get(i), i);
      String piece = pieces.get(token.id());
      Integer pieceId = vocabulary.get(token.content());
      if ((piece != null && !piece.equals(token.content()))
          || (pieceId != null && pieceId != token.id())) {
        throw fault(
            path,
            "\"%s\" has id %d, but the vocabulary gives that id to %s and that piece id %s"
                .formatted(Json.abbreviate(token.content()), token.id(), piece, pieceId));
      }
      if (!ids.add(token.id()) || !contents.add(token.content())) {
        throw fault(path, "id " + token.id() + " or its content is there twice");
      }
      added.add(token);
    }
    return added;
  }

  private Added addedToken(String path, JsonNode node, int index) {
    JsonNode content = node.path("content");
    if (!content.isTextual() || content.textValue().isEmpty()) {
      throw fault(path + ".content", "expected a text, found " + Json.describe(content));
    }
    boolean left = flag(node, path, "lstrip");
    boolean right = flag(node, path, "rstrip");
    flag(node, path, "normalized");
    return new Added(
        id(path + ".id", node.path("id")),
        content.textValue(),
        flag(node, path, "special"),
        left || right,
        flag(node, path, "single_word"),
        index);
  }

  private Optional<String> unknown(JsonNode node, Map<String, Integer> vocabulary) {
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isTextual() || !vocabulary.containsKey(node.textValue())) {
      throw fault(
          "$.model.unk_token", "expected a piece of the vocabulary, found " + Json.describe(node));
    }
    return Optional.of(node.textValue());
  }

  private void requireEveryCharacter(Map<String, Integer> vocabulary, boolean byteFallback) {
    if (byteFallback && ByteAlphabet.fallbackPieces().stream().allMatch(vocabulary::containsKey)) {
      return;
    }
    if (TokenizerComponents.mentions(root.path("pre_tokenizer"), "ByteLevel")
        && ByteAlphabet.byteLevelPieces().stream().allMatch(vocabulary::containsKey)) {
      return;
    }
    throw fault(
        "$.model.unk_token",
        "is missing, and neither byte_fallback nor a ByteLevel pre-tokenizer with all 256 byte"
            + " pieces stands in for it: some texts would have no ids");
  }

  private int id(String path, JsonNode node) {
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 0) {
      throw fault(path, "expected an id from 0 to 2147483647, found " + Json.describe(node));
    }
    if (node.intValue() >= embeddingRows) {
      throw fault(
          path, "id " + node.intValue() + ", but the model embeds only " + embeddingRows + " ids");
    }
    return node.intValue();
  }

  private boolean flag(JsonNode node, String path, String name) {
    JsonNode value = node.path(name);
    if (!value.isMissingNode() && !value.isNull() && !value.isBoolean()) {
      throw fault(path + "." + name, "expected true or false, found " + Json.describe(value));
    }
    return value.asBoolean(false);
  }

  private ModelFormatException fault(String path, String problem) {
    return new ModelFormatException(file, path, problem);
  }
}
