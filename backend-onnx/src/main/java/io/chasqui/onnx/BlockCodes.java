package io.chasqui.onnx;

import io.chasqui.Deadline;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
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
  private final double largest;

  private BlockCodes(VectorRows vectors, int range, double largest) {
    this.vectors = vectors;
    this.range = range;
    this.largest = largest;
  }

  /** For these vectors, on this machine. */
  static BlockCodes of(VectorRows vectors) {
    double largest = Float.MIN_VALUE;
    float[] row = new float[vectors.dimension()];
    for (int ordinal = 0; ordinal < vectors.size(); ordinal++) {
      vectors.copy(ordinal, row);
      largest = Math.max(largest, QueryCodes.largest(row));
    }
    return new BlockCodes(vectors, Machine.EXACT ? FULL_RANGE : NARROW_RANGE, largest);
  }

  /** The rows from {@code first} to before {@code end}, loaded. */
  CodeBlock load(int first, int end) {
    int rows = end - first;
    int dimension = vectors.dimension();
    byte[] codes = new byte[Math.multiplyExact(rows, dimension)]; // [dimension, rows]
    float[] scales = new float[rows];
    byte[][] tile = new byte[TILE][dimension];
    float[] row = new float[dimension];
    for (int from = 0; from < rows; from += TILE) {
      int size = Math.min(TILE, rows - from);
      for (int t = 0; t < size; t++) {
        vectors.copy(first + from + t, row);
        scales[from + t] = quantise(row, tile[t]);
      }
      for (int i = 0; i < dimension; i++) {
        for (int t = 0; t < size; t++) {
          codes[i * rows + from + t] = tile[t][i];
        }
      }
    }
    return CodeBlock.load(first, dimension, codes, scales);
  }

  /** What a code of 1 stands for, in parts of the largest of all: nothing overflows. */
  private float quantise(float[] row, byte[] codes) {
    double most = QueryCodes.largest(row);
    double factor = range / most;
    for (int i = 0; i < row.length; i++) {
      codes[i] = (byte) Math.round(row[i] * factor);
    }
    return (float) (most / largest / range);
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
      RunWatchdog watchdog = new RunWatchdog();
      try (watchdog;
          CodeBlock block = CodeBlock.load(0, DIMENSION, codes, scales)) {
        ByteBuffer query = CodeBlock.direct(DIMENSION);
        for (int i = 0; i < DIMENSION; i++) {
          query.put(i, (byte) 255);
        }
        FloatBuffer penalties = CodeBlock.direct(ROWS * Float.BYTES).asFloatBuffer();
        Candidates best = new Candidates(1);
        block.search(query, penalties, List.of(best), watchdog, Deadline.none());
        return best.worst() == DIMENSION * (255f - QueryCodes.ZERO) * FULL_RANGE;
      }
    }
  }
}
