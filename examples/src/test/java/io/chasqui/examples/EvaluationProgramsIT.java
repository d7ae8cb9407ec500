package io.chasqui.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.evaluation.Run;
import io.chasqui.evaluation.TrecFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The programs that measure, with the small model on a collection of six documents. */
class EvaluationProgramsIT {
  @TempDir private Path folder;
  private Path collection;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void makeCollection() throws IOException {
    collection = Files.createDirectories(folder.resolve("orchard"));
    String filler = "The wind was calm that day and nothing else was written down. ".repeat(12);
    Files.write(
        collection.resolve("corpus.jsonl"),
        List.of(
            document("apples", "Apples", "Picks red apples from the tree."),
            document("pears", "Pears", "Sorts the pears into a basket."),
            document("plums", "Plums", "Dries plums in the sun."),
            document("bees", "Bees", filler + "Counts the bees that come to the hive. " + filler),
            document("ladder", "Ladder", "Puts the ladder against the wall."),
            document("q2", "q2", "counts bees in the hive")));
    Files.write(
        collection.resolve("queries.jsonl"),
        List.of(
            "{\"_id\":\"q1\",\"text\":\"red apples tree\"}",
            "{\"_id\":\"q2\",\"text\":\"counts bees in the hive\"}",
            "{\"_id\":\"q3\",\"text\":\"of another split\"}"));
    Files.createDirectories(collection.resolve("qrels"));
    Files.write(
        collection.resolve("qrels").resolve("test.tsv"),
        List.of("query-id\tcorpus-id\tscore", "q1\tapples\t1", "q2\tbees\t1"));
  }

  private static String document(String id, String title, String text) {
    return "{\"_id\":\"%s\",\"title\":\"%s\",\"text\":\"%s\"}".formatted(id, title, text);
  }

  private int run(Object program, String... more) {
    CommandLine line = new CommandLine(program);
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    String[] fixed = {"-m", TinyModel.DIRECTORY.toString(), "-w", folder.resolve("w").toString()};
    String[] all = new String[fixed.length + more.length];
    System.arraycopy(fixed, 0, all, 0, fixed.length);
    System.arraycopy(more, 0, all, fixed.length, more.length);
    return line.execute(all);
  }

  private Path work(String file) {
    return folder.resolve("w").resolve("orchard-test").resolve(file);
  }

  @Test
  void aCheckpointIsEvaluatedWithBaselinesAndRerankingAndGoesOn() throws IOException {
    int exit =
        run(
            new EvaluateCheckpoint(),
            "--drop-identical-ids",
            "--depth",
            "2",
            collection.toString());
    assertEquals(0, exit, err.toString());
    String report = Files.readString(work("report.md"));
    assertEquals(report.strip(), out.toString().strip());
    assertTrue(report.contains("2 queries"), report);
    assertTrue(report.contains("| bm25 | 1.0000 "), report);
    for (String name : List.of("bm25", "dense", "hybrid", "reranked")) {
      Run run = TrecFiles.readRun(work(name + ".run.gz"));
      assertEquals(name, run.name());
      assertFalse(run.ranking("q2").ids().contains("q2"), "a question answers itself in " + name);
    }
    Run dense = TrecFiles.readRun(work("dense.run.gz"));
    Run reranked = TrecFiles.readRun(work("reranked.run.gz"));
    assertEquals(5, dense.ranking("q2").size());
    assertEquals(
        dense.ranking("q1").ids().subList(2, 6), reranked.ranking("q1").ids().subList(2, 6));

    // Scores that are there are not computed again.
    Path log = work("reranked-orchard-test.tsv");
    List<String> lines = Files.readAllLines(log);
    assertEquals(3, lines.size());
    String changed = "q1\tplums\t9.5\tapples\t9.0";
    Files.write(log, List.of(lines.get(0), changed));
    Files.writeString(log, "q2\tcut off by a ki", StandardOpenOption.APPEND);
    assertEquals(
        0,
        run(
            new EvaluateCheckpoint(),
            "--drop-identical-ids",
            "--depth",
            "2",
            collection.toString()));
    assertEquals(
        List.of("plums", "apples"),
        TrecFiles.readRun(work("reranked.run.gz")).ranking("q1").ids().subList(0, 2));
    assertEquals(List.of(lines.get(0), changed, lines.get(2)), Files.readAllLines(log));

    int other =
        run(
            new EvaluateCheckpoint(),
            "--drop-identical-ids",
            "--depth",
            "3",
            collection.toString());
    assertEquals(1, other);
    assertTrue(err.toString().contains("was made with reranked top 2 of dense"), err.toString());
  }

  @Test
  void msMarcosFilesAreEvaluatedByItsConvention() throws IOException {
    Path corpus = Files.writeString(folder.resolve("c.tsv"), "1\tred apples\n2\tblue plums\n");
    Path queries = Files.writeString(folder.resolve("q.tsv"), "7\tapples\n8\tnot judged\n");
    Path qrels = Files.writeString(folder.resolve("r.tsv"), "7 0 1 0\n");
    String[] arguments = {
      "--ms-marco",
      "--no-rerank",
      "--name",
      "msmarco-dev",
      "--corpus",
      corpus.toString(),
      "--queries",
      queries.toString(),
      "--qrels",
      qrels.toString()
    };
    assertEquals(0, run(new EvaluateCheckpoint(), arguments), err.toString());
    // Whatever the grade, what is judged is relevant there.
    assertTrue(
        out.toString().contains("| bm25 | msmarco_mrr_10 | 100.0 | 18.4 | +81.6 |"),
        out.toString());
    assertTrue(out.toString().contains("| dense | msmarco_mrr_10 | "), out.toString());

    Files.writeString(qrels, "7 0 1 1\n7 0 99 1\n");
    assertEquals(1, run(new EvaluateCheckpoint(), arguments));
    assertTrue(err.toString().contains("r.tsv:2: no such document: 99"), err.toString());
  }

  @Test
  void commandLinesThatMakeNoSenseAreExplained() {
    assertEquals(2, run(new EvaluateCheckpoint()));
    assertTrue(err.toString().contains("give either FOLDERs or --corpus"), err.toString());
    assertEquals(2, run(new EvaluateCheckpoint(), "--metric", "ndgc", collection.toString()));
    assertTrue(err.toString().contains("no such metric: \"ndgc\""), err.toString());
    assertEquals(2, run(new EvaluateCheckpoint(), "--encoder", "x", collection.toString()));
    assertTrue(err.toString().contains("--encoder x: there are [repllama]"), err.toString());
    assertEquals(2, run(new LongDocuments(), "--passages", "0", collection.toString()));
    assertEquals(1, run(new LongDocuments(), folder.resolve("nowhere").toString()));
    assertTrue(err.toString().contains("long-documents: "), err.toString());
  }

  @Test
  void longDocumentsAreFoundByThePassageThatDecides() throws IOException {
    int exit =
        run(
            new LongDocuments(),
            "--passage-tokens",
            "40",
            "--overlap",
            "0",
            "--depth",
            "3",
            collection.toString());
    assertEquals(0, exit, err.toString());
    for (String name :
        List.of(
            "whole",
            "whole-reranked",
            "FirstP",
            "FirstP-reranked",
            "MaxP",
            "MaxP-reranked",
            "SumP",
            "AvgP")) {
      assertTrue(out.toString().contains("| " + name + " | "), out.toString());
    }
    Path work = folder.resolve("w");
    List<LongDocumentRun.Deciding> bees =
        Files.readAllLines(work.resolve("MaxP.deciding.tsv")).stream()
            .map(LongDocumentRun.Deciding::parse)
            .filter(decided -> decided.query().equals("q2") && decided.document().equals("bees"))
            .toList();
    assertEquals(1, bees.size());
    String corpus = Files.readString(collection.resolve("corpus.jsonl"));
    String text = corpus.substring(corpus.indexOf("The wind"));
    String decided = text.substring((int) bees.get(0).start(), (int) bees.get(0).end());
    assertTrue(decided.contains("Counts the bees"), decided);
    // FirstP has one passage of each document: its first.
    assertTrue(
        Files.readAllLines(work.resolve("FirstP.deciding.tsv")).stream()
            .map(LongDocumentRun.Deciding::parse)
            .allMatch(first -> first.start() == 0));
    assertEquals(6, TrecFiles.readRun(work.resolve("FirstP.run.gz")).ranking("q1").size());
  }
}
