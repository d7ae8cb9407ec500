package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Filter;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An INT8 index whose full vectors are read from their file, not mapped. */
class ReadVectorsTest {
  private static final int DIMENSION = 1_000; // rows straddle blocks
  private static final int ROWS = 300;
  private static final Path SMAPS = Path.of("/proc/self/smaps");
  private static final EmbeddingSpace SPACE = EmbeddingSpace.named("test", DIMENSION);

  @TempDir Path folder;

  private final List<float[]> vectors = new ArrayList<>();

  /** Opened minus closed. */
  private final AtomicInteger handles = new AtomicInteger();

  @BeforeEach
  void draw() {
    Random random = new Random(1);
    for (int i = 0; i < ROWS; i++) {
      float[] vector = new float[DIMENSION];
      for (int j = 0; j < DIMENSION; j++) {
        vector[j] = (float) random.nextGaussian();
      }
      vectors.add(vector);
    }
  }

  private PassageIndex create(FileLayer files, Path place) throws IOException {
    IndexOptions options = IndexOptions.exact().withElements(ElementType.INT8);
    PassageIndex index = PassageIndex.create(files, place, SPACE, options);
    add(index, 0, ROWS);
    index.commit();
    return index;
  }

  private void add(PassageIndex index, int from, int end) {
    for (int i = from; i < end; i++) {
      List<Passage> one = List.of(Passage.of(String.format("p%03d", i), "text"));
      index.upsert(one, Embeddings.of(DIMENSION, vectors.get(i)));
    }
  }

  private static Segment open(FileLayer files, Path place) throws IOException {
    return new Store(files, place).openNewest(java.util.Optional.empty()).segments().get(0);
  }

  @Test
  void whatIsReadIsWhatWasWritten() throws IOException {
    create(DiskFiles.INSTANCE, folder.resolve("i")).close();
    Segment segment = open(DiskFiles.INSTANCE, folder.resolve("i"));
    StoredVectors read = (StoredVectors) segment.vectors();
    assertTrue(read instanceof ReadVectors);
    Random random = new Random(2);
    float[] query = vectors.get(7);
    float[] row = new float[DIMENSION];
    for (int round = 0; round < 50; round++) {
      int[] ordinals = new int[1 + random.nextInt(11)];
      ordinals[0] = random.nextInt(ROWS);
      for (int i = 1; i < ordinals.length; i++) { // about half of them next to each other
        ordinals[i] = random.nextBoolean() ? (ordinals[i - 1] + 1) % ROWS : random.nextInt(ROWS);
      }
      float[] similarities = new float[ordinals.length];
      read.compareWith(query).similarities(ordinals, ordinals.length, similarities);
      for (int i = 0; i < ordinals.length; i++) {
        assertEquals(
            Kernels.BEST.dot(vectors.get(ordinals[i]), query, DIMENSION), similarities[i], 1e-2f);
        assertEquals(read.similarity(ordinals[i], query), similarities[i]);
        read.copy(ordinals[i], row);
        assertArrayEquals(vectors.get(ordinals[i]), row);
      }
      assertEquals(read.similarity(ordinals[0], vectors.get(3)), read.similarity(ordinals[0], 3));
    }
  }

  private FileLayer counting(FileLayer files) {
    return Intercepted.layer(
        files,
        (method, call) -> {
          Object result = call.proceed();
          if (result instanceof FileLayer.Input in) {
            handles.incrementAndGet();
            return new FileLayer.Input() {
              @Override
              public void read(long position, ByteBuffer target) throws IOException {
                in.read(position, target);
              }

              @Override
              public void close() throws IOException {
                handles.decrementAndGet();
                in.close();
              }
            };
          }
          return result;
        });
  }

  @Test
  void handlesOfWhatIsNotSearchedAnyMoreAreClosed() throws IOException {
    FileLayer files = counting(DiskFiles.INSTANCE);
    try (PassageIndex index = create(files, folder.resolve("i"))) {
      for (int round = 0; round < 20; round++) {
        add(index, round, round + 10);
        index.commit();
        index.search(vectors.get(round), 10);
        assertTrue(handles.get() <= index.stats().segments(), handles + " handles open");
      }
      assertTrue(handles.get() > 0, "what is searched is kept open");
      index.compact();
      assertEquals(0, handles.get());
      index.search(vectors.get(0), 10);
      assertEquals(1, handles.get());
    }
    assertEquals(0, handles.get());
  }

  @Test
  void aGenerationWhoseFilesWereDeletedIsSearchedOn() throws IOException {
    Path place = folder.resolve("i");
    try (PassageIndex writer = create(DiskFiles.INSTANCE, place);
        PassageIndex reader = PassageIndex.open(place)) {
      List<ScoredPassage> before = writer.search(vectors.get(5), 20);
      assertEquals("p005", before.get(0).id());
      for (int generation = 0; generation < 3; generation++) {
        add(writer, 0, 10);
        writer.compact();
      }
      try (var files = Files.list(place)) {
        assertFalse(files.anyMatch(file -> file.toString().contains("s2-")), "still there");
      }
      assertEquals(before, reader.search(vectors.get(5), 20)); // never opened before
    }
  }

  @Test
  void interruptsHurtNobodyElse() throws Exception {
    Path place = folder.resolve("i");
    create(DiskFiles.INSTANCE, place).close();
    ReadVectors read = (ReadVectors) open(DiskFiles.INSTANCE, place).vectors();
    int[] ordinals = new Random(3).ints(64, 0, ROWS).toArray();
    float[] truth = new float[ordinals.length];
    read.compareWith(vectors.get(0)).similarities(ordinals, ordinals.length, truth);
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger interruptsSeen = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Thread> victims = new ArrayList<>();
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        readers.add(
            threads.submit(
                () -> {
                  synchronized (victims) {
                    if (victims.size() < 2) {
                      victims.add(Thread.currentThread());
                    }
                  }
                  while (!done.get()) {
                    float[] found = new float[ordinals.length];
                    read.compareWith(vectors.get(0)).similarities(ordinals, 64, found);
                    assertArrayEquals(truth, found);
                    if (Thread.interrupted()) { // the interrupt is still there
                      interruptsSeen.incrementAndGet();
                    }
                  }
                  return done;
                }));
      }
      for (int round = 0; round < 500 || interruptsSeen.get() < 50; round++) {
        synchronized (victims) {
          victims.forEach(Thread::interrupt);
        }
        Thread.onSpinWait();
        for (Future<?> reader : readers) {
          if (reader.isDone()) {
            reader.get(); // what it failed with
          }
        }
      }
      done.set(true);
      for (Future<?> reader : readers) {
        reader.get();
      }
    } finally {
      done.set(true);
      threads.shutdownNow();
    }
  }

  @Test
  void searchingLeavesNoPageOfTheFullVectorsInTheProcess() throws IOException {
    Path place = Files.createDirectory(folder.resolve("i")).toRealPath();
    create(DiskFiles.INSTANCE, place).close();
    try (PassageIndex index = PassageIndex.open(place)) {
      for (float[] query : vectors.subList(0, 10)) {
        index.search(query, 10);
      }
      index.searchExact(vectors.get(0), 3, Filter.all(), Deadline.none());
      index.verify();
      if (Files.exists(SMAPS)) { // Linux
        assertEquals(0, resident(place, ".vec"));
        assertTrue(resident(place, ".codes") >= ROWS * DIMENSION, "codes are mapped");
      }
    }
  }

  /** Bytes of files with this ending that are mapped and in memory. */
  private static long resident(Path place, String suffix) throws IOException {
    long bytes = 0;
    boolean ours = false;
    for (String line : Files.readAllLines(SMAPS)) {
      if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        ours = line.contains(place.toString()) && line.contains(suffix);
      } else if (ours && line.startsWith("Rss:")) {
        bytes += Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    return bytes;
  }
}
