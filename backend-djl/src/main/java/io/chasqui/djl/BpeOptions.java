package io.chasqui.djl;

/**
 * How a tokenizer is trained.
 *
 * @param vocabularySize pieces in all, with the 3 special and the 256 byte ones: at least 260, at
 *     most 1,000,000. The vocabulary gets smaller if the text does not hold enough pairs
 * @param characterCoverage share of the text's characters that get a piece of their own, the most
 *     frequent first; above 0, at most 1. The rest is spelt in bytes
 * @param minFrequency a pair that occurs more seldom is not merged; at least 1
 * @param maxPieceLength code points of a piece, at least 1
 */
public record BpeOptions(
    int vocabularySize, double characterCoverage, long minFrequency, int maxPieceLength) {
  private static final int SMALLEST = BpeVocabulary.FIRST_FREE + 1;
  private static final int LARGEST = 1_000_000;

  public BpeOptions {
    if (vocabularySize < SMALLEST || vocabularySize > LARGEST) {
      throw new IllegalArgumentException(
          "vocabularySize must be from %d to %d: %d".formatted(SMALLEST, LARGEST, vocabularySize));
    }
    if (!(characterCoverage > 0 && characterCoverage <= 1)) {
      throw new IllegalArgumentException(
          "characterCoverage must be above 0 and at most 1: " + characterCoverage);
    }
    if (minFrequency < 1) {
      throw new IllegalArgumentException("minFrequency must be at least 1: " + minFrequency);
    }
    if (maxPieceLength < 1) {
      throw new IllegalArgumentException("maxPieceLength must be at least 1: " + maxPieceLength);
    }
  }

  /** 8,000 pieces of at most 16 characters, coverage 0.9999, pairs that occur twice. */
  public static BpeOptions defaults() {
    return new BpeOptions(8_000, 0.9999, 2, 16);
  }

  public BpeOptions withVocabularySize(int vocabularySize) {
    return new BpeOptions(vocabularySize, characterCoverage, minFrequency, maxPieceLength);
  }

  public BpeOptions withCharacterCoverage(double characterCoverage) {
    return new BpeOptions(vocabularySize, characterCoverage, minFrequency, maxPieceLength);
  }

  public BpeOptions withMinFrequency(long minFrequency) {
    return new BpeOptions(vocabularySize, characterCoverage, minFrequency, maxPieceLength);
  }

  public BpeOptions withMaxPieceLength(int maxPieceLength) {
    return new BpeOptions(vocabularySize, characterCoverage, minFrequency, maxPieceLength);
  }
}
