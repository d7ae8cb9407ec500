package io.chasqui.onnx;

import io.chasqui.checkpoint.RopeConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Cosines and sines of rotary positions, [positions, headDim/2], computed in double precision
 * (Hugging Face's float angles are off by 1e-4 at position 4,095). Grows to the longest row met, so
 * that a model made for 131,072 positions costs nothing until they come. Thread-safe.
 */
final class RopeTable {
  private static final int FIRST_POSITIONS = 512;

  private final double[] inverseFrequencies;
  private volatile Tables tables;

  RopeTable(RopeConfig rope, int headDim) {
    this.inverseFrequencies = rope.inverseFrequencies(headDim);
    this.tables = compute(FIRST_POSITIONS);
  }

  /** Tables of at least so many positions. */
  Tables atLeast(int positions) {
    Tables current = tables;
    if (current.positions() >= positions) {
      return current;
    }
    synchronized (this) {
      if (tables.positions() < positions) {
        tables = compute(Math.max(positions, Math.multiplyExact(tables.positions(), 2)));
      }
      return tables;
    }
  }

  /** Tables of just so many positions, which are not kept. */
  Tables exactly(int positions) {
    return compute(positions);
  }

  private Tables compute(int positions) {
    int half = inverseFrequencies.length;
    FloatBuffer cosines = direct(positions, half);
    FloatBuffer sines = direct(positions, half);
    for (int position = 0; position < positions; position++) {
      for (int i = 0; i < half; i++) {
        double angle = position * inverseFrequencies[i];
        cosines.put(position * half + i, (float) Math.cos(angle));
        sines.put(position * half + i, (float) Math.sin(angle));
      }
    }
    return new Tables(positions, half, cosines, sines);
  }

  private static FloatBuffer direct(int positions, int half) {
    int bytes = Math.multiplyExact(Math.multiplyExact(positions, half), Float.BYTES);
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  /**
   * Both tables. Not to be written.
   *
   * @param positions rows
   * @param half columns: pairs of dimensions of a head
   */
  record Tables(int positions, int half, FloatBuffer cosines, FloatBuffer sines) {}
}
