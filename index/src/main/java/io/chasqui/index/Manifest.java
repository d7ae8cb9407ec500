package io.chasqui.index;

import io.chasqui.EmbeddingSpace;
import io.chasqui.spi.GraphOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * One generation of an index: everything that was committed. Immutable.
 *
 * @param index identity of the index
 * @param generation number of the commit, from 1
 * @param space of the vectors
 * @param options as given at creation
 * @param canaries texts with the vectors that the encoder gave them
 * @param segments in no particular order
 */
record Manifest(
    UUID index,
    long generation,
    EmbeddingSpace space,
    IndexOptions options,
    Map<String, float[]> canaries,
    List<SegmentInfo> segments) {
  private static final String PREFIX = "MANIFEST-";
  private static final String METRIC = "dot";

  Manifest {
    canaries = Collections.unmodifiableMap(new LinkedHashMap<>(canaries));
    segments = List.copyOf(segments);
  }

  ElementType elements() {
    return options.elements();
  }

  Manifest next(List<SegmentInfo> segments) {
    return new Manifest(index, generation + 1, space, options, canaries, segments);
  }

  Manifest withCanaries(Map<String, float[]> canaries) {
    return new Manifest(index, generation, space, options, canaries, segments);
  }

  Manifest withGeneration(long generation) {
    return new Manifest(index, generation, space, options, canaries, segments);
  }

  String fileName() {
    return PREFIX + generation;
  }

  /** The generation in a manifest's file name, −1 if it is no such name. */
  static long generation(String fileName) {
    if (!fileName.startsWith(PREFIX)) {
      return -1;
    }
    String digits = fileName.substring(PREFIX.length());
    boolean plain =
        !digits.isEmpty()
            && digits.length() <= 18
            && digits.chars().allMatch(c -> c >= '0' && c <= '9')
            && digits.charAt(0) != '0';
    return plain ? Long.parseLong(digits) : -1;
  }

  /** Whether a file is a manifest that was never published. */
  static boolean isTemporary(String fileName) {
    return fileName.startsWith(PREFIX) && fileName.endsWith(".tmp");
  }

  String temporaryName() {
    return PREFIX + generation + ".tmp";
  }

  /** All files of this generation, the manifest itself apart. */
  List<FileInfo> files() {
    List<FileInfo> files = new ArrayList<>();
    for (SegmentInfo segment : segments) {
      files.addAll(segment.all());
    }
    return files;
  }

  void write(FramedWriter out) throws IOException {
    ByteWriter bytes = new ByteWriter();
    bytes.putInt(space.dimension()).putStrings(space.attributes());
    bytes.putString(space.fingerprint()).putString(METRIC).putInt(options.elements().code());
    GraphOptions graph = options.graphOptions();
    bytes.putString(options.graph()).putInt(options.graphFrom());
    bytes.putInt(graph.maxConnections()).putInt(graph.buildBreadth());
    bytes.putInt(graph.searchBreadth());
    // All cores of the machine that wrote this may not be all cores of the one that reads it.
    boolean allCores = graph.threads() == GraphOptions.defaults().threads();
    bytes.putInt(allCores ? 0 : graph.threads()).putLong(graph.seed());
    bytes.putStrings(options.userMetadata());
    bytes.putInt(canaries.size());
    canaries.forEach(
        (text, vector) -> {
          bytes.putString(text);
          for (float value : vector) {
            bytes.putFloat(value);
          }
        });
    bytes.putInt(segments.size());
    for (SegmentInfo segment : segments) {
      bytes.putString(segment.name()).putInt(segment.rows()).putInt(segment.removed());
      putFile(bytes, segment.files().vectors());
      putFile(bytes, segment.files().ids());
      putFile(bytes, segment.files().passages());
      putOptional(bytes, segment.files().codes());
      putOptional(bytes, segment.graph());
      putOptional(bytes, segment.tombstones());
    }
    bytes.drainTo(out);
  }

  private static void putOptional(ByteWriter bytes, Optional<FileInfo> file) {
    bytes.putByte(file.isPresent() ? 1 : 0);
    file.ifPresent(present -> putFile(bytes, present));
  }

  private static void putFile(ByteWriter bytes, FileInfo file) {
    bytes.putString(file.name()).putLong(file.length()).putInt(file.digest());
  }

  /** Reads and verifies a manifest. */
  static Manifest read(FileLayer files, Path directory, long generation) throws IOException {
    Path path = directory.resolve(PREFIX + generation);
    FramedFile file = FramedFile.open(files, path, FileType.MANIFEST, Optional.empty());
    ByteReader in = file.reader();
    if (file.header().generation() != generation) {
      throw in.corrupt("it is the manifest of generation " + file.header().generation());
    }
    int dimension = in.getInt();
    if (dimension <= 0) {
      throw in.corrupt("dimension " + dimension);
    }
    EmbeddingSpace space = new EmbeddingSpace(dimension, in.getStrings());
    String fingerprint = in.getString();
    if (!fingerprint.equals(space.fingerprint())) {
      throw in.corrupt("fingerprint " + fingerprint + " is not that of the space");
    }
    String metric = in.getString();
    if (!metric.equals(METRIC)) {
      throw in.corrupt("unknown metric " + metric);
    }
    ElementType elements = ElementType.of(in.getInt(), path);
    IndexOptions options = options(in, elements);
    Map<String, float[]> canaries = canaries(in, dimension);
    int count = in.getCount(1);
    List<SegmentInfo> segments = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      segments.add(segment(in));
    }
    in.end();
    return new Manifest(file.header().index(), generation, space, options, canaries, segments);
  }

  private static IndexOptions options(ByteReader in, ElementType elements) {
    String graph = in.getString();
    int graphFrom = in.getInt();
    int maxConnections = in.getInt();
    int buildBreadth = in.getInt();
    int searchBreadth = in.getInt();
    int threads = in.getInt();
    long seed = in.getLong();
    Map<String, String> userMetadata = in.getStrings();
    try {
      return new IndexOptions(
          graph,
          new GraphOptions(
              maxConnections,
              buildBreadth,
              searchBreadth,
              threads == 0 ? GraphOptions.defaults().threads() : threads,
              seed),
          graphFrom,
          elements,
          userMetadata);
    } catch (IllegalArgumentException e) {
      throw in.corrupt(String.valueOf(e.getMessage()));
    }
  }

  private static Map<String, float[]> canaries(ByteReader in, int dimension) {
    int count = in.getCount(Float.BYTES);
    Map<String, float[]> canaries = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String text = in.getString();
      float[] vector = new float[dimension];
      for (int j = 0; j < dimension; j++) {
        vector[j] = in.getFloat();
      }
      canaries.put(text, vector);
    }
    return canaries;
  }

  private static SegmentInfo segment(ByteReader in) {
    String name = in.getString();
    int rows = in.getInt();
    int removed = in.getInt();
    if (rows <= 0 || removed < 0 || removed > rows) {
      throw in.corrupt("segment " + name + " with " + removed + " of " + rows + " rows removed");
    }
    SegmentInfo.Files files = new SegmentInfo.Files(file(in), file(in), file(in), optional(in));
    return new SegmentInfo(name, rows, removed, files, optional(in), optional(in));
  }

  private static Optional<FileInfo> optional(ByteReader in) {
    return in.getByte() == 0 ? Optional.empty() : Optional.of(file(in));
  }

  private static FileInfo file(ByteReader in) {
    String name = in.getString();
    if (name.contains("/") || name.contains("\\") || name.contains("..")) {
      throw in.corrupt("file name " + name);
    }
    return new FileInfo(name, in.getLong(), in.getInt());
  }
}
