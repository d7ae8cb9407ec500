package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Filter;
import io.chasqui.Metadata;
import io.chasqui.Passage;
import io.chasqui.spi.Neighbours;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The first use of a filter reads every row's metadata, and may be stopped meanwhile. */
class FilterCacheTest {
  private static final Path PLACE = Path.of("index");
  private static final int ROWS = 40;
  private static final Filter NONE = Filter.lt("n", 0);
  private static final Filter SOME = Filter.lt("n", 5);

  private final MemoryFiles disk = new MemoryFiles();
  private Segment segment;

  @BeforeEach
  void writeSegment() throws IOException {
    List<Passage> passages = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      passages.add(Passage.of("p" + i, "text " + i).withMetadata(Metadata.of("n", i)));
    }
    EmbeddingSpace space = EmbeddingSpace.named("test", Model.DIMENSION);
    try (PassageIndex index = PassageIndex.create(disk, PLACE, space, IndexOptions.exact())) {
      index.add(passages, Model.vectors(passages));
      index.commit();
    }
    segment = new Store(disk, PLACE).openNewest(Optional.empty()).segments().get(0);
  }

  private Neighbours search(Filter filter, Deadline deadline) {
    return segment.nearest(new float[Model.DIMENSION], ROWS, 1, filter, true, deadline);
  }

  @Test
  void aDeadlineHoldsWhileAFilterIsFirstUsed() {
    for (Filter filter : List.of(NONE, SOME)) {
      assertThrows(
          DeadlineExceededException.class, () -> search(filter, Deadline.after(Duration.ZERO)));
    }
    assertEquals(0, search(NONE, Deadline.none()).size());
    assertEquals(5, search(SOME, Deadline.none()).size()); // nothing half done was kept
  }

  @Test
  void anInterruptStopsTheFirstUseOfAFilter() {
    Thread.currentThread().interrupt();
    try {
      assertThrows(DeadlineExceededException.class, () -> search(NONE, Deadline.none()));
    } finally {
      assertTrue(Thread.interrupted());
    }
    assertEquals(5, search(SOME, Deadline.none()).size());
  }
}
