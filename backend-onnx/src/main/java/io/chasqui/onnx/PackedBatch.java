package io.chasqui.onnx;

import io.chasqui.checkpoint.Role;
import io.chasqui.spi.TokenBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.List;

/**
 * A token batch as the graph reads it: tokens of all rows one after another without padding, and
 * the indices that carry them to slots [rows, longest] and back. Direct buffers.
 *
 * <p>A part's shared prefix is there once, before the part's other tokens. The slots of each of its
 * rows point to it; as only the first row's are its home, what attention makes of it elsewhere is
 * dropped.
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
  private final LongBuffer rowAdapters;

  /**
   * Rows of one role each, with a shared prefix of their own. Attention, pooling and adapter may
   * differ from part to part.
   *
   * @param role its attention and pooling apply to all rows of a part; its side of padding decides
   *     where empty slots are, which changes no result
   * @param adapter its number
   */
  record Part(TokenBatch batch, Role role, int adapter) {
    /** Tokens that its rows share: none unless causal, as a prefix would see what follows it. */
    int shared() {
      return role.attention() == Role.Attention.CAUSAL ? batch.sharedPrefix() : 0;
    }

    long tokens() {
      long all = batch.rows().stream().mapToLong(row -> row.length).sum();
      return all - (long) shared() * (batch.rows().size() - 1);
    }
  }

  /**
   * The tokens that rows of a part share.
   *
   * @param first the number of the first of them
   * @param home the row that they belong to
   */
  private record Prefix(int first, int length, int home) {}

  /**
   * One role's rows.
   *
   * @param window tokens at a distance below this are seen by layers that have a window
   */
  PackedBatch(TokenBatch batch, Role role, int window) {
    this(List.of(new Part(batch, role, RoleHeads.NO_ADAPTER)), window, false);
  }

  /**
   * Rows of several parts, one part after another.
   *
   * @param window tokens at a distance below this are seen by layers that have a window
   * @param paddingBehind whether padding stands behind the tokens, whatever the roles say
   */
  PackedBatch(List<Part> parts, int window, boolean paddingBehind) {
    rows = parts.stream().mapToInt(part -> part.batch().rows().size()).sum();
    longest = parts.stream().mapToInt(part -> part.batch().longest()).max().orElseThrow();
    tokens = Math.toIntExact(parts.stream().mapToLong(Part::tokens).sum());
    ids = direct(tokens);
    tokenSlots = direct(tokens);
    int slotCount = Math.multiplyExact(rows, longest);
    slots = direct(slotCount); // an empty one reads token 0, and nobody sees it
    slotPositions = direct(slotCount);
    slotReach = direct(slotCount);
    windowFirst = direct(slotCount);
    windowLast = direct(slotCount);
    pooledTokens = direct(rows);
    rowAdapters = direct(rows);
    int next = 0;
    int row = 0;
    for (Part part : parts) {
      Role role = part.role();
      Prefix prefix = new Prefix(next, part.shared(), row);
      next += prefix.length();
      boolean left = role.tokens().padSide() == Role.PadSide.LEFT && !paddingBehind;
      for (int[] rowIds : part.batch().rows()) {
        rowAdapters.put(row, part.adapter());
        next = place(row, rowIds, role, left, prefix, next, window);
        row++;
      }
    }
  }

  /** Writes one row; gives the number of the first token behind it. */
  private int place(
      int row, int[] rowIds, Role role, boolean left, Prefix prefix, int next, int window) {
    int shared = prefix.length();
    boolean causal = role.attention() == Role.Attention.CAUSAL;
    int home = row * longest + (left ? longest - rowIds.length : 0);
    for (int i = 0; i < longest; i++) {
      slotPositions.put(row * longest + i, PADDING);
    }
    for (int position = 0; position < rowIds.length; position++) {
      int token = position < shared ? prefix.first() + position : next + position - shared;
      int slot = home + position;
      slots.put(slot, token);
      slotPositions.put(slot, position);
      int reach = causal ? position : rowIds.length - 1;
      slotReach.put(slot, reach);
      windowFirst.put(slot, Math.max(0, position - (window - 1)));
      windowLast.put(slot, Math.min(reach, position + (window - 1L)));
      if (position >= shared || row == prefix.home()) {
        ids.put(token, rowIds[position]);
        tokenSlots.put(token, slot);
      }
    }
    int pooled = role.pooling() == Role.Pooling.CLS ? 0 : rowIds.length - 1;
    pooledTokens.put(row, pooled < shared ? prefix.first() + pooled : next + pooled - shared);
    return next + rowIds.length - shared;
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

  /** The adapter of each row, [rows]. */
  LongBuffer rowAdapters() {
    return rowAdapters;
  }

  /** The position of each row's last token, [rows]. */
  IntBuffer rowLast() {
    IntBuffer last = directInts(rows);
    for (int row = 0; row < rows; row++) {
      long most = 0;
      for (int i = 0; i < longest; i++) {
        most = Math.max(most, slotPositions.get(row * longest + i));
      }
      last.put(row, (int) most);
    }
    return last;
  }

  /** Slots per row as one number. */
  IntBuffer longestRow() {
    return directInts(1).put(0, longest);
  }

  private static IntBuffer directInts(int size) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(size, Integer.BYTES))
        .order(ByteOrder.nativeOrder())
        .asIntBuffer();
  }

  private static LongBuffer direct(int size) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(size, Long.BYTES))
        .order(ByteOrder.nativeOrder())
        .asLongBuffer();
  }
}
