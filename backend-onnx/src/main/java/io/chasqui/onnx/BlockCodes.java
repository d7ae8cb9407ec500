package io.chasqui.onnx;

import io.chasqui.Deadline;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Makes the signed bytes of a {@link CodeBlock}: each vector is stretched to the whole range by
 * itself.
 */
final class BlockCodes {
  /** Rows that are turned from lines to columns together: a cache line of codes. */
  private static final int TILE = 64;

  /** Signed bytes without −128. */
  private static final int FULL_RANGE = 127;

  /** 2 · 255 · 63 fits 16 bits. */
  private static final int NARROW_RANGE = 63;

  private final VectorRows vectors;
  private final int range;
  private final float[] largest; // absolute value of each vector
  private final double most; // of these
  private final int[] order;

  private BlockCodes(VectorRows vectors, int range, float[] largest, double most, int[] order) {
    this.vectors = vectors;
    this.range = range;
    this.largest = largest;
    this.most = most;
    this.order = order;
  }

  /** For these vectors, on this machine. */
  static BlockCodes of(VectorRows vectors) {
    float[] largest = new float[vectors.size()];
    long[] keys = new long[vectors.size()];
    double most = Float.MIN_VALUE;
    float[] row = new float[vectors.dimension()];
    for (int ordinal = 0; ordinal < largest.length; ordinal++) {
      vectors.copy(ordinal, row);
      largest[ordinal] = (float) QueryCodes.largest(row);
      most = Math.max(most, largest[ordinal]);
      keys[ordinal] = RankKey.of(largest[ordinal], ordinal);
    }
    Arrays.sort(keys);
    int[] order = Arrays.stream(keys).mapToInt(RankKey::ordinal).toArray();
    int range = Machine.EXACT ? FULL_RANGE : NARROW_RANGE;
    return new BlockCodes(vectors, range, largest, most, order);
  }

  /**
   * A block of those vectors that come from {@code first} to before {@code end} by their scales:
   * the more these are alike, the closer is the lowest sum of a block that has to be looked at.
   */
  CodeBlock load(int first, int end) {
    int rows = end - first;
    int dimension = vectors.dimension();
    byte[] codes = new byte[Math.multiplyExact(rows, dimension)]; // [dimension, rows]
    int[] ordinals = Arrays.copyOfRange(order, first, end);
    float[] scales = new float[rows];
    byte[][] tile = new byte[TILE][dimension];
    float[] row = new float[dimension];
    for (int from = 0; from < rows; from += TILE) {
      int size = Math.min(TILE, rows - from);
      for (int t = 0; t < size; t++) {
        int ordinal = ordinals[from + t];
        vectors.copy(ordinal, row);
        quantise(row, range / (double) largest[ordinal], tile[t]);
        // In parts of the largest of all: nothing overflows.
        scales[from + t] = (float) (largest[ordinal] / most / range);
      }
      for (int i = 0; i < dimension; i++) {
        for (int t = 0; t < size; t++) {
          codes[i * rows + from + t] = tile[t][i];
        }
      }
    }
    return CodeBlock.load(new BlockRows(ordinals, scales), dimension, codes);
  }

  private static void quantise(float[] row, double factor, byte[] codes) {
    for (int i = 0; i < row.length; i++) {
      codes[i] = (byte) Math.round(row[i] * factor);
    }
  }

  /**
   * Whether products of bytes are summed exactly. Processors with AVX2 and without VNNI add two of
   * them in 16 bits and cut off what does not fit; vectors must have smaller codes there.
   */
  private static final class Machine {
    private static final int DIMENSION = 64;
    private static final int ROWS = 16;

    static final boolean EXACT = probe();

    private static boolean probe() {
      byte[] codes = new byte[DIMENSION * ROWS];
      Arrays.fill(codes, (byte) FULL_RANGE);
      float[] scales = new float[ROWS];
      Arrays.fill(scales, 1f);
      BlockRows rows = new BlockRows(new int[ROWS], scales);
      RunWatchdog watchdog = new RunWatchdog();
      try (watchdog;
          CodeBlock block = CodeBlock.load(rows, DIMENSION, codes)) {
        ByteBuffer query = CodeBlock.direct(DIMENSION);
        for (int i = 0; i < DIMENSION; i++) {
          query.put(i, (byte) 255);
        }
        Candidates best = new Candidates(1);
        block.search(query, List.of(best), null, watchdog, Deadline.none());
        return best.best() == DIMENSION * (255f - QueryCodes.ZERO) * FULL_RANGE;
      }
    }
  }
}
