package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.checkpoint.testing.TinyTokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Small tokenizers of each kind, with each part that the check knows, and damaged ones. */
final class FuzzTokenizerSeeds {
  private static final int SIZE = 330;

  private static final String BERT =
      "{'type':'BertNormalizer','clean_text':true,'handle_chinese_chars':true,"
          + "'strip_accents':null,'lowercase':true}";

  /** By name: normalizers and pre-tokenizers that published tokenizers have, and near misses. */
  private static final String[][] NORMALIZERS = {
    {"nfc", "{'type':'NFC'}"},
    {"nfkc-lower", "{'type':'Sequence','normalizers':[{'type':'NFKC'},{'type':'Lowercase'}]}"},
    {"nfd-accents", "{'type':'Sequence','normalizers':[{'type':'NFD'},{'type':'StripAccents'}]}"},
    {"strip", "{'type':'Strip','strip_left':true,'strip_right':true}"},
    {"nmt", "{'type':'Nmt'}"},
    {"bert", BERT},
    {"replace", "{'type':'Replace','pattern':{'String':'a'},'content':'bcd'}"},
    {"replace-by-nothing", "{'type':'Replace','pattern':{'Regex':'x*'},'content':''}"},
    {"replace-characters", "{'type':'Replace','pattern':{'Regex':' {2,}'},'content':'e'}"},
  };

  private static final String[][] PRE_TOKENIZERS = {
    {"byte-level", "{'type':'ByteLevel','add_prefix_space':true,'trim_offsets':true}"},
    {
      "byte-level-no-prefix",
      "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':false,'use_regex':false}"
    },
    {"metaspace", "{'type':'Metaspace','replacement':'\u2581','prepend_scheme':'always'}"},
    {
      "metaspace-first",
      "{'type':'Metaspace','replacement':'\u2581','prepend_scheme':'first','split':false}"
    },
    {"split-regex", split("{'Regex':'\\\\s+|[a-c]'}", "Isolated", false)},
    {"split-removed", split("{'String':' '}", "Removed", false)},
    {"split-inverted", split("{'String':' '}", "Removed", true)},
    {"split-previous", split("{'String':' '}", "MergedWithPrevious", false)},
    {"split-next", split("{'Regex':'[0-9]'}", "MergedWithNext", false)},
    {"split-contiguous", split("{'Regex':'x*'}", "Contiguous", false)},
    {"digits", "{'type':'Digits','individual_digits':true}"},
    {"punctuation", "{'type':'Punctuation','behavior':'Contiguous'}"},
    {"whitespace", "{'type':'Whitespace'}"},
    {"whitespace-split", "{'type':'WhitespaceSplit'}"},
    {"bert", "{'type':'BertPreTokenizer'}"},
    {
      "split-and-byte-level",
      "{'type':'Sequence','pretokenizers':["
          + split("{'Regex':'\\\\s+'}", "Isolated", false)
          + ",{'type':'ByteLevel','add_prefix_space':true,'trim_offsets':true}]}"
    },
  };

  private FuzzTokenizerSeeds() {}

  private static String split(String pattern, String behavior, boolean invert) {
    return "{'type':'Split','pattern':%s,'behavior':'%s','invert':%s}"
        .formatted(pattern, behavior, invert);
  }

  static Map<String, byte[]> all() throws IOException {
    Map<String, byte[]> seeds = new TreeMap<>();
    put(seeds, "good-llama", root -> {});
    for (String[] each : NORMALIZERS) {
      JsonNode part = parse(each[1]);
      put(seeds, "good-normalizer-" + each[0], root -> root.set("normalizer", part));
    }
    for (String[] each : PRE_TOKENIZERS) {
      JsonNode part = parse(each[1]);
      put(seeds, "good-pretokenizer-" + each[0], root -> root.set("pre_tokenizer", part));
    }
    put(seeds, "good-wordpiece", FuzzTokenizerSeeds::wordPieces);
    for (String form : new String[] {"words", "metaspace"}) {
      JsonNode published = Json.read(UnigramTokenizerIT.resource(form + "/tokenizer.json"));
      put(seeds, "good-unigram-" + form, root -> unigram(root, published));
    }
    put(seeds, "bad-unigram-score", root -> pieces(root).addArray().add("new").add("0"));
    put(seeds, "bad-unigram-unknown", root -> model(unigram(root)).put("unk_id", SIZE));
    put(seeds, "bad-unigram-duplicate", root -> pieces(root).addArray().add("e").add(-1));
    put(
        seeds,
        "bad-precompiled",
        root ->
            unigram(root)
                .putObject("normalizer")
                .put("type", "Precompiled")
                .put("precompiled_charsmap", "BAAAAP///z8="));
    put(
        seeds,
        "good-added-words",
        root ->
            root.withArray("added_tokens")
                .addObject()
                .put("id", SIZE)
                .put("content", "the tide")
                .put("single_word", true)
                .put("lstrip", true)
                .put("rstrip", true)
                .put("normalized", true)
                .put("special", false));
    put(seeds, "bad-no-model", root -> root.remove("model"));
    put(seeds, "bad-unigram", root -> model(root).put("type", "Unigram"));
    put(
        seeds,
        "bad-no-unknown",
        root -> model(root).put("byte_fallback", false).remove("unk_token"));
    put(seeds, "bad-unknown", root -> model(root).put("unk_token", "[UNK]"));
    put(seeds, "bad-duplicate-id", root -> vocabulary(root).put("e", 300));
    put(seeds, "bad-id-beyond-rows", root -> vocabulary(root).put("new", FuzzTarget.ROWS));
    put(seeds, "bad-negative-id", root -> vocabulary(root).put("e", -1));
    put(seeds, "bad-merge", root -> model(root).withArray("merges").add("q q"));
    put(seeds, "bad-added-token", root -> ((ObjectNode) root.at("/added_tokens/0")).put("id", 1));
    put(seeds, "bad-part", root -> root.putObject("normalizer").put("type", "Precompiled"));
    String[][] insertions = {
      {"prepend", "{'type':'Prepend','prepend':''}"},
      {"text", "{'type':'Replace','pattern':{'String':''},'content':'x'}"},
      {"pattern", "{'type':'Replace','pattern':{'Regex':'x*'},'content':'y'}"},
    };
    for (String[] each : insertions) {
      JsonNode part = parse(each[1]);
      put(
          seeds,
          "bad-insertion-by-" + each[0],
          root -> {
            root.set("normalizer", part);
            root.putObject("pre_tokenizer").put("type", "ByteLevel").put("add_prefix_space", true);
          });
    }
    seeds.put("bad-empty", new byte[0]);
    seeds.put("bad-array", FuzzSeeds.json("[]"));
    seeds.put("bad-duplicate-key", FuzzSeeds.json("{'model':{},'model':{}}"));
    seeds.put("bad-deep", FuzzSeeds.json("{'model':" + "[".repeat(1200) + "]".repeat(1200) + "}"));
    return seeds;
  }

  private static JsonNode parse(String json) throws IOException {
    return TinyModel.MAPPER.readTree(json.replace('\'', '"'));
  }

  private static void put(Map<String, byte[]> seeds, String name, Consumer<ObjectNode> change)
      throws IOException {
    ObjectNode root = TinyTokenizers.tokenizer(SIZE);
    change.accept(root);
    seeds.put(name, TinyModel.MAPPER.writeValueAsString(root).getBytes(StandardCharsets.UTF_8));
  }

  private static void wordPieces(ObjectNode root) {
    model(root)
        .put("type", "WordPiece")
        .put("continuing_subword_prefix", "##")
        .put("max_input_chars_per_word", 100)
        .remove("merges");
    vocabulary(root).put("##t", SIZE).put("##e", SIZE + 1);
    root.putNull("normalizer").putObject("pre_tokenizer").put("type", "BertPreTokenizer");
  }

  private static ArrayNode pieces(ObjectNode root) {
    return (ArrayNode) model(unigram(root)).path("vocab");
  }

  private static ObjectNode unigram(ObjectNode root) {
    ObjectNode old = vocabulary(root);
    ObjectNode model = root.putObject("model").put("type", "Unigram").put("unk_id", 0);
    String[] byId = new String[old.size()];
    old.properties().forEach(entry -> byId[entry.getValue().intValue()] = entry.getKey());
    ArrayNode list = model.putArray("vocab");
    for (String piece : byId) {
      list.addArray().add(piece).add(-1.5 - 1.0 / piece.length());
    }
    return root;
  }

  /** With the normalizer and pre-tokenizer of another one. */
  private static void unigram(ObjectNode root, JsonNode published) {
    unigram(root).set("normalizer", published.path("normalizer"));
    root.set("pre_tokenizer", published.path("pre_tokenizer"));
  }

  private static ObjectNode model(JsonNode root) {
    return (ObjectNode) root.path("model");
  }

  private static ObjectNode vocabulary(JsonNode root) {
    return (ObjectNode) root.path("model").path("vocab");
  }
}
