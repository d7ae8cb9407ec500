package io.chasqui.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.checkpoint.TokenizerJson.Added;
import io.chasqui.checkpoint.TokenizerJson.Merge;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * How a checked tokenizer is run: the JSON that native code gets, in which no text reaches a
 * special token, what is done to a text before, and where long texts may be cut.
 *
 * @param nativeJson for the native tokenizer
 * @param prepare normalises a text that is not empty; replaces chars one by one, and may put one
 *     before them
 * @param cuts places in prepared texts
 */
record TokenizerPlan(String nativeJson, UnaryOperator<String> prepare, TextCuts cuts) {
  private static final char SPACE_PIECE = '\u2581';
  private static final String SPACE = String.valueOf(SPACE_PIECE);

  /** GPT-2's (inside ByteLevel), Llama 3's, Qwen 2's. */
  private static final Set<String> WORD_PATTERNS =
      Set.of(
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
              + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|"
              + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

  static TokenizerPlan of(TokenizerJson json, Map<Integer, String> special) {
    List<Added> kept =
        json.added().stream().filter(token -> !special.containsKey(token.id())).toList();
    List<Merge> merges = reachable(json, special);
    ObjectNode root = json.root().objectNode();
    root.put("version", "1.0");
    ArrayNode added = root.putArray("added_tokens");
    kept.forEach(token -> added.add(json.root().path("added_tokens").get(token.index())));
    ObjectNode model = root.putObject("model");
    model.setAll((ObjectNode) json.root().path("model"));
    boolean bpe = !UnigramPieces.isIn(model) && !model.path("type").asText("").equals("WordPiece");
    hide(json, special, model);
    if (bpe) {
      model.put("type", "BPE");
      ArrayNode mergeArray = model.putArray("merges");
      merges.forEach(merge -> mergeArray.addArray().add(merge.left()).add(merge.right()));
    }

    if (bpe && kept.isEmpty() && isPrependThenReplace(json)) {
      return new TokenizerPlan(write(root), text -> SPACE + spaced(text), cutsOf(json, merges));
    }
    if (bpe && kept.isEmpty() && isMetaspace(json)) {
      return new TokenizerPlan(
          write(root),
          text -> spaced(text).startsWith(SPACE) ? spaced(text) : SPACE + spaced(text),
          cutsOf(json, merges));
    }
    for (String component : List.of("normalizer", "pre_tokenizer")) {
      root.set(component, json.component(component));
    }
    boolean words = hasWordPattern(json) && kept.stream().noneMatch(TokenizerPlan::touchesSpaces);
    return new TokenizerPlan(
        write(root), UnaryOperator.identity(), words ? TextCuts.betweenWords() : TextCuts.none());
  }

  private static String spaced(String text) {
    return text.replace(' ', SPACE_PIECE);
  }

  /** Merges that neither use nor make a special or byte piece. */
  private static List<Merge> reachable(TokenizerJson json, Map<Integer, String> special) {
    Set<String> hidden = new HashSet<>(special.values());
    if (json.byteFallback()) {
      hidden.addAll(ByteAlphabet.fallbackPieces());
    }
    return json.merges().stream()
        .filter(
            merge ->
                !hidden.contains(merge.left())
                    && !hidden.contains(merge.right())
                    && !hidden.contains(merge.product()))
        .toList();
  }

  /**
   * Gives special pieces of the vocabulary names that no text contains. They can't simply be left
   * out: the unknown token is one of them.
   */
  private static void hide(TokenizerJson json, Map<Integer, String> special, ObjectNode model) {
    String secret = "\uFDD0" + UUID.randomUUID() + ":";
    if (UnigramPieces.isIn(model)) {
      ArrayNode pieces = model.putArray("vocab"); // the unknown one is named by its id
      int id = 0;
      for (JsonNode piece : json.root().path("model").path("vocab")) {
        pieces
            .addArray()
            .add(special.containsKey(id) ? secret + id : piece.get(0).textValue())
            .add(piece.get(1));
        id++;
      }
      return;
    }
    ObjectNode vocabulary = model.putObject("vocab");
    for (Map.Entry<String, Integer> entry : json.vocabulary().entrySet()) {
      int id = entry.getValue();
      vocabulary.put(special.containsKey(id) ? secret + id : entry.getKey(), id);
    }
    json.unknown()
        .map(json.vocabulary()::get)
        .filter(special::containsKey)
        .ifPresent(id -> model.put("unk_token", secret + id));
  }

  private static TextCuts cutsOf(TokenizerJson json, List<Merge> merges) {
    boolean complete =
        json.byteFallback()
            && ByteAlphabet.fallbackPieces().stream().allMatch(json.vocabulary()::containsKey);
    TextCuts pairs = TextCuts.betweenUnmergedPairs(merges);
    if (complete) {
      return pairs;
    }
    // Unknown characters side by side may become one token: then cut before a space only.
    return (text, at) ->
        text.charAt(at) == SPACE_PIECE
            && json.vocabulary().containsKey(SPACE)
            && pairs.mayCut(text, at);
  }

  private static boolean isPrependThenReplace(TokenizerJson json) {
    JsonNode parts = json.component("normalizer").path("normalizers");
    return json.type("normalizer").equals("Sequence")
        && parts.size() == 2
        && parts.path(0).path("type").asText().equals("Prepend")
        && parts.path(0).path("prepend").asText().equals(SPACE)
        && parts.path(1).path("type").asText().equals("Replace")
        && parts.path(1).path("pattern").path("String").asText().equals(" ")
        && parts.path(1).path("content").asText().equals(SPACE)
        && json.type("pre_tokenizer").isEmpty()
        && !ignoresMerges(json);
  }

  private static boolean isMetaspace(TokenizerJson json) {
    JsonNode metaspace = json.component("pre_tokenizer");
    String scheme = metaspace.path("prepend_scheme").asText("");
    return json.type("normalizer").isEmpty()
        && json.type("pre_tokenizer").equals("Metaspace")
        && metaspace.path("replacement").asText().equals(SPACE)
        && metaspace.path("split").isBoolean()
        && !metaspace.path("split").booleanValue()
        && (scheme.equals("first") || scheme.equals("always"))
        && !ignoresMerges(json);
  }

  private static boolean ignoresMerges(TokenizerJson json) {
    return json.root().path("model").path("ignore_merges").asBoolean(false);
  }

  private static boolean hasWordPattern(TokenizerJson json) {
    JsonNode node = json.component("pre_tokenizer");
    String normalizer = json.type("normalizer");
    if (json.type("pre_tokenizer").equals("BertPreTokenizer")) {
      // Splits at white space, and nothing that its normalizer does reaches over a space.
      return normalizer.isEmpty() || normalizer.equals("BertNormalizer");
    }
    if (UnigramPieces.isIn(json.root().path("model"))) {
      return UnigramWords.splits(json.component("normalizer"), node);
    }
    if (!normalizer.isEmpty() && !normalizer.equals("NFC")) {
      return false;
    }
    if (isByteLevel(node, true)) {
      return true;
    }
    JsonNode parts = node.path("pretokenizers");
    return json.type("pre_tokenizer").equals("Sequence")
        && parts.size() == 2
        && parts.path(0).path("type").asText().equals("Split")
        && parts.path(0).path("behavior").asText().equals("Isolated")
        && !parts.path(0).path("invert").asBoolean(false)
        && WORD_PATTERNS.contains(parts.path(0).path("pattern").path("Regex").asText())
        && isByteLevel(parts.path(1), false);
  }

  private static boolean isByteLevel(JsonNode node, boolean withPattern) {
    return node.path("type").asText("").equals("ByteLevel")
        && !node.path("add_prefix_space").asBoolean(true)
        && node.path("use_regex").asBoolean(true) == withPattern;
  }

  private static boolean touchesSpaces(Added token) {
    return token.strips() || token.singleWord() || token.content().indexOf(' ') >= 0;
  }

  private static String write(ObjectNode root) {
    try {
      return Json.MAPPER.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can't be written", e);
    }
  }
}
