package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.evaluation.Qrels;
import io.chasqui.evaluation.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PaperReportTest {
  @TempDir Path directory;

  @Test
  void aRunThatIsClearlyWorseIsMarkedAndAnEqualOneIsNot() throws IOException {
    Qrels.Builder qrels = Qrels.builder();
    Run.Builder good = Run.builder("good");
    Run.Builder same = Run.builder("same");
    Run.Builder bad = Run.builder("bad");
    Set<String> queries = new TreeSet<>();
    for (int i = 0; i < 40; i++) {
      String query = "q" + i;
      queries.add(query);
      qrels.add(query, "d", 1);
      good.addInOrder(query, List.of("d", "e"));
      same.addInOrder(query, List.of("d", "f"));
      bad.addInOrder(query, List.of(i % 10 == 0 ? "d" : "e", "f"));
    }
    qrels.add("unsearched", "d", 1);
    PaperReport report = new PaperReport(directory, "Title");

    report.table("Table", qrels.build(), queries, List.of(good.build(), same.build(), bad.build()));

    String text = Files.readString(report.write());
    assertTrue(text.contains("| good | 1.0000 |"), text);
    assertTrue(text.contains("| same | 1.0000 | 1.0000 | 1.0000 | 1.000 |"), text);
    assertTrue(text.contains("| bad | 0.1000 ▼ | 0.1000 ▼ |"), text);
    assertTrue(text.contains("| < 0.001 |"), text);
  }

  @Test
  void aQuestionIsAnsweredWhereBothTestsSaySo() {
    Qrels.Builder qrels = Qrels.builder();
    Run.Builder good = Run.builder("good");
    Run.Builder same = Run.builder("good"); // of the same name: one model at two lengths
    Run.Builder bad = Run.builder("bad");
    for (int i = 0; i < 40; i++) {
      String query = "q" + i;
      qrels.add(query, "d", 1);
      good.addInOrder(query, List.of("d", "e"));
      same.addInOrder(query, i == 0 ? List.of("e", "d") : List.of("d", "e"));
      bad.addInOrder(query, List.of(i % 10 == 0 ? "d" : "e", "f"));
    }
    PaperQuestions questions = new PaperQuestions();
    questions.ask("Better?", "home", qrels.build(), bad.build(), good.build());
    questions.ask("Worse?", "home", qrels.build(), good.build(), bad.build());
    questions.ask("Equal?", "home", qrels.build(), good.build(), same.build());

    String table = questions.table();
    assertTrue(
        table.contains("| Better? | home | 0.1000 | 1.0000 | +0.9000 | 0.000 | 0.000 | yes |"),
        table);
    assertTrue(
        table.contains("| Worse? | home | 1.0000 | 0.1000 | -0.9000 | 0.000 | 0.000 | no |"),
        table);
    assertTrue(table.contains("| Equal? | home | 1.0000 | 0.9908 | -0.0092 |"), table);
    assertTrue(table.contains("| inconclusive |"), table);
  }

  @Test
  void plotsAreImagesThatTheReportShows() throws IOException {
    PaperReport report = new PaperReport(directory, "Title");
    Map<Integer, Double> curve = new LinkedHashMap<>(Map.of(16, 0.25));
    curve.put(32, 0.5);

    report.curve("Lengths", "length.png", curve);
    report.bars("All", "all.png", Map.of("run", new LinkedHashMap<>(Map.of("a", 0.5))));

    String text = Files.readString(report.write());
    assertTrue(text.contains("| 32 | 0.5000 |"), text);
    for (String plot : List.of("length.png", "all.png")) {
      assertTrue(text.contains("](" + plot + ")"), text);
      assertNotNull(ImageIO.read(directory.resolve(plot).toFile()), plot);
      assertEquals(900, ImageIO.read(directory.resolve(plot).toFile()).getWidth(), plot);
    }
  }
}
