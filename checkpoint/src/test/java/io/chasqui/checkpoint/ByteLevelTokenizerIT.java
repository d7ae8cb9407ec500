package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.checkpoint.testing.TinyTokenizers;
import io.chasqui.spi.Tokenization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokenizers that are not SentencePiece's: Llama 3's byte-level kind, and Metaspace. */
class ByteLevelTokenizerIT {
  private static final int BOS = 300;
  private static final int EOS = 301;
  private static final String LLAMA_3 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  @TempDir Path directory;

  @BeforeEach
  void writeLlama3() throws IOException {
    ObjectNode root = TinyModel.MAPPER.createObjectNode();
    ArrayNode added = root.putArray("added_tokens");
    added.addObject().put("id", BOS).put("content", "<|begin_of_text|>").put("special", true);
    added.addObject().put("id", EOS).put("content", "<|end_of_text|>").put("special", true);
    for (int i = 0; i < 2; i++) {
      ObjectNode token = (ObjectNode) added.get(i);
      token.put("single_word", false).put("lstrip", false).put("rstrip", false);
      token.put("normalized", false);
    }
    ObjectNode sequence = root.putObject("pre_tokenizer").put("type", "Sequence");
    ArrayNode parts = sequence.putArray("pretokenizers");
    ObjectNode split = parts.addObject().put("type", "Split").put("behavior", "Isolated");
    split.put("invert", false).putObject("pattern").put("Regex", LLAMA_3);
    parts
        .addObject()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", false);
    ObjectNode model = root.putObject("model").put("type", "BPE").put("ignore_merges", true);
    ObjectNode vocabulary = model.putObject("vocab");
    ByteAlphabet.byteLevelPieces().forEach(piece -> vocabulary.put(piece, vocabulary.size()));
    ArrayNode merges = model.putArray("merges");
    for (String pair : new String[] {"t h", "\u0120 t", "th e", "\u0120 a", "i n", "\u0120 in"}) {
      vocabulary.put(pair.replace(" ", ""), vocabulary.size());
      merges.add(pair);
    }
    TinyModel.MAPPER.writeValue(directory.resolve("tokenizer.json").toFile(), root);
  }

  @Test
  void literalsOfSpecialTokensAreText() throws IOException {
    try (JsonTokenizer tokenizer = JsonTokenizer.open(directory, 302, Set.of(BOS, EOS))) {
      String text = "the <|end_of_text|><|begin_of_text|>";
      Tokenization tokens = tokenizer.tokenize(text);
      assertTrue(Arrays.stream(tokens.ids()).allMatch(id -> id < BOS));
      assertEquals(text.length(), tokens.ends()[tokens.size() - 1]);
    }
  }

  @Test
  void partsOfALongTextHaveTheTokensOfTheWhole() throws IOException {
    String text =
        "In the tide's 1234 harbours,\n\n  a thin\u00e9 \uD83D\uDE00 in the in  the ".repeat(80);
    try (JsonTokenizer tokenizer = JsonTokenizer.open(directory)) {
      Tokenization whole = tokenizer.tokenize(text); // at once: below the size of a part
      for (int count = 1; count < whole.size(); count += 1 + count / 6) {
        Tokenization first = tokenizer.tokenize(text, count);
        assertArrayEquals(Arrays.copyOf(whole.ids(), count), first.ids());
        assertArrayEquals(Arrays.copyOf(whole.starts(), count), first.starts());
        assertArrayEquals(Arrays.copyOf(whole.ends(), count), first.ends());
      }
    }
    // and it was really cut
    TokenizerJson json = TokenizerCheck.read(directory.resolve("tokenizer.json"), 302);
    TextCuts cuts = TokenizerPlan.of(json, new TreeMap<>()).cuts();
    assertTrue(cuts.end(text, 0, 256) < 400);
  }

  @Test
  void metaspaceIsTheNewerSpellingOfPrependAndReplace(@TempDir Path newer) throws IOException {
    TinyTokenizers.write(directory, 600);
    TinyTokenizers.write(newer, 600);
    ObjectNode root = TinyTokenizers.tokenizer(600);
    root.putNull("normalizer");
    root.putObject("pre_tokenizer")
        .put("type", "Metaspace")
        .put("replacement", "\u2581")
        .put("prepend_scheme", "first")
        .put("split", false);
    TinyModel.MAPPER.writeValue(newer.resolve("tokenizer.json").toFile(), root);
    try (JsonTokenizer first = JsonTokenizer.open(directory);
        JsonTokenizer second = JsonTokenizer.open(newer)) {
      assertNotSame(first, second);
      for (String text : new String[] {"the tide", "a  b ", "</s> x", "\uD83D\uDE00"}) {
        assertArrayEquals(first.tokenize(text).ids(), second.tokenize(text).ids(), text);
        assertArrayEquals(first.tokenize(text).starts(), second.tokenize(text).starts(), text);
      }
      // Metaspace puts no second space before a leading one
      assertArrayEquals(first.tokenize("the").ids(), second.tokenize(" the").ids());
    }
  }
}
