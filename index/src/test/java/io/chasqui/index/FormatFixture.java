package io.chasqui.index;

import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.Metadata;
import io.chasqui.Passage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The content of the indexes in {@code src/test/resources/format-1}, one for each element type.
 * They are never written again: they show that what version 1 wrote can still be read. {@code main}
 * wrote them.
 */
final class FormatFixture {
  static final EmbeddingSpace SPACE =
      new EmbeddingSpace(Model.DIMENSION, Map.of("name", "fixture", "pooling", "last"));
  static final String REMOVED = "p04";

  private FormatFixture() {}

  /** Arguments: the directory below which they are written. */
  public static void main(String[] args) throws IOException {
    for (ElementType elements : ElementType.values()) {
      write(DiskFiles.INSTANCE, Path.of(args[0], elements.name()), elements);
    }
  }

  static void write(FileLayer files, Path place, ElementType elements) throws IOException {
    IndexOptions options =
        IndexOptions.exact()
            .withGraph("test")
            .withGraphFrom(10)
            .withElements(elements)
            .withUserMetadata(Map.of("corpus", "fixture"));
    try (PassageIndex index = PassageIndex.create(files, place, SPACE, options)) {
      index.add(passages(), encoder());
      index.commit();
      index.remove(List.of(REMOVED));
      index.commit();
    }
  }

  /** In order of id. */
  static List<Passage> passages() {
    List<Passage> passages = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      Metadata metadata =
          i % 3 == 0
              ? Metadata.empty()
              : Metadata.of(
                  Map.of("n", i, "part", i / 4.0, "even", i % 2 == 0, "l", List.of("a", "b" + i)));
      passages.add(
          new Passage(
              String.format("p%02d", i),
              "d" + i / 2,
              i == 1 ? "" : "title " + i,
              i == 2 ? "h\u00f6her \ud83d\ude00 \ud800" : "text " + i,
              metadata));
    }
    return passages;
  }

  static Encoder encoder() {
    return new Encoder() {
      @Override
      public EmbeddingSpace space() {
        return SPACE;
      }

      @Override
      public Embeddings encodeQueries(List<String> queries, Deadline deadline) {
        throw new UnsupportedOperationException("no queries here");
      }

      @Override
      public Embeddings encodePassages(List<Passage> passages, Deadline deadline) {
        return Model.vectors(passages);
      }
    };
  }
}
