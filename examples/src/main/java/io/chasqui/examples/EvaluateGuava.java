package io.chasqui.examples;

import io.chasqui.ChasquiException;
import io.chasqui.Document;
import io.chasqui.Encoder;
import io.chasqui.Fusion;
import io.chasqui.ModelSession;
import io.chasqui.Normalisation;
import io.chasqui.Passage;
import io.chasqui.Pipeline;
import io.chasqui.Reranker;
import io.chasqui.Retriever;
import io.chasqui.ScoredPassage;
import io.chasqui.Scores;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.Evaluation;
import io.chasqui.evaluation.Evaluator;
import io.chasqui.evaluation.Metric;
import io.chasqui.evaluation.Qrels;
import io.chasqui.evaluation.Run;
import io.chasqui.index.IndexOptions;
import io.chasqui.index.PassageIndex;
import io.chasqui.lucene.Analysis;
import io.chasqui.lucene.LuceneOptions;
import io.chasqui.lucene.LuceneRetriever;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Measures a model on judged questions: dense retrieval by exact search, BM25, the fusion of both,
 * the dense top 100 reordered by the reranker, and fusions with that, with trec_eval's measures.
 * The figures behind the order that {@link Quickstart} ends on.
 */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    versionProvider = ExamplesVersion.class,
    sortOptions = false,
    description =
        "Prints nDCG@10, MRR@10 and R@100 of retrieval, reranking and fusions on a test collection"
            + " in BEIR's layout.")
public final class EvaluateGuava implements Callable<Integer> {
  private static final int DEPTH = 100;
  private static final int HYBRID_DEPTH = 1000;
  private static final int BATCH = 64;
  private static final String SPLIT = "test";
  private static final Metric NDCG = Metric.ndcg(10);
  private static final Metric MRR = Metric.msMarcoMrr(10);
  private static final Metric RECALL = Metric.recall(DEPTH);
  private static final List<String> STAGES = List.of("retrieve", "rerank");

  @Parameters(
      paramLabel = "COLLECTION",
      description = "Directory with corpus.jsonl, queries.jsonl and qrels/test.tsv.")
  private Path collection = Path.of("");

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = {"-i", "--index"},
      paramLabel = "DIR",
      required = true,
      description = "Directory for the index; opened if it holds one.")
  private Path index = Path.of("");

  @Option(
      names = "--javadoc",
      description =
          "Search the quickstart's own reading of Guava's Javadoc instead of corpus.jsonl; the"
              + " judgements hold for it too.")
  private boolean javadoc;

  @Option(
      names = "--no-rerank",
      negatable = true,
      description = "Measure retrieval only: seconds instead of minutes.")
  private boolean rerank = true;

  @Spec private CommandSpec spec = CommandSpec.create();

  public static void main(String[] args) {
    System.exit(new CommandLine(new EvaluateGuava()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    try {
      run();
      return 0;
    } catch (ChasquiException | IOException e) {
      spec.commandLine().getErr().println("evaluate: " + e.getMessage());
      return 1;
    }
  }

  private void run() throws IOException {
    BeirFolder folder = BeirFolder.open(collection);
    List<Passage> passages = javadoc ? javadocPassages() : passages(folder);
    Map<String, String> queries = folder.queryTexts(SPLIT);
    try (ModelSession session = model.load()) {
      Encoder encoder = session.encoder("repllama");
      try (PassageIndex vectors =
              PassageIndex.openOrCreate(index, encoder.space(), IndexOptions.exact());
          LuceneRetriever english = words("bm25", Analysis.english());
          LuceneRetriever code = words("words", Analysis.code())) {
        fill(english, passages);
        fill(code, passages);
        fill(vectors, passages, encoder);
        spec.commandLine()
            .getOut()
            .printf(
                Locale.ROOT,
                "%,d passages, %d questions%n%-24s %8s %8s %8s%n",
                vectors.size(),
                queries.size(),
                "order",
                "nDCG@10",
                "MRR@10",
                "R@100");
        Qrels qrels = folder.qrels(SPLIT);
        Retriever dense = Retriever.of(encoder, vectors);
        report(qrels, Run.of("dense", dense, queries, DEPTH));
        for (var words : List.of(Map.entry("BM25", english), Map.entry("BM25 of code", code))) {
          String name = words.getKey();
          LuceneRetriever bm25 = words.getValue();
          report(qrels, Run.of(name, bm25, queries, DEPTH));
          Retriever hybrid =
              Retriever.fused(Fusion.rrf(), HYBRID_DEPTH, dense.named("dense"), bm25.named("bm25"));
          report(qrels, Run.of("RRF of dense, " + name, hybrid, queries, DEPTH));
        }
        if (rerank) {
          Reranker reranker = Reranker.of(session.scorer("rankllama"));
          Pipeline pipeline = Pipeline.of(dense).rerank(reranker, DEPTH);
          reportFusions(qrels, rank(pipeline, queries));
        }
      }
    }
  }

  private static List<Passage> passages(BeirFolder folder) throws IOException {
    try (Stream<Document> corpus = folder.corpus()) {
      return corpus.map(Document::asPassage).toList();
    }
  }

  private static List<Passage> javadocPassages() throws IOException {
    return JavadocCorpus.read(JavadocCorpus.jarWith(Quickstart.ANY_SOURCE_FILE)).stream()
        .map(d -> Document.of("guava:" + d.id(), d.title(), d.text()).asPassage())
        .toList();
  }

  private LuceneRetriever words(String name, Analysis analysis) throws IOException {
    return LuceneRetriever.openOrCreate(
        index.resolve(name), LuceneOptions.defaults().withAnalysis(analysis));
  }

  private static void fill(LuceneRetriever words, List<Passage> passages) throws IOException {
    if (words.size() == 0) {
      words.add(passages);
      words.commit();
    }
  }

  private static void fill(PassageIndex vectors, List<Passage> passages, Encoder encoder)
      throws IOException {
    if (vectors.size() > 0) {
      return;
    }
    try (ProgressBar bar = Terminal.progressBar("encoding", passages.size()).build()) {
      for (int from = 0; from < passages.size(); from += BATCH) {
        List<Passage> batch = passages.subList(from, Math.min(from + BATCH, passages.size()));
        vectors.add(batch, encoder);
        bar.stepBy(batch.size());
      }
    }
    vectors.commit();
  }

  /** By query, the candidates with what both stages say of them. */
  private static Map<String, List<ScoredPassage>> rank(
      Pipeline pipeline, Map<String, String> queries) {
    Map<String, List<ScoredPassage>> ranked = new LinkedHashMap<>();
    try (ProgressBar bar = Terminal.progressBar("reranking", queries.size()).build()) {
      queries.forEach(
          (id, text) -> {
            ranked.put(id, pipeline.search(text, DEPTH));
            bar.step();
          });
    }
    return ranked;
  }

  private void reportFusions(Qrels qrels, Map<String, List<ScoredPassage>> ranked) {
    Map<String, Fusion> orders = new LinkedHashMap<>();
    orders.put("reranker alone", weighted(0, 1));
    orders.put("RRF, k 60", Fusion.rrf());
    orders.put("RRF, k 10", Fusion.rrf(10));
    for (double weight : new double[] {0.05, 0.1, 0.2, 0.5}) {
      orders.put(
          String.format(Locale.ROOT, "min-max, rerank %.2f", weight), weighted(1 - weight, weight));
    }
    orders.forEach((name, fusion) -> report(qrels, run(name, fusion, ranked)));
  }

  private void report(Qrels qrels, Run run) {
    Evaluation result = Evaluator.of(NDCG, MRR, RECALL).evaluate(qrels, run);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "%-24s %8.4f %8.4f %8.4f%n",
        run.name(),
        result.total(NDCG),
        result.total(MRR),
        result.total(RECALL));
    out.flush();
  }

  private static Fusion weighted(double retrieve, double rerank) {
    return Fusion.weighted(Normalisation.MIN_MAX, retrieve, rerank);
  }

  private static Run run(String name, Fusion fusion, Map<String, List<ScoredPassage>> ranked) {
    Run.Builder run = Run.builder(name);
    ranked.forEach(
        (query, hits) -> {
          Scores scores = fusion.fuse(STAGES, hits);
          List<ScoredPassage> fused = new ArrayList<>();
          for (int i = 0; i < hits.size(); i++) {
            fused.add(hits.get(i).withScore(scores.score(i)));
          }
          run.add(query, fused);
        });
    return run.build();
  }
}
