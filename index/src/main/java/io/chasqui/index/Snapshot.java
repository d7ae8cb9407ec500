package io.chasqui.index;

import io.chasqui.Deadline;
import io.chasqui.Embeddings;
import io.chasqui.Filter;
import io.chasqui.IndexCorruptException;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import io.chasqui.spi.Neighbours;
import io.chasqui.spi.VectorGraphProvider;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One committed generation, opened: what a search sees from beginning to end. Thread-safe.
 *
 * @param manifest what was committed
 * @param segments its segments
 */
record Snapshot(Manifest manifest, List<Segment> segments) {
  Snapshot {
    segments = List.copyOf(segments);
  }

  /** Opens a generation; segments of {@code known} that did not change are used again. */
  static Snapshot open(
      FileLayer files,
      Path directory,
      Manifest manifest,
      Optional<VectorGraphProvider> graphs,
      Optional<Snapshot> known)
      throws IOException {
    Map<SegmentInfo, Segment> opened = new HashMap<>();
    known.ifPresent(k -> k.segments.forEach(segment -> opened.put(segment.info(), segment)));
    SegmentOpener opener = new SegmentOpener(files, directory, manifest);
    List<Segment> segments = new ArrayList<>();
    for (SegmentInfo info : manifest.segments()) {
      Segment segment = opened.get(info);
      if (segment == null) {
        try {
          segment = opener.open(info);
        } catch (NoSuchFileException | FileNotFoundException e) {
          throw new IndexCorruptException(
              directory.resolve(info.name()), -1, "a file of this segment is missing", e);
        }
        if (graphs.isPresent()) {
          segment = opener.openGraph(segment, graphs.get());
        }
      }
      segments.add(segment);
    }
    return new Snapshot(manifest, segments);
  }

  /** Closes the files of segments that another snapshot does not have. */
  void releaseUnlessIn(List<Segment> others) {
    for (Segment segment : segments) {
      if (others.stream().noneMatch(other -> other.vectors() == segment.vectors())) {
        segment.release();
      }
    }
  }

  long size() {
    return segments.stream().mapToLong(segment -> segment.info().live()).sum();
  }

  IndexStats stats() {
    return new IndexStats(
        manifest.generation(),
        size(),
        segments.stream().mapToLong(segment -> segment.info().removed()).sum(),
        segments.size(),
        (int) segments.stream().filter(Segment::hasGraph).count(),
        manifest.files().stream().mapToLong(FileInfo::length).sum());
  }

  /** Where a passage is. */
  record Place(Segment segment, int ordinal) {
    Passage passage() {
      return segment.passage(ordinal);
    }

    float[] vector() {
      float[] vector = new float[segment.vectors().dimension()];
      segment.vectors().copy(ordinal, vector);
      return vector;
    }
  }

  /** The n-th passage, from 0 to {@code size() - 1}, counted over segments. */
  Place place(long n) {
    long left = n;
    for (Segment segment : segments) {
      if (left < segment.info().live()) {
        Bits live = segment.live();
        int ordinal = live.next(0);
        for (; left > 0; left--) {
          ordinal = live.next(ordinal + 1);
        }
        return new Place(segment, ordinal);
      }
      left -= segment.info().live();
    }
    throw new IndexOutOfBoundsException("passage " + n + " of " + size());
  }

  Optional<Place> find(String id) {
    for (Segment segment : segments) {
      int ordinal = segment.find(id);
      if (ordinal >= 0) {
        return Optional.of(new Place(segment, ordinal));
      }
    }
    return Optional.empty();
  }

  /** All passages, read one by one. */
  Stream<Passage> passages() {
    return segments.stream()
        .flatMap(
            segment -> {
              Bits live = segment.live();
              return IntStream.iterate(live.next(0), at -> at >= 0, at -> live.next(at + 1))
                  .mapToObj(segment::passage);
            });
  }

  /** All passages with their vectors, in batches that are filled over segments. */
  void export(int batchSize, BiConsumer<List<Passage>, Embeddings> receiver) {
    int dimension = manifest.space().dimension();
    float[] row = new float[dimension];
    int most = (int) Math.min(Math.min(batchSize, Integer.MAX_VALUE / 2 / dimension), size());
    long left = size();
    List<Passage> passages = new ArrayList<>();
    float[] values = new float[most * dimension];
    for (Segment segment : segments) {
      Bits live = segment.live();
      for (int at = live.next(0); at >= 0; at = live.next(at + 1)) {
        segment.vectors().copy(at, row);
        System.arraycopy(row, 0, values, passages.size() * dimension, dimension);
        passages.add(segment.passage(at));
        if (passages.size() == most) {
          receiver.accept(List.copyOf(passages), Embeddings.of(dimension, values));
          left -= most;
          most = (int) Math.min(most, left);
          passages.clear();
          values = new float[most * dimension];
        }
      }
    }
  }

  private record Hit(Segment segment, int ordinal, float score) implements Comparable<Hit> {
    String id() {
      return segment.ids().id(ordinal);
    }

    @Override
    public int compareTo(Hit other) {
      int order = Float.compare(other.score, score);
      return order != 0 ? order : id().compareTo(other.id());
    }
  }

  List<ScoredPassage> search(
      float[] query, int k, Filter filter, boolean exact, Deadline deadline) {
    int breadth = manifest.options().graphOptions().searchBreadth();
    List<Hit> hits = new ArrayList<>();
    for (Segment segment : segments) {
      deadline.check("searching segment " + segment.info().name());
      Neighbours found = segment.nearest(query, k, breadth, filter, exact, deadline);
      for (int i = 0; i < found.size(); i++) {
        hits.add(new Hit(segment, found.ordinals()[i], found.similarities()[i]));
      }
    }
    return hits.stream()
        .sorted()
        .limit(k)
        .map(hit -> ScoredPassage.of(hit.segment().passage(hit.ordinal()), hit.score()))
        .collect(Collectors.toList());
  }
}
