package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.TrainingException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BpeTrainerTest {
  private static final BpeOptions SMALL = BpeOptions.defaults().withVocabularySize(300);

  @Test
  void theMostFrequentPairBecomesAPieceFirst() {
    BpeVocabulary vocabulary = BpeTrainer.train(Stream.of("low low low lower lowest"), SMALL);

    // "lo", "ow" and "▁l" occur five times each: the tie goes to the lower text.
    assertEquals(
        List.of(
            new BpeMerge("l", "o"),
            new BpeMerge("lo", "w"),
            new BpeMerge("▁", "low"),
            new BpeMerge("▁low", "e")),
        vocabulary.merges().subList(0, 4));
  }

  @Test
  void idsAreSpecialsThenBytesThenMergesThenCharactersByFrequency() {
    BpeVocabulary vocabulary = BpeTrainer.train(Stream.of("aab aab aab"), SMALL);

    assertEquals(List.of("<unk>", "<s>", "</s>", "<0x00>"), vocabulary.pieces().subList(0, 4));
    assertEquals("<0xFF>", vocabulary.pieces().get(258));
    assertEquals(
        List.of("aa", "aab", "▁aab", "a", "b", "▁"),
        vocabulary.pieces().subList(259, vocabulary.size()));
  }

  @Test
  void piecesCrossNeitherSpacesNorSignsNorDigits() {
    String text = "map.get(12) returns 12, map.get(12) returns 12, ".repeat(20);
    BpeVocabulary vocabulary = BpeTrainer.train(Stream.of(text), SMALL.withVocabularySize(500));

    for (BpeMerge merge : vocabulary.merges()) {
      String piece = merge.product();
      assertTrue(piece.lastIndexOf('▁') <= 0, piece);
      String inner = piece.replace("▁", "");
      assertTrue(inner.matches("[a-z]+|[^a-z0-9]+"), piece);
    }
  }

  @Test
  void aRareCharacterGetsNoPiece() {
    String text = "abc ".repeat(1000) + "ß";
    BpeVocabulary vocabulary =
        BpeTrainer.train(Stream.of(text), SMALL.withCharacterCoverage(0.999));

    assertFalse(vocabulary.pieces().contains("ß"));
    assertTrue(
        BpeTrainer.train(Stream.of(text), SMALL.withCharacterCoverage(1)).pieces().contains("ß"));
  }

  @Test
  void theVocabularyIsAsLargeAsAskedForIfTheTextSuffices() {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      texts.add(
          Integer.toString(i * 7919, 26).replaceAll("[0-9]", "q")
              + " word"
              + (char) ('a' + i % 20));
    }
    assertEquals(400, BpeTrainer.train(texts.stream(), SMALL.withVocabularySize(400)).size());
  }

  @Test
  void noPieceIsLongerThanAllowed() {
    BpeVocabulary vocabulary =
        BpeTrainer.train(Stream.of("abcdefgh ".repeat(9)), SMALL.withMaxPieceLength(4));

    assertTrue(vocabulary.pieces().stream().skip(259).allMatch(piece -> piece.length() <= 4));
    assertTrue(vocabulary.pieces().stream().skip(259).anyMatch(piece -> piece.length() == 4));
  }

  @Test
  void textIsNeeded() {
    assertThrows(TrainingException.class, () -> BpeTrainer.train(Stream.of(), SMALL));
    assertThrows(TrainingException.class, () -> BpeTrainer.train(Stream.of("", ""), SMALL));
  }

  @Test
  void tooManyCharactersAreAnErrorThatSaysHowMany() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      text.append((char) ('一' + i));
    }
    TrainingException error =
        assertThrows(
            TrainingException.class,
            () -> BpeTrainer.train(Stream.of(text.toString()), SMALL.withCharacterCoverage(1)));

    assertTrue(error.getMessage().startsWith("61 characters"), error.getMessage());
  }

  @Test
  void optionsAreCheckedWithTheirValue() {
    BpeOptions options = BpeOptions.defaults();
    for (Runnable wrong :
        List.<Runnable>of(
            () -> options.withVocabularySize(259),
            () -> options.withVocabularySize(1_000_001),
            () -> options.withCharacterCoverage(0),
            () -> options.withCharacterCoverage(Double.NaN),
            () -> options.withMinFrequency(0),
            () -> options.withMaxPieceLength(0))) {
      assertThrows(IllegalArgumentException.class, wrong::run);
    }
  }
}
