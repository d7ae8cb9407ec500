package io.chasqui.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A file of any size mapped read-only in few pieces that begin at tensors: a tensor below 2 GiB
 * lies in one piece, a greater one in pieces of {@link #MAX_SPAN} from its start on.
 */
final class MappedSpans {
  /** Bytes; a multiple of every element's size. */
  static final int MAX_SPAN = 1 << 30;

  private final NavigableMap<Long, ByteBuffer> byOffset = new TreeMap<>();

  private MappedSpans() {}

  /**
   * @param inOrder tensors that cover their range of the file without hole or overlap
   */
  static MappedSpans map(Path file, FileChannel channel, List<TensorInfo> inOrder)
      throws IOException {
    MappedSpans spans = new MappedSpans();
    long start = inOrder.isEmpty() ? 0 : inOrder.get(0).offset();
    long end = start;
    for (TensorInfo tensor : inOrder) {
      long tensorEnd = tensor.offset() + tensor.length();
      if (tensorEnd - start > MAX_SPAN) {
        spans.add(file, channel, start, end);
        start = tensor.offset();
      }
      end = tensorEnd;
      while (end - start > Integer.MAX_VALUE) {
        spans.add(file, channel, start, start + MAX_SPAN);
        start += MAX_SPAN;
      }
    }
    spans.add(file, channel, start, end);
    return spans;
  }

  private void add(Path file, FileChannel channel, long start, long end) throws IOException {
    if (start == end) {
      return;
    }
    try {
      byOffset.put(start, channel.map(FileChannel.MapMode.READ_ONLY, start, end - start));
    } catch (UnsupportedOperationException e) {
      throw new IOException(file + ": its file system cannot map files into memory", e);
    }
  }

  /** Bytes of the file, little-endian, read-only; the range lies inside one piece. */
  ByteBuffer slice(long offset, int length) {
    if (length == 0) {
      return ByteBuffer.allocate(0).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
    var span = byOffset.floorEntry(offset);
    if (span == null) {
      throw new IllegalArgumentException("byte " + offset + " is not mapped");
    }
    int from = (int) (offset - span.getKey());
    return span.getValue().slice(from, length).order(ByteOrder.LITTLE_ENDIAN);
  }
}
