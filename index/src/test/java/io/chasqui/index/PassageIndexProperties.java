package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.chasqui.EmbeddingSpace;
import io.chasqui.Passage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** An index against a plain map, through random lives; also on a disk that fails. */
class PassageIndexProperties {
  private static final Path PLACE = Path.of("index");
  private static final EmbeddingSpace SPACE = EmbeddingSpace.named("model", Model.DIMENSION);
  private static final IndexOptions OPTIONS =
      IndexOptions.exact().withGraph("test").withGraphFrom(5);

  @Property(tries = 200)
  void behavesLikeAMap(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int steps, @ForAll boolean half)
      throws IOException {
    Random random = new Random(seed);
    MemoryFiles disk = new MemoryFiles();
    Model model = new Model();
    ElementType elements = half ? ElementType.FLOAT16 : ElementType.FLOAT32; // exact in both
    PassageIndex index = PassageIndex.create(disk, PLACE, SPACE, OPTIONS.withElements(elements));
    try {
      for (int step = 0; step < steps; step++) {
        int action = random.nextInt(10);
        if (action == 9) {
          index.close();
          index = PassageIndex.open(disk, PLACE);
          model.rollback();
        } else {
          act(action, index, model, random);
        }
        model.check(index, random);
      }
    } finally {
      index.close();
    }
  }

  /** One random change of index and model alike. */
  private static void act(int action, PassageIndex index, Model model, Random random)
      throws IOException {
    List<Passage> batch = Model.batch(random);
    switch (action) {
      case 0, 1 -> {
        if (model.add(batch)) {
          index.add(batch, Model.vectors(batch));
        } else {
          assertThrows(
              IllegalArgumentException.class, () -> index.add(batch, Model.vectors(batch)));
        }
      }
      case 2, 3 -> {
        model.upsert(batch);
        index.upsert(batch, Model.vectors(batch));
      }
      case 4 -> {
        String id = batch.get(0).id();
        assertEquals(model.remove(id) ? 1 : 0, index.remove(List.of(id)));
      }
      case 5 -> {
        String id = batch.get(0).documentId();
        assertEquals(model.removeDocument(id), index.removeDocument(id));
      }
      case 6 -> {
        index.rollback();
        model.rollback();
      }
      case 7 -> {
        index.compact();
        model.commit();
        assertTrue(index.stats().segments() <= 1);
        assertEquals(0, index.stats().removed());
      }
      default -> {
        index.commit();
        model.commit();
      }
    }
  }

  @Property(tries = 200)
  void aFailingDiskLosesNothing(@ForAll long seed, @ForAll @IntRange(max = 250) int failAt)
      throws IOException {
    Random random = new Random(seed);
    MemoryFiles disk = new MemoryFiles();
    Model model = new Model();
    PassageIndex index = PassageIndex.create(disk, PLACE, SPACE, OPTIONS);
    disk.failAt(disk.operations() + failAt);
    try {
      for (int step = 0; step < 40; step++) {
        try {
          act(random.nextInt(9), index, model, random);
        } catch (IOException e) {
          assertTrue(String.valueOf(e).contains("injected") || e.getCause() != null, e.toString());
          // The reader goes on; the writer either can try again or says that it can't.
          assertTrue(model.holds(index));
          try {
            index.commit();
            model.commit();
          } catch (IllegalStateException closed) {
            index.close();
            index = PassageIndex.open(disk, PLACE);
            // A commit whose last sync failed was not acknowledged, but may be there.
            Model done = model.afterCommit();
            model.rollback();
            if (!model.holds(index)) {
              model = done;
            }
          }
        }
        model.check(index, random);
      }
      index.close();
      try (PassageIndex again = PassageIndex.open(disk, PLACE)) {
        assertTrue(model.holds(again));
      }
    } finally {
      index.close();
    }
  }

  @Property(tries = 300)
  void aPowerLossLosesNothing(@ForAll long seed, @ForAll @IntRange(max = 400) int at)
      throws IOException {
    Random random = new Random(seed);
    MemoryFiles disk = new MemoryFiles();
    Model model = new Model();
    PassageIndex index = PassageIndex.create(disk, PLACE, SPACE, OPTIONS);
    disk.losePowerAt(disk.operations() + at);
    boolean lost = false;
    try {
      for (int step = 0; step < 60; step++) {
        act(random.nextInt(9), index, model, random);
      }
    } catch (MemoryFiles.PowerLoss e) {
      lost = true;
    }
    for (int i = 0; i < 5; i++) {
      MemoryFiles found = disk.afterPowerLoss(random);
      try (PassageIndex again = PassageIndex.open(found, PLACE)) {
        Model inFlight = model.afterCommit();
        if (!model.holds(again) && !(lost && inFlight.holds(again))) {
          fail("neither the acknowledged commit nor the one in flight");
        }
        // And it can be written to, whatever the crash left lying about.
        List<Passage> batch = Model.batch(random);
        again.upsert(batch, Model.vectors(batch));
        again.commit();
        assertEquals(batch.get(0), again.get(batch.get(0).id()).orElseThrow());
      }
    }
  }
}
