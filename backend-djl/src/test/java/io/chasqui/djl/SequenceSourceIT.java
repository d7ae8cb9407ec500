package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chasqui.checkpoint.JsonTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a language model is trained on, with a tokenizer that puts BOS before texts if asked. */
final class SequenceSourceIT {
  private static final int BOS = 1;
  private static final int SEPARATOR = 2;
  private static final List<String> TEXTS =
      List.of("the queue is empty", "<s> is no start here, </s> no end", "the map is full");

  @TempDir Path directory;

  private int[] joined(int length, List<String> texts) throws IOException {
    BpeTrainer.train(TEXTS.stream(), BpeOptions.defaults().withVocabularySize(300))
        .write(directory);
    try (JsonTokenizer tokenizer = JsonTokenizer.open(directory)) {
      SequenceSource source =
          new SequenceSource(
              TrainingData.of(texts), tokenizer, new Objective.LanguageModel(length, SEPARATOR));
      try (Stream<Supplier<int[]>> all = source.epoch(1, 0)) {
        return all.flatMapToInt(sequence -> Arrays.stream(sequence.get())).toArray();
      }
    }
  }

  @Test
  void textsAreJoinedBySeparatorsAloneWithoutBos() throws IOException {
    int[] ids = joined(2, TEXTS);
    assertEquals(0, Arrays.stream(ids).filter(id -> id == BOS).count());
    // The third's separator may be the odd one out that fills no sequence.
    long separators = Arrays.stream(ids).filter(id -> id == SEPARATOR).count();
    assertEquals(ids.length % 2 == 0 && ids[ids.length - 1] == SEPARATOR ? 3 : 2, separators);
  }

  @Test
  void aTextIsTheTokenizersIdsAndTheSeparator() throws IOException {
    String text = TEXTS.get(0);
    int[] found = joined(2, List.of(text));
    try (JsonTokenizer tokenizer = JsonTokenizer.open(directory)) {
      int[] plain = tokenizer.tokenize(text).ids();
      int[] expected = IntStream.concat(Arrays.stream(plain), IntStream.of(SEPARATOR)).toArray();
      assertArrayEquals(Arrays.copyOf(expected, expected.length / 2 * 2), found);
    }
  }
}
