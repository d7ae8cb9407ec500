package io.chasqui.checkpoint.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Minimal tokenizers of Llama's kind (BPE, byte fallback, U+2581 for spaces) of any vocabulary
 * size, so that random checkpoints become complete models: unknown 0, BOS 1, EOS 2.
 */
public final class TinyTokenizers {
  /** Three special tokens, 256 bytes, the space. */
  public static final int SMALLEST = 3 + 256 + 1;

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String SPACE = "\u2581";
  private static final String LETTERS = "etaoinshrdlcumwfgypbvkjxqz0123456789.,:?ETAOINSHRDLCUMW";

  private TinyTokenizers() {}

  /**
   * Writes {@code tokenizer.json}, {@code tokenizer_config.json} and {@code
   * special_tokens_map.json}.
   *
   * @param vocabularySize ids are below this and all used; at least {@link #SMALLEST}
   */
  public static void write(Path directory, int vocabularySize) throws IOException {
    Files.createDirectories(directory);
    write(directory, "tokenizer.json", tokenizer(vocabularySize));
    ObjectNode config = MAPPER.createObjectNode();
    config.put("add_bos_token", true).put("add_eos_token", false);
    config.put("bos_token", "<s>").put("eos_token", "</s>").put("unk_token", "<unk>");
    config.put("tokenizer_class", "LlamaTokenizer").put("legacy", false);
    write(directory, "tokenizer_config.json", config);
    ObjectNode map = MAPPER.createObjectNode();
    map.put("bos_token", "<s>").put("eos_token", "</s>").put("unk_token", "<unk>");
    write(directory, "special_tokens_map.json", map);
  }

  private static void write(Path directory, String name, ObjectNode json) throws IOException {
    Files.write(
        directory.resolve(name), MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
  }

  /** A {@code tokenizer.json}. */
  public static ObjectNode tokenizer(int vocabularySize) {
    if (vocabularySize < SMALLEST) {
      throw new IllegalArgumentException(
          "vocabularySize must be at least " + SMALLEST + ": " + vocabularySize);
    }
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    List<String[]> merges = new ArrayList<>();
    fill(vocabularySize, vocabulary, merges);

    ObjectNode root = MAPPER.createObjectNode();
    root.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    for (String special : List.of("<unk>", "<s>", "</s>")) {
      added
          .addObject()
          .put("id", vocabulary.get(special))
          .put("content", special)
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    ObjectNode normalizer = root.putObject("normalizer").put("type", "Sequence");
    ArrayNode normalizers = normalizer.putArray("normalizers");
    normalizers.addObject().put("type", "Prepend").put("prepend", SPACE);
    ObjectNode replace = normalizers.addObject().put("type", "Replace").put("content", SPACE);
    replace.putObject("pattern").put("String", " ");
    root.putNull("pre_tokenizer").putNull("post_processor").putNull("decoder");
    ObjectNode model = root.putObject("model");
    model.put("type", "BPE").putNull("dropout").put("unk_token", "<unk>");
    model.put("fuse_unk", true).put("byte_fallback", true);
    ObjectNode pieces = model.putObject("vocab");
    vocabulary.forEach(pieces::put);
    ArrayNode pairs = model.putArray("merges");
    merges.forEach(merge -> pairs.add(merge[0] + " " + merge[1]));
    return root;
  }

  private static void fill(int size, Map<String, Integer> vocabulary, List<String[]> merges) {
    for (String special : List.of("<unk>", "<s>", "</s>")) {
      vocabulary.put(special, vocabulary.size());
    }
    for (int b = 0; b < 256; b++) {
      vocabulary.put("<0x%02X>".formatted(b), vocabulary.size());
    }
    vocabulary.put(SPACE, vocabulary.size());
    List<String> singles = new ArrayList<>(List.of(SPACE));
    for (int i = 0; i < LETTERS.length() && vocabulary.size() < size; i++) {
      singles.add(LETTERS.substring(i, i + 1));
      vocabulary.put(LETTERS.substring(i, i + 1), vocabulary.size());
    }
    // Longer and longer pieces: each known one with each letter behind it.
    List<String> known = new ArrayList<>(singles);
    for (int i = 0; vocabulary.size() < size; i++) {
      for (int j = 1; j < singles.size() && vocabulary.size() < size; j++) {
        String product = known.get(i) + singles.get(j);
        if (vocabulary.putIfAbsent(product, vocabulary.size()) == null) {
          merges.add(new String[] {known.get(i), singles.get(j)});
          known.add(product);
        }
      }
    }
  }
}
