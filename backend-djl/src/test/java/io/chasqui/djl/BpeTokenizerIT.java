package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.chasqui.checkpoint.JsonTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the trainer writes, read by Hugging Face's own library and by the project's. */
class BpeTokenizerIT {
  private static final List<String> TEXTS =
      List.of(
          "Returns the number of elements in this queue, or 17 if there are none.",
          "Returns an iterator over the elements of the queue: 42 elements.",
          "Le chasqui court, le message passe; déjà vu à Cuzco.",
          "The runner hands the message over to the next runner.");

  @TempDir static Path directory;
  private static BpeVocabulary vocabulary;

  @BeforeAll
  static void train() throws IOException {
    vocabulary =
        BpeTrainer.train(
            Stream.generate(TEXTS::stream).limit(5).flatMap(s -> s),
            BpeOptions.defaults().withVocabularySize(420).withCharacterCoverage(1));
    vocabulary.write(directory);
  }

  @Test
  void bothLibrariesGiveTheIdsOfTheMergesInTheirOrder() throws IOException {
    List<String> texts = new ArrayList<>(TEXTS);
    texts.addAll(
        List.of("x", " ", "  two  spaces ", "un\nline", "日本 ñandú 😀", "</s> <s>", "0x1F"));
    try (JsonTokenizer ours = JsonTokenizer.open(directory);
        HuggingFaceTokenizer theirs =
            HuggingFaceTokenizer.newInstance(
                directory.resolve("tokenizer.json"),
                Map.of("truncation", "false", "padding", "false"))) {
      for (String text : texts) {
        int[] expected = merged(text);
        assertArrayEquals(expected, ours.tokenize(text).ids(), text);
        if (!text.contains("<")) { // there, a special token's text is the token
          long[] found = theirs.encode(text, false, false).getIds();
          assertArrayEquals(
              expected, Arrays.stream(found).mapToInt(id -> (int) id).toArray(), text);
          assertEquals(text, theirs.decode(found), text);
        }
      }
    }
  }

  @Test
  void specialTokensAreWhereLlamaHasThem() throws IOException {
    try (JsonTokenizer tokenizer = JsonTokenizer.open(directory)) {
      assertEquals(vocabulary.size(), tokenizer.vocabularySize());
      assertEquals(Map.of(0, "<unk>", 1, "<s>", 2, "</s>"), tokenizer.specialTokens().contents());
    }
    try (HuggingFaceTokenizer theirs =
        HuggingFaceTokenizer.newInstance(directory.resolve("tokenizer.json"))) {
      assertEquals(1, theirs.encode("a", true, false).getIds()[0]);
    }
  }

  /** The whole text at once, each merge where it applies, best first, from the left. */
  private static int[] merged(String text) {
    List<String> row =
        new ArrayList<>(
            ("▁" + text.replace(' ', '▁')).codePoints().mapToObj(Character::toString).toList());
    for (BpeMerge merge : vocabulary.merges()) {
      for (int i = 0; i + 1 < row.size(); i++) {
        if (row.get(i).equals(merge.left()) && row.get(i + 1).equals(merge.right())) {
          row.set(i, merge.product());
          row.remove(i + 1);
        }
      }
    }
    return row.stream().flatMapToInt(BpeTokenizerIT::ids).toArray();
  }

  private static IntStream ids(String piece) {
    int id = vocabulary.pieces().indexOf(piece);
    if (id >= 0) {
      return IntStream.of(id);
    }
    byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
    return IntStream.range(0, bytes.length).map(i -> 3 + Byte.toUnsignedInt(bytes[i]));
  }
}
