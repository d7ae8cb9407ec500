package io.chasqui.onnx;

import io.chasqui.onnx.DecoderGraph.Supplied;
import io.chasqui.onnx.OnnxGraph.External;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The one file that an exported graph's constants lie in: first each is given its place, then all
 * are written. Confined to one thread.
 */
final class ExportWeights {
  /** Of a page, so that readers can map a constant where it lies. */
  private static final long ALIGNMENT = 4096;

  private static final int CHUNK_FLOATS = 1 << 16;

  private final String location;
  private final List<External> sources = new ArrayList<>();
  private final List<External> places = new ArrayList<>();
  private final Map<String, FloatBuffer> own = new HashMap<>();
  private long end;

  /**
   * @param location name of the file, beside the graph
   */
  ExportWeights(String location) {
    this.location = location;
  }

  /** Where a constant will lie. */
  External place(External source) {
    External place = new External(source.name(), location, end, source.length());
    sources.add(source);
    places.add(place);
    end = (end + source.length() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return place;
  }

  /** Adds a table of floats to the graph, and to the file. */
  void floats(OnnxGraph graph, String name, FloatBuffer values, long... shape) {
    own.put(name, values);
    List<Long> dimensions = new ArrayList<>();
    for (long dimension : shape) {
      dimensions.add(dimension);
    }
    long bytes = (long) values.capacity() * Float.BYTES;
    graph.external(name, OnnxType.FLOAT, dimensions, location, 0, bytes);
  }

  /**
   * Writes all constants.
   *
   * @param folder that the sources' locations are relative to
   * @param supplied constants that lie in no file
   */
  void write(Path file, Path folder, Map<String, Supplied> supplied) throws IOException {
    supplied.forEach((name, constant) -> own.put(name, constant.values()));
    try (FileChannel target =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int i = 0; i < places.size(); i++) {
        target.position(places.get(i).offset());
        FloatBuffer values = own.get(places.get(i).name());
        if (values == null) {
          copy(sources.get(i), folder, target);
        } else {
          write(values, target);
        }
      }
      target.force(true);
    }
  }

  private static void copy(External source, Path folder, FileChannel target) throws IOException {
    try (FileChannel from = FileChannel.open(folder.resolve(source.location()))) {
      long position = source.offset();
      long last = source.offset() + source.length();
      while (position < last) {
        long copied = from.transferTo(position, last - position, target);
        if (copied <= 0) {
          throw new IOException(source.location() + " ends before byte " + last);
        }
        position += copied;
      }
    }
  }

  private static void write(FloatBuffer values, FileChannel target) throws IOException {
    FloatBuffer rest = values.duplicate().clear();
    ByteBuffer chunk =
        ByteBuffer.allocate(CHUNK_FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (rest.hasRemaining()) {
      int count = Math.min(CHUNK_FLOATS, rest.remaining());
      chunk.clear().limit(count * Float.BYTES);
      FloatBuffer floats = chunk.asFloatBuffer();
      for (int i = 0; i < count; i++) {
        floats.put(rest.get());
      }
      while (chunk.hasRemaining()) {
        target.write(chunk);
      }
    }
  }
}
