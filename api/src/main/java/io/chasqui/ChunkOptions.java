package io.chasqui;

import java.util.Locale;
import java.util.Objects;

/**
 * How long passages are, and how much neighbours share.
 *
 * @param maxTokens most tokens of a passage's text, at least 1
 * @param overlapTokens most tokens that a passage repeats of the one before, less than {@code
 *     maxTokens}
 * @param locale whose rules tell sentences apart
 */
public record ChunkOptions(int maxTokens, int overlapTokens, Locale locale) {
  public ChunkOptions {
    Objects.requireNonNull(locale, "locale");
    if (maxTokens < 1) {
      throw new IllegalArgumentException("maxTokens must be positive: " + maxTokens);
    }
    if (overlapTokens < 0 || overlapTokens >= maxTokens) {
      throw new IllegalArgumentException(
          "overlapTokens must be in 0.." + (maxTokens - 1) + ": " + overlapTokens);
    }
  }

  /** 160 tokens, 32 of them shared, English sentences. */
  public static ChunkOptions defaults() {
    return of(160, 32);
  }

  /** English sentences. */
  public static ChunkOptions of(int maxTokens, int overlapTokens) {
    return new ChunkOptions(maxTokens, overlapTokens, Locale.ENGLISH);
  }

  public ChunkOptions withMaxTokens(int maxTokens) {
    return new ChunkOptions(maxTokens, overlapTokens, locale);
  }

  public ChunkOptions withOverlapTokens(int overlapTokens) {
    return new ChunkOptions(maxTokens, overlapTokens, locale);
  }

  public ChunkOptions withLocale(Locale locale) {
    return new ChunkOptions(maxTokens, overlapTokens, locale);
  }
}
