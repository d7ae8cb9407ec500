package io.chasqui.index;

import io.chasqui.spi.VectorGraph;
import io.chasqui.spi.VectorGraphProvider;
import io.chasqui.spi.VectorSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntConsumer;

/** Writes the files of one commit, and takes them back if it fails. Confined to one thread. */
final class SegmentFiles {
  private final FileLayer files;
  private final Path directory;
  private final Manifest before;
  private final Optional<VectorGraphProvider> graphs;
  private final List<Path> written = new ArrayList<>();

  SegmentFiles(
      FileLayer files, Path directory, Manifest before, Optional<VectorGraphProvider> graphs) {
    this.files = files;
    this.directory = directory;
    this.before = before;
    this.graphs = graphs;
  }

  private interface Body {
    void write(FramedWriter out) throws IOException;
  }

  private FileInfo write(String name, FileType type, int a, int b, int c, Body body)
      throws IOException {
    Path path = directory.resolve(name);
    written.add(path);
    UUID index = before.index();
    FileHeader header = new FileHeader(type, index, before.generation() + 1, a, b, c);
    try (FramedWriter out = new FramedWriter(files, path, header)) {
      body.write(out);
      return out.finish();
    }
  }

  /** Writes a segment of these rows, at least one, and opens it. */
  Segment writeSegment(Rows rows, IntConsumer progress) throws IOException {
    int dimension = before.space().dimension();
    ElementType elements = before.elements();
    String name =
        String.format("s%d-%08x", before.generation() + 1, ThreadLocalRandom.current().nextInt());
    FileInfo vectors =
        write(
            name + FileType.VECTORS.suffix(),
            FileType.VECTORS,
            rows.size(),
            dimension,
            elements.code(),
            out -> writeVectors(out, rows, dimension, elements));
    FileInfo ids =
        write(
            name + FileType.IDS.suffix(),
            FileType.IDS,
            rows.size(),
            0,
            0,
            out -> IdTable.write(out, rows));
    FileInfo passages =
        write(
            name + FileType.PASSAGES.suffix(),
            FileType.PASSAGES,
            rows.size(),
            0,
            0,
            out -> PassageStore.write(out, rows));
    Optional<FileInfo> codes =
        elements == ElementType.INT8
            ? Optional.of(
                write(
                    name + FileType.CODES.suffix(),
                    FileType.CODES,
                    rows.size(),
                    dimension,
                    elements.code(),
                    out -> writeCodes(out, rows, dimension)))
            : Optional.empty();
    SegmentInfo info =
        new SegmentInfo(
            name,
            rows.size(),
            0,
            new SegmentInfo.Files(vectors, ids, passages, codes),
            Optional.empty(),
            Optional.empty());
    Segment segment = new SegmentOpener(files, directory, before).open(info);
    if (graphs.isEmpty() || rows.size() < before.options().graphFrom()) {
      return segment;
    }
    return writeGraph(segment, name + FileType.GRAPH.suffix(), graphs.get(), progress);
  }

  /** Builds the graph of a segment again, in a file of its own name. */
  Segment rewriteGraph(Segment segment, IntConsumer progress) throws IOException {
    if (graphs.isEmpty() || segment.info().graph().isEmpty()) {
      return segment;
    }
    String name = generationName(segment, FileType.GRAPH);
    files.delete(directory.resolve(name)); // an earlier try of this generation
    return writeGraph(segment, name, graphs.get(), progress);
  }

  private String generationName(Segment segment, FileType type) {
    return segment.info().name() + "-" + (before.generation() + 1) + type.suffix();
  }

  private static void writeVectors(FramedWriter out, Rows rows, int dimension, ElementType elements)
      throws IOException {
    float[] vector = new float[dimension];
    ByteBuffer bytes =
        ByteBuffer.allocate(elements.rowBytes(dimension)).order(ByteOrder.LITTLE_ENDIAN);
    for (int row = 0; row < rows.size(); row++) {
      rows.copyVector(row, vector);
      bytes.clear();
      for (float value : vector) {
        if (elements == ElementType.FLOAT16) {
          bytes.putShort(Half.of(value));
        } else {
          bytes.putFloat(value);
        }
      }
      out.write(bytes.array());
    }
  }

  private static void writeCodes(FramedWriter out, Rows rows, int dimension) throws IOException {
    float[] vector = new float[dimension];
    for (int row = 0; row < rows.size(); row++) {
      rows.copyVector(row, vector);
      out.write(CodeVectors.encode(vector));
    }
  }

  private Segment writeGraph(
      Segment segment, String name, VectorGraphProvider provider, IntConsumer progress)
      throws IOException {
    VectorSource vectors = segment.compared();
    VectorGraph graph = provider.build(vectors, before.options().graphOptions(), progress);
    FileInfo file = write(name, FileType.GRAPH, vectors.size(), 0, 0, graph::write);
    return segment.withGraph(graph, file);
  }

  /** Writes which rows of a segment are removed from now on. */
  Segment writeTombstones(Segment segment, Bits removed) throws IOException {
    String name = generationName(segment, FileType.TOMBSTONES);
    files.delete(directory.resolve(name)); // an earlier try of this generation
    FileInfo file =
        write(
            name,
            FileType.TOMBSTONES,
            removed.size(),
            removed.count(),
            0,
            out -> removed.encode().drainTo(out));
    return segment.withTombstones(removed, file);
  }

  /** Writes the manifest and makes it the newest: the commit. */
  void publish(Manifest manifest) throws IOException {
    Path temporary = directory.resolve(manifest.temporaryName());
    files.delete(temporary);
    write(
        manifest.temporaryName(),
        FileType.MANIFEST,
        manifest.segments().size(),
        manifest.space().dimension(),
        manifest.elements().code(),
        manifest::write);
    syncDirectory();
    files.publish(temporary, directory.resolve(manifest.fileName()));
    written.clear();
    syncDirectory();
  }

  private void syncDirectory() throws IOException {
    try {
      files.syncDirectory(directory);
    } catch (IOException e) {
      throw new SyncFailedException(directory, e);
    }
  }

  /** Deletes what a failed commit wrote; what can't be deleted now is deleted by a later commit. */
  void takeBack(Throwable failure) {
    for (Path file : written) {
      try {
        files.delete(file);
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }
  }
}
