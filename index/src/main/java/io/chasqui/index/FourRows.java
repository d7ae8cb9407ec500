package io.chasqui.index;

import io.chasqui.spi.VectorSource;
import java.nio.ByteBuffer;

/** Comparisons of four rows at a time. One thread. */
abstract class FourRows implements VectorSource.Comparison {
  private final RowFile rows;
  private final Object[] handles = new Object[4];
  private final ByteBuffer[] chunks = new ByteBuffer[4];
  private final int[] starts = new int[4];
  private final float[] four = new float[4];

  FourRows(RowFile rows) {
    this.rows = rows;
  }

  /** The similarities of the rows at four places. */
  abstract void compareFour(
      Object[] handles, ByteBuffer[] chunks, int[] starts, float[] similarities);

  @Override
  public final void similarities(int[] ordinals, int count, float[] similarities) {
    int i = 0;
    for (; i + 2 < count; i += 4) {
      int present = Math.min(4, count - i);
      for (int row = 0; row < 4; row++) {
        // Of three rows the last is compared twice: cheaper than three alone.
        int ordinal = ordinals[i + Math.min(row, present - 1)];
        handles[row] = rows.handle(ordinal);
        chunks[row] = rows.bytes(ordinal);
        starts[row] = rows.start(ordinal);
      }
      compareFour(handles, chunks, starts, four);
      System.arraycopy(four, 0, similarities, i, present);
    }
    for (; i < count; i++) {
      similarities[i] = similarity(ordinals[i]);
    }
  }
}
