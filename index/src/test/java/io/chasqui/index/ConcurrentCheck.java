package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Filter;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * One writer and several readers of one index, checked against a model: whatever a reader sees is
 * one committed generation as a whole, none older than one that was committed before it looked, and
 * none that goes back in time. Some readers are interrupted all along, which must hurt nobody.
 */
final class ConcurrentCheck {
  private static final int READERS = 4;
  private static final int STEPS = 12;

  private final FileLayer files;
  private final Path place;
  private final long seed;

  /** What each generation holds; entered before it is committed, so that nobody sees it earlier. */
  private final ConcurrentSkipListMap<Long, Model> generations = new ConcurrentSkipListMap<>();

  /** The newest generation whose commit has returned. */
  private final AtomicLong acknowledged = new AtomicLong(1);

  private final AtomicBoolean done = new AtomicBoolean();
  private final AtomicLong looks = new AtomicLong();

  ConcurrentCheck(FileLayer files, Path place, long seed) {
    this.files = files;
    this.place = place;
    this.seed = seed;
  }

  /** Number of times that a reader looked. */
  long looks() {
    return looks.get();
  }

  void run() throws Exception {
    // Vectors mapped, or read. There are too few for the codes to decide anything.
    ElementType elements = seed % 20 < 10 ? ElementType.FLOAT32 : ElementType.INT8;
    IndexOptions options =
        IndexOptions.exact().withGraph("test").withGraphFrom(5).withElements(elements);
    ExecutorService threads = Executors.newFixedThreadPool(READERS + 1);
    try (PassageIndex index =
        PassageIndex.create(
            files, place, EmbeddingSpace.named("model", Model.DIMENSION), options)) {
      generations.put(1L, new Model());
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        int reader = i;
        readers.add(
            threads.submit(
                () -> {
                  read(index, reader);
                  return reader;
                }));
      }
      Future<?> writer =
          threads.submit(
              () -> {
                write(index);
                return 0;
              });
      try {
        writer.get();
      } finally {
        done.set(true);
      }
      for (Future<?> reader : readers) {
        reader.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void write(PassageIndex index) throws IOException {
    Random random = new Random(seed);
    Model model = new Model();
    for (int step = 0; step < STEPS; step++) {
      List<Passage> batch = Model.batch(random);
      model.upsert(batch);
      index.upsert(batch, Model.vectors(batch));
      String id = Model.batch(random).get(0).id();
      assertEquals(model.remove(id) ? 1 : 0, index.remove(List.of(id)));
      long next = acknowledged.get() + 1;
      generations.put(next, model.afterCommit());
      boolean nothing = index.pendingChanges() == 0;
      boolean compact = random.nextInt(4) == 0;
      if (random.nextInt(5) == 0) {
        Thread.currentThread().interrupt(); // a commit is not cut short
      }
      long found = compact ? index.compact() : index.commit();
      assertTrue(!Thread.interrupted() || found > 0);
      if (nothing && found == next - 1) {
        generations.remove(next);
      } else {
        assertEquals(next, found);
      }
      acknowledged.set(found);
      model.commit();
    }
  }

  private void read(PassageIndex shared, int reader) throws IOException {
    Random random = new Random(seed * 31 + reader);
    boolean own = reader % 2 == 0;
    long last = 1;
    PassageIndex index = own ? PassageIndex.open(files, place) : shared;
    try {
      boolean once = false;
      while (!once || !done.get()) {
        once = done.get(); // one more look when all is done
        boolean interrupted = reader < 2 && random.nextBoolean();
        long before = acknowledged.get();
        long atLeast = Math.max(last, before);
        if (own) {
          if (interrupted) {
            Thread.currentThread().interrupt(); // opening files is not cut short
          }
          assertTrue(index.refresh() >= before);
          assertEquals(interrupted, Thread.interrupted());
        }
        if (interrupted) {
          look(index, random, () -> Thread.currentThread().interrupt());
        }
        last = matching(look(index, random, () -> {}), atLeast);
        looks.incrementAndGet();
      }
    } finally {
      if (own) {
        index.close();
      }
    }
  }

  /** A question and its answer. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Look(float[] query, int k, Filter filter, List<ScoredPassage> answer) {}

  private static Look look(PassageIndex index, Random random, Runnable before) {
    float[] query = new float[Model.DIMENSION];
    for (int i = 0; i < query.length; i++) {
      query[i] = random.nextInt(7) - 3;
    }
    Filter filter = random.nextBoolean() ? Filter.all() : Filter.lt("n", random.nextInt(5));
    Supplier<List<ScoredPassage>> search = () -> index.search(query, 40, filter, Deadline.none());
    before.run();
    try {
      return new Look(query, 40, filter, search.get());
    } catch (DeadlineExceededException interrupted) {
      assertTrue(Thread.interrupted());
      return new Look(query, 40, filter, search.get());
    } finally {
      Thread.interrupted();
    }
  }

  /** The first generation from one on that gives this answer. */
  private long matching(Look look, long atLeast) {
    Map<Long, Model> possible = generations.tailMap(atLeast, true);
    for (Map.Entry<Long, Model> generation : possible.entrySet()) {
      if (generation.getValue().search(look.query, look.k, look.filter).equals(look.answer)) {
        return generation.getKey();
      }
    }
    throw new AssertionError(
        "seed "
            + seed
            + ": an answer of "
            + look.answer.size()
            + " hits that is that of none of generations "
            + new TreeSet<>(Collections.unmodifiableSet(possible.keySet())));
  }
}
