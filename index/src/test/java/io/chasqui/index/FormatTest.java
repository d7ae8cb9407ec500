package io.chasqui.index;

import static io.chasqui.index.DocumentedFile.assertEnd;
import static io.chasqui.index.DocumentedFile.string;
import static io.chasqui.index.DocumentedFile.strings;
import static io.chasqui.index.DocumentedFile.table;
import static io.chasqui.index.DocumentedFile.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Passage;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Indexes that version 1 wrote, read by the library and by the letter of docs/file-formats.md. */
class FormatTest {
  private static final Path PLACE = Path.of("index");
  private static final int DIMENSION = Model.DIMENSION;

  private final List<Passage> passages = FormatFixture.passages();
  private final MemoryFiles disk = new MemoryFiles();

  private void load(ElementType elements) throws IOException, URISyntaxException {
    Path folder = Path.of(FormatTest.class.getResource("/format-1/" + elements.name()).toURI());
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        disk.put(PLACE.resolve(file.getFileName().toString()), Files.readAllBytes(file));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(ElementType.class)
  void whatVersionOneWroteIsReadAndWritten(ElementType elements) throws Exception {
    load(elements);
    int built = TestGraph.BUILT.get();
    try (PassageIndex index = PassageIndex.open(disk, PLACE)) {
      index.verify();
      assertEquals(built, TestGraph.BUILT.get(), "the graph was not read");
      assertEquals(FormatFixture.SPACE, index.space());
      assertEquals(Map.of("corpus", "fixture"), index.options().userMetadata());
      assertEquals(elements, index.options().elements());
      assertEquals(11, index.size());
      for (Passage passage : passages) {
        assertEquals(
            Optional.of(passage).filter(p -> !p.id().equals(FormatFixture.REMOVED)),
            index.get(passage.id()));
      }
      float[] query = Model.vector(passages.get(7));
      float self = 0;
      for (float value : query) {
        self += value * value;
      }
      assertEquals(self, index.search(query, 1).get(0).score());
      index.requireEncoder(FormatFixture.encoder());
      List<Passage> more = List.of(Passage.of("q", "more"));
      index.add(more, Model.vectors(more));
      assertEquals(4, index.commit());
      index.compact();
      assertEquals(12, index.size());
    }
    assertTrue(IndexDoctor.check(disk, PLACE).isHealthy());
  }

  private DocumentedFile file(String name, String type) {
    return new DocumentedFile(disk.get(PLACE.resolve(name)), type);
  }

  /** A file as the manifest names it, which must be what lies there. */
  private DocumentedFile named(ByteBuffer manifest, String suffix, String type) {
    String name = string(manifest);
    assertTrue(name.matches("s2-[0-9a-f]{8}(-3)?\\" + suffix), name);
    DocumentedFile file = file(name, type);
    assertEquals(file.length(), manifest.getLong());
    assertEquals(file.digest(), manifest.getInt());
    return file;
  }

  private Optional<DocumentedFile> optional(ByteBuffer manifest, String suffix, String type) {
    return manifest.get() == 0 ? Optional.empty() : Optional.of(named(manifest, suffix, type));
  }

  @ParameterizedTest
  @EnumSource(ElementType.class)
  void everyByteIsWhatTheDocumentSays(ElementType elements) throws Exception {
    load(elements);
    assertDocumented(elements);
  }

  @ParameterizedTest
  @EnumSource(ElementType.class)
  void thisVersionWritesWhatTheDocumentSays(ElementType elements) throws Exception {
    FormatFixture.write(disk, PLACE, elements);
    assertDocumented(elements);
  }

  private void assertDocumented(ElementType elements) {
    int code =
        switch (elements) {
          case FLOAT32 -> 1;
          case FLOAT16 -> 2;
          case INT8 -> 3;
        };
    DocumentedFile manifest = file("MANIFEST-3", "MANI");
    assertEquals(3, manifest.generation());
    assertEquals(1, manifest.rows());
    assertEquals(DIMENSION, manifest.second());
    assertEquals(code, manifest.third());
    ByteBuffer in = manifest.data();
    assertEquals(DIMENSION, in.getInt());
    assertEquals(Map.of("name", "fixture", "pooling", "last"), strings(in));
    assertEquals(FormatFixture.SPACE.fingerprint(), string(in));
    assertEquals("dot", string(in));
    assertEquals(code, in.getInt());
    assertEquals("test", string(in));
    assertEquals(10, in.getInt());
    in.position(in.position() + 12); // links and candidates: the defaults of then
    assertEquals(0, in.getInt());
    in.getLong();
    assertEquals(Map.of("corpus", "fixture"), strings(in));
    assertEquals(8, in.getInt());
    for (int canary = 0; canary < 8; canary++) {
      String text = string(in);
      assertArrayEquals(Model.vector(Passage.of("x", text)), floats(in), text);
    }
    assertEquals(1, in.getInt());
    assertTrue(string(in).startsWith("s2-"));
    assertEquals(12, in.getInt());
    assertEquals(1, in.getInt());
    DocumentedFile vectors = named(in, ".vec", "VEC ");
    DocumentedFile ids = named(in, ".ids", "IDS ");
    DocumentedFile texts = named(in, ".meta", "META");
    Optional<DocumentedFile> codes = optional(in, ".codes", "CODE");
    Optional<DocumentedFile> graph = optional(in, ".hnsw", "HNSW");
    DocumentedFile tombstones = optional(in, ".del", "DEL ").orElseThrow();
    assertEnd(in);
    for (DocumentedFile file : List.of(vectors, ids, texts, graph.orElseThrow(), tombstones)) {
      assertEquals(manifest.index(), file.index());
      assertEquals(12, file.rows());
      assertEquals(file == tombstones ? 3 : 2, file.generation());
    }
    vectors(vectors, elements);
    assertEquals(elements == ElementType.INT8, codes.isPresent());
    codes.ifPresent(this::codes);
    ids(ids);
    texts(texts);
    assertEquals(1, tombstones.second());
    assertEquals(1L << 4, tombstones.data().getLong());
    assertEnd(tombstones.data());
    assertEquals(1_000, graph.orElseThrow().data().remaining());
  }

  private static float[] floats(ByteBuffer in) {
    float[] floats = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      floats[i] = in.getFloat();
    }
    return floats;
  }

  private void vectors(DocumentedFile file, ElementType elements) {
    assertEquals(DIMENSION, file.second());
    for (Passage passage : passages) {
      float[] expected = Model.vector(passage);
      if (elements == ElementType.FLOAT16) {
        for (float value : expected) { // small integers: sign, exponent and mantissa by hand
          int bits = file.data().getShort() & 0xffff;
          int exponent = bits >> 10 & 0x1f;
          double magnitude =
              exponent == 0 ? 0 : (1024 + (bits & 0x3ff)) * Math.pow(2, exponent - 25);
          assertEquals(value, bits >> 15 == 0 ? magnitude : -magnitude);
        }
      } else {
        assertArrayEquals(expected, floats(file.data()));
      }
    }
    assertEnd(file.data());
  }

  private void codes(DocumentedFile file) {
    assertEquals(DIMENSION, file.second());
    for (Passage passage : passages) {
      float[] vector = Model.vector(passage);
      float largest = 0;
      for (float value : vector) {
        largest = Math.max(largest, Math.abs(value));
      }
      float scale = file.data().getFloat();
      assertEquals(largest / 127, scale);
      for (float value : vector) {
        assertEquals(value, file.data().get() * scale, scale / 2 + 1e-6f);
      }
    }
    assertEnd(file.data());
  }

  private void ids(DocumentedFile file) {
    assertEquals(passages.stream().map(Passage::id).toList(), table(file.data()));
    List<String> documents = table(file.data());
    assertEquals(List.of("d0", "d1", "d2", "d3", "d4", "d5"), documents);
    for (Passage passage : passages) {
      assertEquals(passage.documentId(), documents.get(file.data().getInt()));
    }
    assertEnd(file.data());
  }

  private void texts(DocumentedFile file) {
    ByteBuffer in = file.data();
    List<Long> ends = new ArrayList<>();
    for (Passage passage : passages) {
      Map<String, Object> metadata = new TreeMap<>();
      for (int n = in.getInt(); n > 0; n--) {
        String name = string(in);
        metadata.put(name, value(in));
      }
      assertEquals(new TreeMap<>(passage.metadata().asMap()), metadata);
      assertEquals(passage.title(), string(in));
      assertEquals(passage.text(), string(in));
      ends.add((long) in.position());
    }
    for (long end : ends) {
      assertEquals(end, in.getLong());
    }
    assertEnd(in);
    assertFalse(ends.isEmpty());
  }
}
