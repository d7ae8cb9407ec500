package io.chasqui.index;

import io.chasqui.IndexCorruptException;
import io.chasqui.spi.VectorGraph;
import io.chasqui.spi.VectorGraphProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the segments of one generation. Thread-safe. */
final class SegmentOpener {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentOpener.class);

  private final FileLayer files;
  private final Path directory;
  private final Manifest manifest;

  SegmentOpener(FileLayer files, Path directory, Manifest manifest) {
    this.files = files;
    this.directory = directory;
    this.manifest = manifest;
  }

  /** Opens a segment without its graph; everything but the vectors is verified. */
  Segment open(SegmentInfo info) throws IOException {
    int dimension = manifest.space().dimension();
    SegmentInfo.Files named = info.files();
    Optional<CodeVectors> codes = Optional.empty();
    if (named.codes().isPresent()) {
      int codeBytes = CodeVectors.rowBytes(dimension);
      FramedFile file = openRows(FileType.CODES, named.codes().get(), info, codeBytes);
      codes = Optional.of(new CodeVectors(new MappedFile(file, codeBytes), info.rows(), dimension));
    }
    StoredVectors vectors = openVectors(info, codes.isPresent());
    IdTable ids = IdTable.read(open(FileType.IDS, named.ids()), info.rows());
    PassageStore passages = PassageStore.open(open(FileType.PASSAGES, named.passages()), ids);
    Bits removed = Bits.none(info.rows());
    if (info.tombstones().isPresent()) {
      FramedFile file = open(FileType.TOMBSTONES, info.tombstones().get());
      removed = Bits.decode(file.reader(), info.rows());
    }
    if (removed.count() != info.removed()) {
      throw new IndexCorruptException(
          directory.resolve(info.name()),
          -1,
          removed.count() + " rows removed; the manifest says " + info.removed());
    }
    return new Segment(info, ids, passages, vectors, codes, removed);
  }

  /**
   * @param seldom whether codes are compared first, so that only the best are looked up here
   */
  private StoredVectors openVectors(SegmentInfo info, boolean seldom) throws IOException {
    int dimension = manifest.space().dimension();
    int rowBytes = manifest.elements().rowBytes(dimension);
    FileInfo named = info.files().vectors();
    FramedFile file = openRows(FileType.VECTORS, named, info, rowBytes);
    MappedFile mapped = new MappedFile(file, rowBytes);
    if (manifest.elements() == ElementType.FLOAT16) {
      return new HalfVectors(mapped, info.rows(), dimension);
    }
    FloatVectors floats = new FloatVectors(mapped, info.rows(), dimension);
    return seldom ? new ReadVectors(file, floats) : floats;
  }

  private FramedFile openRows(FileType type, FileInfo expected, SegmentInfo info, int rowBytes)
      throws IOException {
    FramedFile file = open(type, expected);
    if (file.dataLength() != (long) info.rows() * rowBytes) {
      throw new IndexCorruptException(
          file.path(),
          -1,
          file.dataLength() + " bytes are not " + info.rows() + " rows of " + rowBytes);
    }
    return file;
  }

  private FramedFile open(FileType type, FileInfo expected) throws IOException {
    Path path = directory.resolve(expected.name());
    FramedFile file = FramedFile.open(files, path, type, Optional.of(expected));
    if (!file.header().index().equals(manifest.index())) {
      throw new IndexCorruptException(
          path, 16, "the file belongs to index " + file.header().index());
    }
    return file;
  }

  /** A segment with the graph that its manifest names, or if that is damaged with a new one. */
  Segment openGraph(Segment segment, VectorGraphProvider provider) {
    Optional<FileInfo> named = segment.info().graph();
    if (named.isEmpty()) {
      return segment;
    }
    VectorGraph read;
    try (InputStream in = open(FileType.GRAPH, named.get()).stream()) {
      read = provider.read(in, segment.compared(), manifest.options().graphOptions());
      in.transferTo(OutputStream.nullOutputStream()); // verifies what the provider left
    } catch (IOException | IndexCorruptException e) {
      Path path = directory.resolve(named.get().name());
      LOG.warn("graph {} is lost and is built again: {}", path, e.toString());
      read = provider.build(segment.compared(), manifest.options().graphOptions(), done -> {});
    }
    return segment.withGraph(read, named.get());
  }
}
