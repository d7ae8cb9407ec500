package io.chasqui.index;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.List;

/** Distinct strings in ascending order (as {@link String#compareTo}), in one array. Immutable. */
final class StringTable {
  private final int[] ends;
  private final byte[] bytes;

  private StringTable(int[] ends, byte[] bytes) {
    this.ends = ends;
    this.bytes = bytes;
  }

  /** Number of strings, where each ends, then all their bytes. */
  static void write(FramedWriter out, List<String> ascending) throws IOException {
    ByteWriter head = new ByteWriter().putInt(ascending.size());
    ByteWriter body = new ByteWriter();
    for (String text : ascending) {
      body.putBytes(Wtf8.encode(text));
      head.putInt(body.length());
    }
    head.drainTo(out);
    body.drainTo(out);
  }

  static StringTable read(ByteReader in) {
    int[] ends = new int[in.getCount(Integer.BYTES)];
    int last = 0;
    for (int i = 0; i < ends.length; i++) {
      ends[i] = in.getInt();
      if (ends[i] < last) {
        throw in.corrupt("a string that ends before it begins");
      }
      last = ends[i];
    }
    StringTable table = new StringTable(ends, in.getBytes(last));
    String previous = "";
    for (int i = 0; i < ends.length; i++) {
      String text;
      try {
        text = table.decode(i);
      } catch (CharacterCodingException e) {
        throw in.corrupt("id " + i + " is not UTF-8");
      }
      if (text.compareTo(previous) <= 0) {
        throw in.corrupt("id " + i + " is not above the one before");
      }
      previous = text;
    }
    return table;
  }

  int size() {
    return ends.length;
  }

  String get(int index) {
    try {
      return decode(index);
    } catch (CharacterCodingException e) {
      throw new IllegalStateException("decoded before", e);
    }
  }

  private String decode(int index) throws CharacterCodingException {
    int start = index == 0 ? 0 : ends[index - 1];
    return Wtf8.decode(bytes, start, ends[index] - start);
  }

  /** The place of a string, negative if it is not here. */
  int find(String text) {
    int low = 0;
    int high = ends.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = get(middle).compareTo(text);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }
}
