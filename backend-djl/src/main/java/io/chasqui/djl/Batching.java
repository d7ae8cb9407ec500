package io.chasqui.djl;

/**
 * How examples become updates. Immutable.
 *
 * @param size queries (or a language model's sequences) of a micro-batch, within which in-batch
 *     negatives count
 * @param passages candidates per query: the positive and so many − 1 hard negatives, fewer where a
 *     query has fewer
 * @param accumulation micro-batches per update
 * @param tokensPerBlock tokens, padding included, that go through the model at once; a micro-batch
 *     is sorted by length and cut into blocks, so that little is padding
 * @param memory what is computed twice to save memory
 */
public record Batching(
    int size, int passages, int accumulation, int tokensPerBlock, MemoryUse memory) {
  public Batching {
    requirePositive("size", size);
    requirePositive("passages", passages);
    requirePositive("accumulation", accumulation);
    requirePositive("tokensPerBlock", tokensPerBlock);
  }

  /** 8 queries with 16 passages each, as the paper has per device; 4,096 tokens a block. */
  public static Batching defaults() {
    return new Batching(8, 16, 1, 4096, MemoryUse.KEEP_ALL);
  }

  public Batching withSize(int value) {
    return new Batching(value, passages, accumulation, tokensPerBlock, memory);
  }

  public Batching withPassages(int value) {
    return new Batching(size, value, accumulation, tokensPerBlock, memory);
  }

  public Batching withAccumulation(int value) {
    return new Batching(size, passages, value, tokensPerBlock, memory);
  }

  public Batching withTokensPerBlock(int value) {
    return new Batching(size, passages, accumulation, value, memory);
  }

  public Batching withMemory(MemoryUse value) {
    return new Batching(size, passages, accumulation, tokensPerBlock, value);
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be positive: " + value);
    }
  }
}
