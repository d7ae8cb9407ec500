package io.chasqui.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class ResultTableTest {
  private static final PeerCommand PEER =
      new PeerCommand("peer", List.of("x"), Path.of(""), Map.of());

  @Test
  void ratesAndRatiosComeFromMedians() {
    Outcome ours = outcome("ours", new Cost(1, 2), new Cost(9, 9), new Cost(2, 4));
    Outcome peer = outcome("peer", new Cost(3, 5));
    String table = new ResultTable("Encode", "tokens", 1000, List.of(ours, peer)).toMarkdown();
    assertTrue(
        table.contains("| ours | 500 | 1.00 | 250 | 1.00 | 2.00 (9.00) | 4.00 | 7 | 0.50000 |"),
        table);
    assertTrue(
        table.contains("| peer | 333 | 1.50 | 200 | 1.25 | 3.00 (1.00) | 5.00 | 7 | 0.50000 |"),
        table);
    assertEquals(1, table.split("- lib 1", -1).length - 1, table);
  }

  @Test
  void aFailureSaysWhy() {
    Outcome failed = Outcome.failed(new Contestant("peer", PEER, "w"), "no such file");
    String table = new ResultTable("Encode", "tokens", 1, List.of(failed)).toMarkdown();
    assertTrue(table.contains("| peer | not measured: no such file |"), table);
  }

  @Test
  void theMedianOfTwoIsTheirMean() {
    assertEquals(new Cost(2, 3), Cost.median(List.of(new Cost(1, 2), new Cost(3, 4))));
  }

  private static Outcome outcome(String label, Cost... costs) {
    return new Outcome(
        new Contestant(label, PEER, "w"),
        "lib 1",
        List.of(costs),
        OptionalLong.of(7_000_000),
        Optional.of(0.5),
        Optional.empty());
  }
}
