package io.chasqui.onnx;

import io.chasqui.checkpoint.Role;
import io.chasqui.spi.TokenBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;

/**
 * A token batch as the graph reads it: tokens of all rows one after another without padding, and
 * the indices that carry them to slots [rows, longest] and back. Direct buffers.
 *
 * <p>A shared prefix is there once, first. The slots of every row point to it; as only row 0's are
 * its home, what attention makes of it elsewhere is dropped.
 */
final class PackedBatch {
  /** Position of a slot that holds padding. */
  private static final long PADDING = -1;

  private final int rows;
  private final int longest;
  private final int tokens;
  private final LongBuffer ids;
  private final LongBuffer slots;
  private final LongBuffer slotPositions;
  private final LongBuffer slotReach;
  private final LongBuffer windowFirst;
  private final LongBuffer windowLast;
  private final LongBuffer tokenSlots;
  private final LongBuffer pooledTokens;

  /**
   * @param role its attention and pooling apply to all rows; its side of padding decides where
   *     empty slots are, which changes no result
   * @param window tokens at a distance below this are seen by layers that have a window
   */
  PackedBatch(TokenBatch batch, Role role, int window) {
    List<int[]> all = batch.rows();
    boolean causal = role.attention() == Role.Attention.CAUSAL;
    int shared = causal ? batch.sharedPrefix() : 0; // else a prefix sees what follows it
    rows = all.size();
    longest = batch.longest();
    tokens = Math.toIntExact(tokens(batch, shared));
    ids = direct(tokens);
    tokenSlots = direct(tokens);
    int slotCount = Math.multiplyExact(rows, longest);
    slots = direct(slotCount); // an empty one reads token 0, and nobody sees it
    slotPositions = direct(slotCount);
    slotReach = direct(slotCount);
    windowFirst = direct(slotCount);
    windowLast = direct(slotCount);
    pooledTokens = direct(rows);
    int next = shared;
    for (int row = 0; row < rows; row++) {
      int[] rowIds = all.get(row);
      int padding = longest - rowIds.length;
      int home = row * longest + (role.tokens().padSide() == Role.PadSide.LEFT ? padding : 0);
      for (int i = 0; i < longest; i++) {
        slotPositions.put(row * longest + i, PADDING);
      }
      for (int position = 0; position < rowIds.length; position++) {
        int token = position < shared ? position : next + position - shared;
        int slot = home + position;
        slots.put(slot, token);
        slotPositions.put(slot, position);
        int reach = causal ? position : rowIds.length - 1;
        slotReach.put(slot, reach);
        windowFirst.put(slot, Math.max(0, position - (window - 1)));
        windowLast.put(slot, Math.min(reach, position + (window - 1L)));
        if (position >= shared || row == 0) {
          ids.put(token, rowIds[position]);
          tokenSlots.put(token, slot);
        }
      }
      int pooled = role.pooling() == Role.Pooling.CLS ? 0 : rowIds.length - 1;
      pooledTokens.put(row, pooled < shared ? pooled : next + pooled - shared);
      next += rowIds.length - shared;
    }
  }

  private static long tokens(TokenBatch batch, int shared) {
    long all = batch.rows().stream().mapToLong(row -> row.length).sum();
    return all - (long) shared * (batch.rows().size() - 1);
  }

  int rows() {
    return rows;
  }

  /** Slots per row. */
  int longest() {
    return longest;
  }

  /** Tokens that linear layers compute. */
  int tokens() {
    return tokens;
  }

  /** Token ids, [tokens]. */
  LongBuffer ids() {
    return ids;
  }

  /** The token in each slot, [rows, longest]. */
  LongBuffer slots() {
    return slots;
  }

  /** The position in its row of each slot's token, −1 for padding; [rows, longest]. */
  LongBuffer slotPositions() {
    return slotPositions;
  }

  /** The last position that each slot's token sees, [rows, longest]. */
  LongBuffer slotReach() {
    return slotReach;
  }

  /** The first position that each slot's token sees in layers with a window, [rows, longest]. */
  LongBuffer windowFirst() {
    return windowFirst;
  }

  /** The last position that each slot's token sees in layers with a window, [rows, longest]. */
  LongBuffer windowLast() {
    return windowLast;
  }

  /** The slot in which attention computes each token, [tokens]. */
  LongBuffer tokenSlots() {
    return tokenSlots;
  }

  /** The token that is pooled of each row, [rows]. */
  LongBuffer pooledTokens() {
    return pooledTokens;
  }

  /** Each row's share in a mean of its tokens, [rows, tokens]. */
  FloatBuffer poolWeights() {
    FloatBuffer weights =
        ByteBuffer.allocateDirect(Math.multiplyExact(Math.multiplyExact(rows, tokens), Float.BYTES))
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    for (int row = 0; row < rows; row++) {
      int length = 0;
      for (int i = 0; i < longest; i++) {
        length += slotPositions.get(row * longest + i) == PADDING ? 0 : 1;
      }
      for (int i = 0; i < longest; i++) {
        int slot = row * longest + i;
        if (slotPositions.get(slot) != PADDING) {
          weights.put(Math.toIntExact(row * (long) tokens + slots.get(slot)), 1f / length);
        }
      }
    }
    return weights;
  }

  /** One value for every row. */
  LongBuffer everyRow(long value) {
    LongBuffer buffer = direct(rows);
    for (int row = 0; row < rows; row++) {
      buffer.put(row, value);
    }
    return buffer;
  }

  private static LongBuffer direct(int size) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(size, Long.BYTES))
        .order(ByteOrder.nativeOrder())
        .asLongBuffer();
  }
}
