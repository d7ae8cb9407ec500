package io.chasqui.djl;

import ai.djl.pytorch.engine.PtNDArray;
import io.chasqui.checkpoint.AttentionConfig;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What attention does not see, as numbers added to scores: 0, or {@link #HIDDEN}. Padding stands at
 * the right, so a causal mask hides it from every real token already.
 */
final class Masks {
  /** Finite: a padded token that sees nothing must not give NaN. */
  private static final float HIDDEN = -1e30f;

  private static final int SMALLEST_TABLE = 64;
  private static final int NO_WINDOW = Integer.MAX_VALUE;

  private final Scope scope;
  private final boolean causal;
  private final Map<Integer, PtNDArray> squares = new HashMap<>();

  Masks(Scope scope, boolean causal) {
    this.scope = scope;
    this.causal = causal;
  }

  private static int size(AttentionConfig.@Nullable Window window) {
    return window == null ? NO_WINDOW : window.size();
  }

  /** For all tokens as queries: [length, length], or [rows, 1, 1, length, length]. */
  PtNDArray all(Ops ops, TokenBlock block, AttentionConfig.@Nullable Window window) {
    int length = block.longest();
    PtNDArray square = square(size(window), length);
    PtNDArray head = ops.slice(ops.slice(square, 0, 0, length), 1, 0, length);
    boolean ragged = block.rows().stream().anyMatch(row -> row.length < length);
    if (causal || !ragged) {
      return head;
    }
    float[] padding = new float[block.size() * length];
    for (int i = 0; i < block.size(); i++) {
      Arrays.fill(padding, i * length + block.rows().get(i).length, (i + 1) * length, HIDDEN);
    }
    return ops.add(head, ops.scope().floats(padding, block.size(), 1, 1, 1, length));
  }

  /** For one token of each row as its query: [rows, 1, 1, 1, length]. */
  PtNDArray at(
      Ops ops, TokenBlock block, long[] positions, AttentionConfig.@Nullable Window window) {
    int length = block.longest();
    List<int[]> rows = block.rows();
    float[] mask = new float[rows.size() * length];
    for (int i = 0; i < rows.size(); i++) {
      for (int j = 0; j < length; j++) {
        boolean seen = j < rows.get(i).length && sees(positions[i], j, size(window));
        mask[i * length + j] = seen ? 0 : HIDDEN;
      }
    }
    return ops.scope().floats(mask, rows.size(), 1, 1, 1, length);
  }

  private boolean sees(long query, long key, int window) {
    long distance = query - key;
    return causal ? distance >= 0 && distance < window : Math.abs(distance) < window;
  }

  private PtNDArray square(int window, int length) {
    PtNDArray found = squares.get(window);
    if (found == null || found.getShape().get(0) < length) {
      int side = Math.max(SMALLEST_TABLE, Integer.highestOneBit(length - 1) * 2);
      float[] values = new float[Math.multiplyExact(side, side)];
      for (int i = 0; i < side; i++) {
        for (int j = 0; j < side; j++) {
          values[i * side + j] = sees(i, j, window) ? 0 : HIDDEN;
        }
      }
      found = scope.floats(values, side, side);
      squares.put(window, found);
    }
    return found;
  }
}
