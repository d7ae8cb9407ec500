package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One safetensors file, memory-mapped. Immutable and thread-safe; its channel is closed once it is
 * mapped, so that no interrupted thread can take it from others. The mapping goes when this object
 * is garbage: until then Windows will not delete the file. The file must not be changed or cut
 * meanwhile.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
public final class SafetensorsFile implements Tensors {
  private static final int LENGTH_BYTES = 8;

  private final Path file;
  private final Map<String, TensorInfo> tensors;
  private final Map<String, String> metadata;
  private final MappedSpans spans;

  private SafetensorsFile(Path file, SafetensorsHeader header, MappedSpans spans) {
    this.file = file;
    this.tensors = Collections.unmodifiableMap(header.tensors());
    this.metadata = Collections.unmodifiableMap(header.metadata());
    this.spans = spans;
  }

  /**
   * Reads the header, checks all of it, and maps the data.
   *
   * @param file symbolic links are followed
   * @throws ModelFormatException if the header is not as the format wants it, or does not cover the
   *     file exactly
   */
  public static SafetensorsFile read(Path file) throws IOException {
    Path real = file.toRealPath();
    if (!Files.isRegularFile(real)) {
      throw new ModelFormatException(file, "", "not a regular file");
    }
    try (FileChannel channel = FileChannel.open(real)) {
      long size = channel.size();
      long headerLength = headerLength(real, channel, size);
      long dataStart = LENGTH_BYTES + headerLength;
      SafetensorsHeader header;
      try (InputStream in =
          new LimitedInputStream(Channels.newInputStream(channel), headerLength)) {
        header = SafetensorsHeader.parse(real, new BufferedInputStream(in, 1 << 16), dataStart);
      }
      List<TensorInfo> inOrder = contiguous(real, header, dataStart, size);
      return new SafetensorsFile(real, header, MappedSpans.map(real, channel, inOrder));
    }
  }

  private static long headerLength(Path file, FileChannel channel, long size) throws IOException {
    if (size < LENGTH_BYTES) {
      throw new ModelFormatException(
          file,
          "",
          size == 0 ? "empty file" : "only " + size + " bytes: no room for the header's length");
    }
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (length.hasRemaining() && channel.read(length) >= 0) {}
    long headerLength = length.flip().getLong();
    if (headerLength < 0 || headerLength > SafetensorsHeader.MAX_BYTES) {
      throw new ModelFormatException(
          file,
          "header",
          "its length is %s bytes, more than %d: not a safetensors file, or damaged"
              .formatted(Long.toUnsignedString(headerLength), SafetensorsHeader.MAX_BYTES));
    }
    if (headerLength > size - LENGTH_BYTES) {
      throw new ModelFormatException(
          file,
          "header",
          "its %d bytes reach past the end of the file (%d bytes)".formatted(headerLength, size));
    }
    return headerLength;
  }

  /** The tensors by offset, after checking that they cover the data without hole or overlap. */
  private static List<TensorInfo> contiguous(
      Path file, SafetensorsHeader header, long dataStart, long size) {
    List<TensorInfo> inOrder = new ArrayList<>(header.tensors().values());
    inOrder.sort(
        Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::length));
    long end = dataStart;
    String previous = "the header";
    for (TensorInfo tensor : inOrder) {
      if (tensor.offset() != end) {
        throw new ModelFormatException(
            file,
            tensor.name(),
            "%s between it and %s: begins at byte %d of the data, expected %d"
                .formatted(
                    tensor.offset() > end ? "a hole" : "an overlap",
                    previous,
                    tensor.offset() - dataStart,
                    end - dataStart));
      }
      end += tensor.length();
      previous = tensor.name();
      if (end > size) {
        throw new ModelFormatException(
            file,
            tensor.name(),
            "ends at byte %d, past the end of the file (%d bytes): a cut download?"
                .formatted(end, size));
      }
    }
    if (end < size) {
      throw new ModelFormatException(
          file, "", "%d bytes after the last tensor".formatted(size - end));
    }
    return inOrder;
  }

  /** The real file, symbolic links resolved. */
  public Path file() {
    return file;
  }

  /** The header's {@code __metadata__}, such as {@code format: pt}. */
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public Map<String, TensorInfo> all() {
    return tensors;
  }

  @Override
  public ByteBuffer bytes(String name) {
    TensorInfo tensor = info(name);
    if (tensor.length() > Integer.MAX_VALUE) {
      throw new ModelFormatException(
          file, name, tensor.length() + " bytes: tensors of 2 GiB or more do not fit one buffer");
    }
    return spans.slice(tensor.offset(), (int) tensor.length());
  }

  @Override
  public float[] floats(String name) {
    TensorInfo tensor = info(name);
    DType dtype = tensor.dtype();
    if (!dtype.isFloat()) {
      throw new ModelFormatException(file, name, "expected floating-point numbers, found " + dtype);
    }
    // A few below 2^31 is the longest array that JVMs make.
    if (tensor.elements() > Integer.MAX_VALUE - 8) {
      throw new ModelFormatException(
          file, name, tensor.elements() + " elements do not fit one array");
    }
    float[] values = new float[(int) tensor.elements()];
    int done = 0;
    while (done < values.length) {
      int count = Math.min(values.length - done, MappedSpans.MAX_SPAN / dtype.bytes());
      long offset = tensor.offset() + (long) done * dtype.bytes();
      ElementCodec.decode(dtype, spans.slice(offset, count * dtype.bytes()), values, done, count);
      done += count;
    }
    return values;
  }

  @Override
  public float[] row(String name, int row) {
    TensorInfo tensor = info(name);
    TensorRow at = TensorRow.of(tensor, row);
    return at.decode(spans.slice(tensor.offset() + at.offset(), at.bytes()));
  }

  TensorInfo info(String name) {
    return Optional.ofNullable(tensors.get(name))
        .orElseThrow(() -> new ModelFormatException(file, name, "no such tensor"));
  }

  @Override
  public String toString() {
    return "SafetensorsFile[" + file + ", " + tensors.size() + " tensors]";
  }
}
