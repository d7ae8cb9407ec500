package io.chasqui.onnx;

import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.RoleTemplate.Framed;
import io.chasqui.checkpoint.RoleTemplate.Part;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.List;

/** A token batch as exported graphs read it: [rows, longest], filled up with padding. */
final class PaddedBatch {
  private final List<int[]> rows;
  private final int longest;
  private final int pad;
  private final boolean left;
  private final int[] separator; // what stands between the texts of a pair; empty if nothing does

  PaddedBatch(List<int[]> rows, Role role) {
    this.rows = rows;
    this.longest = rows.stream().mapToInt(row -> row.length).max().orElseThrow();
    this.pad = role.tokens().pad();
    this.left = role.tokens().padSide() == Role.PadSide.LEFT;
    this.separator =
        role.template() instanceof Framed framed
                && framed.between().stream().allMatch(part -> part instanceof Part.Id)
            ? framed.between().stream().mapToInt(part -> ((Part.Id) part).id()).toArray()
            : new int[0];
  }

  int rows() {
    return rows.size();
  }

  int longest() {
    return longest;
  }

  /** Tokens of a row. */
  int length(int row) {
    return rows.get(row).length;
  }

  /** The column of a row's first token. */
  int first(int row) {
    return left ? longest - length(row) : 0;
  }

  /** What a slot is filled with. */
  @FunctionalInterface
  private interface Filler {
    long value(int[] row, int position);
  }

  LongBuffer ids() {
    return fill(pad, (row, position) -> row[position]);
  }

  /** 1 where there is a token. */
  LongBuffer mask() {
    return fill(0, (row, position) -> 1);
  }

  /** Positions in the row, from 0. */
  LongBuffer positions() {
    return fill(0, (row, position) -> position);
  }

  /**
   * 0 for a first text and what frames it, 1 for a second.
   *
   * @param types how many the model knows; with one all are 0
   */
  LongBuffer segments(int types) {
    LongBuffer segments = fill(0, (row, position) -> 0);
    if (types < 2 || separator.length == 0) {
      return segments;
    }
    for (int row = 0; row < rows.size(); row++) {
      // No text yields the separator's ids, so its first place is the one between the texts.
      for (int i = endOfSeparator(rows.get(row)); i < length(row); i++) {
        segments.put(row * longest + first(row) + i, 1);
      }
    }
    return segments;
  }

  private int endOfSeparator(int[] row) {
    for (int start = 0; start + separator.length <= row.length; start++) {
      int matched = 0;
      while (matched < separator.length && row[start + matched] == separator[matched]) {
        matched++;
      }
      if (matched == separator.length) {
        return start + matched;
      }
    }
    return row.length;
  }

  private LongBuffer fill(long padding, Filler filler) {
    int slots = Math.multiplyExact(rows.size(), longest);
    LongBuffer buffer =
        ByteBuffer.allocateDirect(Math.multiplyExact(slots, Long.BYTES))
            .order(ByteOrder.nativeOrder())
            .asLongBuffer();
    for (int slot = 0; slot < slots; slot++) {
      buffer.put(slot, padding);
    }
    for (int row = 0; row < rows.size(); row++) {
      int[] ids = rows.get(row);
      for (int position = 0; position < ids.length; position++) {
        buffer.put(row * longest + first(row) + position, filler.value(ids, position));
      }
    }
    return buffer;
  }
}
