package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Deadline;
import io.chasqui.Device;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.Passage;
import io.chasqui.Scorer;
import io.chasqui.Scores;
import io.chasqui.spi.ModelRunner;
import io.chasqui.spi.TokenBatch;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OnnxModelSessionTest {
  private final RunQueue queue = new RunQueue("test", 2);

  @AfterEach
  void close() {
    queue.close();
  }

  @Test
  void viewsAreGivenByRoleAndWrongKindsAreNamed() {
    try (OnnxModelSession session = session(FakeRunner.healthy())) {
      assertEquals(Set.of("repllama", "rankllama"), session.roles());
      assertEquals(Device.cpu(2), session.device());
      assertEquals(FakeRunner.WIDTH, session.encoder("repllama").dimension());
      assertEquals(
          "no role e5 in models/a; encoders: [repllama], scorers: [rankllama]",
          assertThrows(IllegalArgumentException.class, () -> session.encoder("e5")).getMessage());
      assertEquals(
          "role rankllama of models/a is a scorer, no encoder;"
              + " encoders: [repllama], scorers: [rankllama]",
          assertThrows(IllegalArgumentException.class, () -> session.encoder("rankllama"))
              .getMessage());
      assertEquals(
          "role repllama of models/a is an encoder without score head;"
              + " encoders: [repllama], scorers: [rankllama]",
          assertThrows(IllegalArgumentException.class, () -> session.scorer("repllama"))
              .getMessage());
    }
  }

  @Test
  void queriesAndPassagesGoThroughTheirOwnPrompts() {
    try (OnnxModelSession session = session(FakeRunner.healthy())) {
      Encoder encoder = session.encoder("repllama");
      assertArrayEquals(new float[] {4, 'q', 'c'}, encoder.encodeQueries(List.of("abc")).row(0));
      Embeddings rows =
          encoder.encodePassages(List.of(Passage.of("1", "z"), Passage.of("2", "0123456789")));
      assertArrayEquals(new float[] {2, 'p', 'z'}, rows.row(0));
      assertArrayEquals(new float[] {8, 'p', '6'}, rows.row(1));
      assertFalse(rows.isTruncated(0));
      assertTrue(rows.isTruncated(1));
      assertEquals(0, encoder.encodePassages(List.of()).size());
    }
  }

  @Test
  void nullsAreRefusedBeforeAnythingRuns() {
    FakeRunner runner = FakeRunner.healthy();
    try (OnnxModelSession session = session(runner)) {
      Encoder encoder = session.encoder("repllama");
      assertThrows(
          NullPointerException.class,
          () -> encoder.encodeQueries(java.util.Arrays.asList("a", null)));
      assertThrows(NullPointerException.class, () -> encoder.encodePassages(null));
      assertThrows(
          NullPointerException.class,
          () -> session.scorer("rankllama").score(null, List.of(Passage.of("1", "a"))));
    }
    assertTrue(runner.batches.isEmpty());
  }

  @Test
  void aPassageWithoutFiniteVectorIsFlaggedByItsId() {
    try (OnnxModelSession session = session(FakeRunner.withNanFor('!'))) {
      Embeddings rows =
          session
              .encoder("repllama")
              .encodePassages(List.of(Passage.of("good", "a"), Passage.of("bad", "a!")));
      assertEquals(Optional.empty(), rows.failure(0));
      assertEquals(Optional.of("the model gave NaN for passage bad"), rows.failure(1));
      assertArrayEquals(new float[FakeRunner.WIDTH], rows.row(1));
      assertArrayEquals(new float[] {2, 'p', 'a'}, rows.row(0));
    }
  }

  @Test
  void aScorerTellsTheRunnerWhichPrefixIsShared() {
    ScoreRunner runner = new ScoreRunner();
    try (OnnxModelSession session = session(runner)) {
      Scorer scorer = session.scorer("rankllama");
      Scores scores =
          scorer.score("ab", List.of(Passage.of("1", "x"), Passage.of("2", "01234567")));
      assertEquals(3f, scores.score(0));
      assertEquals(8f, scores.score(1));
      assertTrue(scores.isTruncated(1));
      assertEquals(2, runner.sharedPrefix);
      assertEquals(0, scorer.score("ab", List.of()).size());
    }
  }

  @Test
  void useAfterCloseNamesTheSession() {
    OnnxModelSession session = session(FakeRunner.healthy());
    Encoder encoder = session.encoder("repllama");
    session.close();
    session.close();
    assertEquals(
        "model session of models/a is closed",
        assertThrows(IllegalStateException.class, () -> encoder.encodeQueries(List.of("a")))
            .getMessage());
    assertThrows(IllegalStateException.class, () -> session.encoder("repllama"));
    assertThrows(IllegalStateException.class, () -> session.scorer("rankllama"));
  }

  @Test
  void closeWaitsForTheCallInFlight() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    FakeRunner runner =
        new FakeRunner(
            (batch, deadline) -> {
              entered.countDown();
              leave.await();
            },
            -1);
    OnnxModelSession session = session(runner);
    Encoder encoder = session.encoder("repllama");
    CompletableFuture<Embeddings> call =
        CompletableFuture.supplyAsync(() -> encoder.encodeQueries(List.of("a")));
    entered.await();
    CompletableFuture<Void> close = CompletableFuture.runAsync(session::close);
    while (true) {
      try {
        session.encoder("repllama");
      } catch (IllegalStateException closing) {
        break;
      }
    }
    assertEquals(0, runner.closed.get());
    leave.countDown();
    assertEquals(1, call.get(30, TimeUnit.SECONDS).size());
    close.get(30, TimeUnit.SECONDS);
    assertEquals(1, runner.closed.get());
  }

  private OnnxModelSession session(ModelRunner runner) {
    BatchScheduler scheduler =
        new BatchScheduler(
            runner,
            queue,
            new BatchPlanner(64, 0.05, (rows, longest) -> 1, 1 << 20),
            new MemoryGate(1 << 20),
            () -> "");
    return new OnnxModelSession(
        "models/a",
        Device.cpu(2),
        Map.of(
            "repllama",
            new OnnxModelSession.View(
                new FakePrompts(8), Optional.of(() -> EmbeddingSpace.named("a", FakeRunner.WIDTH))),
            "rankllama",
            new OnnxModelSession.View(new FakePrompts(8), Optional.empty())),
        scheduler,
        runner::close);
  }

  /** Scores a pair by its length. */
  private static final class ScoreRunner implements ModelRunner {
    private volatile int sharedPrefix = -1;

    @Override
    public int width(String role) {
      return 1;
    }

    @Override
    public float[] run(TokenBatch batch, Deadline deadline) {
      sharedPrefix = batch.sharedPrefix();
      float[] scores = new float[batch.rows().size()];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = batch.rows().get(i).length;
      }
      return scores;
    }

    @Override
    public void close() {}
  }
}
