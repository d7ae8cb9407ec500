package io.chasqui.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContestTest {
  @TempDir Path scratch;

  @Test
  void peersAreMeasuredAndComparedWithTheFirst() throws Exception {
    List<Outcome> outcomes = contest(contestant("one", "1"), contestant("other", "-1")).run();
    assertEquals("echo 1.0", outcomes.get(0).description());
    assertEquals(2, outcomes.get(0).costs().size());
    for (Outcome outcome : outcomes) {
      assertTrue(outcome.cost().orElseThrow().wallSeconds() >= 0.05, outcome.toString());
      assertTrue(outcome.cost().orElseThrow().cpuSeconds() > 0, outcome.toString());
    }
    assertEquals(Optional.empty(), outcomes.get(0).agreement());
    assertEquals(3 / 5.0, outcomes.get(1).agreement().orElseThrow(), 1e-6); // (1,2) and (-1,2)
  }

  @Test
  void contestantsTakeTurns() throws Exception {
    List<String> told = new ArrayList<>();
    new Contest(List.of(contestant("one", "1")), 1, 2, scratch, told::add).run();
    assertEquals(
        List.of("loading one", "warmed up", "round 1 of 2 is done", "round 2 of 2 is done"), told);
  }

  @Test
  void aPeerThatDoesNotLoadIsReportedAndTheOthersGoOn() throws Exception {
    List<Outcome> outcomes = contest(contestant("bad", "broken"), contestant("good", "1")).run();
    String failure = outcomes.get(0).failure().orElseThrow();
    assertTrue(failure.contains("IllegalStateException: broken on purpose"), failure);
    assertTrue(failure.contains("bad.log"), failure);
    assertEquals(2, outcomes.get(1).costs().size());
  }

  @Test
  void aPeerThatFailsOrEndsLaterIsReported() throws Exception {
    Contestant fails = new Contestant("fails", command("fails", "1"), "fail");
    Contestant dies = new Contestant("dies", command("dies", "1"), "die");
    List<Outcome> outcomes = contest(contestant("good", "1"), fails, dies).run();
    assertTrue(outcomes.get(1).failure().orElseThrow().contains("no workload fail"));
    assertTrue(outcomes.get(2).failure().orElseThrow().contains("dies ended"));
    assertEquals(List.of(), outcomes.get(2).costs());
    assertEquals(2, outcomes.get(0).costs().size());
  }

  @Test
  void eachWorkloadHasAReferenceOfItsOwn() throws Exception {
    PeerCommand command = command("both", "1");
    List<Outcome> outcomes =
        contest(new Contestant("wide", command, "work"), new Contestant("one", command, "narrow"))
            .run();
    assertEquals(Optional.empty(), outcomes.get(1).agreement());
    assertEquals(Optional.empty(), outcomes.get(1).failure());
  }

  @Test
  void peersMeasureThingsThemselves() throws Exception {
    Contestant one = contestant("one", "1.5");
    Contest.Result result = contest(one).run(List.of("scale", "unknown"));
    PeerFigures figures = result.figures().get(one.peer());
    assertEquals(Optional.of(1.5), figures.figure("scale", "value"));
    assertEquals(Optional.empty(), figures.figure("unknown", "value"));
    assertTrue(figures.loadSeconds() > 0);
  }

  private Contest contest(Contestant... contestants) {
    return new Contest(List.of(contestants), 0, 2, scratch, line -> {});
  }

  private static Contestant contestant(String name, String argument) {
    return new Contestant(name, command(name, argument), "work");
  }

  private static PeerCommand command(String name, String argument) {
    return PeerCommand.java(
        name,
        PeerCommand.thisJava(),
        List.of("-Xmx32m"),
        System.getProperty("java.class.path"),
        EchoPeer.class.getName(),
        List.of(argument));
  }
}
