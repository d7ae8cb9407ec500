package io.chasqui.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import io.chasqui.SearchResult;
import io.chasqui.StageScore;
import io.chasqui.StageTiming;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class HitPrinterTest {
  private static String print(SearchResult result) {
    StringWriter printed = new StringWriter();
    new HitPrinter(new PrintWriter(printed), List.of("retrieve", "rerank")).print(result);
    return printed.toString().replace(System.lineSeparator(), "\n");
  }

  @Test
  void hitsFitEightyColumns() {
    List<StageScore> stages =
        List.of(
            new StageScore("retrieve", 0.68131f, 1),
            new StageScore("rerank", -6.1f, 14),
            new StageScore("order", 1f, 1));
    String text = "Waters plants on a timetable, as long as somebody remembers to fill the can. ";
    Passage hit = Passage.of("can", "Can.pour(int, List...)", text.repeat(3));
    Passage wide = Passage.of("wide", "Can.andAVeryLongNameThatNobodyWouldGive(int, int)", "Short");
    String printed =
        print(
            new SearchResult(
                List.of(
                    new ScoredPassage(hit, 1f, stages),
                    new ScoredPassage(wide, 1f, stages),
                    new ScoredPassage(Passage.of("untitled", "Text"), 1f, List.of())),
                List.of(
                    new StageTiming("retrieve", 100, Duration.ofMillis(37)),
                    new StageTiming("rerank", 20, Duration.ofMillis(1_254)))));
    assertEquals(
        """
         1. Can.pour(int, List...)              retrieve 0.681 (#1)  rerank -6.100 (#14)
            Waters plants on a timetable, as long as somebody remembers to fill the can.
            Waters plants on a timetable, as long as somebody remembers to fill the ...
         2. Can.andAVeryLongNameThatNobodyWouldGive(int, int)
                                                retrieve 0.681 (#1)  rerank -6.100 (#14)
            Short
         3. untitled
            Text
            retrieve: 100 passages in 37 ms, rerank: 20 passages in 1.3 s

        """,
        printed.replaceAll("(?m) +$", ""));
    printed.lines().forEach(line -> assertEquals(Math.min(line.length(), 80), line.length()));
  }

  @Test
  void nothingFoundIsSaid() {
    assertEquals("    nothing found\n\n", print(new SearchResult(List.of(), List.of())));
  }

  @Test
  void timesReadNaturally() {
    assertEquals("0.4 ms", Terminal.time(Duration.ofNanos(400_000)));
    assertEquals("37 ms", Terminal.time(Duration.ofMillis(37)));
    assertEquals("2:05", Terminal.time(Duration.ofSeconds(125)));
    assertEquals("1:02:05", Terminal.time(Duration.ofSeconds(3725)));
  }
}
