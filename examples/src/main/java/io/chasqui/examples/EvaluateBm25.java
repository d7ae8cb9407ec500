package io.chasqui.examples;

import io.chasqui.Document;
import io.chasqui.Passage;
import io.chasqui.SearchRequest;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.DataFormatException;
import io.chasqui.evaluation.Evaluation;
import io.chasqui.evaluation.EvaluationOptions;
import io.chasqui.evaluation.Evaluator;
import io.chasqui.evaluation.Metric;
import io.chasqui.evaluation.Run;
import io.chasqui.evaluation.TrecFiles;
import io.chasqui.lucene.Analysis;
import io.chasqui.lucene.LuceneOptions;
import io.chasqui.lucene.LuceneRetriever;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** BM25 over BEIR folders, measured as trec_eval does: the baseline of every retriever. */
@Command(
    name = "evaluate-bm25",
    description = "Indexes BEIR folders with Lucene, searches, and prints trec_eval's metrics.",
    mixinStandardHelpOptions = true,
    versionProvider = ExamplesVersion.class)
public final class EvaluateBm25 implements Callable<Integer> {
  private static final int BATCH = 1_000;

  @Parameters(
      paramLabel = "FOLDER",
      arity = "1..*",
      description = "with corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv, plain or .gz")
  private List<Path> folders = List.of();

  @Option(
      names = "--split",
      paramLabel = "NAME",
      description = "judgements to use; several times for several (default: dev and test)")
  private List<String> splits = new ArrayList<>();

  @Option(
      names = "--hits",
      paramLabel = "K",
      defaultValue = "1000",
      description = "hits per query (default: ${DEFAULT-VALUE})")
  private int hits;

  @Option(
      names = "--k1",
      defaultValue = "0.9",
      description = "weight of a term's frequency (default: ${DEFAULT-VALUE})")
  private float k1;

  @Option(
      names = "--b",
      defaultValue = "0.4",
      description = "weight of a passage's length (default: ${DEFAULT-VALUE})")
  private float b;

  private enum Words {
    ENGLISH,
    STANDARD
  }

  @Option(
      names = "--analysis",
      defaultValue = "ENGLISH",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
  private Words words = Words.ENGLISH;

  @Option(
      names = "--index",
      required = true,
      paramLabel = "DIR",
      description = "where the indexes are kept, one per folder; one that is there is used again")
  private Path index = Path.of("");

  @Option(names = "--runs", paramLabel = "DIR", description = "where to write TREC runs")
  private Optional<Path> runs = Optional.empty();

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "ndcg_cut_10,recip_rank_10,recall_100,map",
      description = "trec_eval's names (default: ${DEFAULT-VALUE})")
  private List<String> metrics = List.of();

  private final PrintStream out = System.out;

  public static void main(String[] args) {
    System.exit(new CommandLine(new EvaluateBm25()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    List<Metric> wanted = metrics.stream().map(Metric::parse).toList();
    out.println("| set | split | documents | queries | " + String.join(" | ", metrics) + " |");
    out.println("|---|---|---|---|" + "---|".repeat(wanted.size()));
    try {
      for (Path folder : folders) {
        evaluate(folder, wanted);
      }
    } catch (DataFormatException e) {
      System.err.println(e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
    return CommandLine.ExitCode.OK;
  }

  private void evaluate(Path folder, List<Metric> wanted) throws IOException {
    BeirFolder beir = BeirFolder.open(folder);
    String name = folder.toAbsolutePath().normalize().getFileName().toString();
    try (LuceneRetriever retriever = index(beir, name)) {
      for (String split : beir.splits()) {
        if (splits.isEmpty() ? split.equals("train") : !splits.contains(split)) {
          continue;
        }
        Map<String, String> queries = beir.queryTexts(split);
        Run run = search(retriever, name + "-" + split, queries);
        if (runs.isPresent()) {
          Files.createDirectories(runs.get());
          TrecFiles.writeRun(runs.get().resolve(run.name() + ".run.gz"), run);
        }
        Evaluation evaluation =
            Evaluator.of(wanted, EvaluationOptions.defaults()).evaluate(beir.qrels(split), run);
        print(name, split, retriever.size(), evaluation);
      }
    }
  }

  private LuceneRetriever index(BeirFolder beir, String name) throws IOException {
    Analysis analysis = words == Words.ENGLISH ? Analysis.english() : Analysis.standard();
    LuceneRetriever retriever =
        LuceneRetriever.openOrCreate(index.resolve(name), new LuceneOptions(analysis, k1, b));
    boolean ready = false;
    try {
      if (retriever.size() == 0) {
        fill(retriever, beir, name);
      }
      ready = true;
      return retriever;
    } finally {
      if (!ready) {
        retriever.close();
      }
    }
  }

  private static void fill(LuceneRetriever retriever, BeirFolder beir, String name)
      throws IOException {
    try (Stream<Document> corpus = beir.corpus();
        ProgressBar bar = Terminal.progressBar("indexing " + name, -1).build()) {
      List<Passage> batch = new ArrayList<>();
      for (Iterator<Document> documents = corpus.iterator(); documents.hasNext(); ) {
        batch.add(documents.next().asPassage());
        bar.step();
        if (batch.size() == BATCH || !documents.hasNext()) {
          retriever.add(batch);
          batch.clear();
        }
      }
    }
    retriever.commit();
  }

  private Run search(LuceneRetriever retriever, String name, Map<String, String> queries) {
    Run.Builder run = Run.builder(name);
    try (ProgressBar bar = Terminal.progressBar("searching " + name, queries.size()).build()) {
      queries.forEach(
          (id, text) -> {
            run.add(id, retriever.retrieve(SearchRequest.of(text, hits)));
            bar.step();
          });
    }
    return run.build();
  }

  private void print(String name, String split, int documents, Evaluation evaluation) {
    StringBuilder line = new StringBuilder();
    line.append("| ").append(name).append(" | ").append(split);
    line.append(" | ").append(documents).append(" | ").append(evaluation.queryIds().size());
    for (Metric metric : evaluation.metrics()) {
      line.append(String.format(Locale.ROOT, " | %.4f", evaluation.total(metric)));
    }
    out.println(line.append(" |"));
  }
}
