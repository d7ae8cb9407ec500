package io.chasqui.examples.training;

import io.chasqui.Device;
import io.chasqui.Encoder;
import io.chasqui.Fusion;
import io.chasqui.ModelSession;
import io.chasqui.Normalisation;
import io.chasqui.Passage;
import io.chasqui.Pipeline;
import io.chasqui.Reranker;
import io.chasqui.Retriever;
import io.chasqui.ScoredPassage;
import io.chasqui.Scorer;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.Evaluation;
import io.chasqui.evaluation.EvaluationOptions;
import io.chasqui.evaluation.EvaluationReport;
import io.chasqui.evaluation.Evaluator;
import io.chasqui.evaluation.Metric;
import io.chasqui.evaluation.ReportOptions;
import io.chasqui.evaluation.Run;
import io.chasqui.examples.Terminal;
import io.chasqui.index.PassageIndex;
import io.chasqui.lucene.Analysis;
import io.chasqui.lucene.LuceneRetriever;
import io.chasqui.onnx.OnnxBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;

/** What a small model is worth on judged questions, beside BM25 and fused with it. */
final class TinyModelReport {
  private static final int DEPTH = 100;
  private static final String RERANK = "rerank";
  private static final List<Metric> METRICS =
      List.of(Metric.ndcg(10), Metric.msMarcoMrr(10), Metric.recall(100));

  private TinyModelReport() {}

  /**
   * Searches for all questions and writes {@code report.md} and {@code report.json}.
   *
   * @param folder whose split "test" is searched
   */
  static void write(BeirFolder folder, Path model, int threads, Path dir) throws IOException {
    Map<String, String> queries = folder.queryTexts("test");
    List<Passage> passages = TrainingSteps.passages(folder);
    try (ModelSession session = OnnxBackend.load(ModelBundle.read(model), Device.cpu(threads))) {
      Encoder encoder = session.encoder(TinyModelRecipe.RETRIEVER);
      try (PassageIndex index =
              TrainingSteps.vectors(
                  dir.resolve("vectors"), encoder, passages.iterator(), passages.size());
          LuceneRetriever english =
              TrainingSteps.words(
                  dir.resolve("english"),
                  Analysis.english(),
                  passages.iterator(),
                  passages.size());
          LuceneRetriever code =
              TrainingSteps.words(
                  dir.resolve("code"), Analysis.code(), passages.iterator(), passages.size())) {
        Retriever dense = Retriever.of(encoder, index);
        List<Run> runs = new ArrayList<>();
        runs.add(TrainingSteps.search("RepLLaMA", dense, queries, DEPTH));
        for (Map.Entry<String, LuceneRetriever> words :
            List.of(Map.entry("BM25", english), Map.entry("BM25 of code", code))) {
          String name = words.getKey();
          Retriever both =
              Retriever.fused(
                  Fusion.rrf(), 1000, dense.named("dense"), words.getValue().named("bm25"));
          runs.add(TrainingSteps.search(name, words.getValue(), queries, DEPTH));
          runs.add(TrainingSteps.search("RRF with " + name, both, queries, DEPTH));
        }
        runs.addAll(reranked(dense, session.scorer(TinyModelRecipe.RERANKER), queries));
        var qrels = folder.qrels("test");
        Evaluator evaluator = Evaluator.of(METRICS, EvaluationOptions.defaults());
        List<Evaluation> evaluations =
            runs.stream().map(run -> evaluator.evaluate(qrels, run)).toList();
        EvaluationReport report =
            EvaluationReport.of("The small model", evaluations, ReportOptions.defaults());
        Files.writeString(dir.resolve("report.md"), report.toMarkdown());
        Files.writeString(dir.resolve("report.json"), report.toJson());
      }
    }
  }

  /** The retriever's hits in the reranker's order, and by what both say of them; scored once. */
  private static List<Run> reranked(Retriever dense, Scorer scorer, Map<String, String> queries) {
    Pipeline pipeline =
        Pipeline.of(dense)
            .rerank(RERANK, Reranker.of(scorer), DEPTH)
            .fuse(Fusion.weighted(Normalisation.Z_SCORE, 1, 1));
    Run.Builder alone = Run.builder("RepLLaMA+RankLLaMA");
    Run.Builder fused = Run.builder("RepLLaMA, RankLLaMA fused");
    try (ProgressBar bar = Terminal.progressBar("reranking", queries.size()).build()) {
      queries.forEach(
          (id, text) -> {
            for (ScoredPassage hit : pipeline.search(text, DEPTH)) {
              alone.add(id, hit.id(), hit.stage(RERANK).orElseThrow().score());
              fused.add(id, hit.id(), hit.score());
            }
            bar.step();
          });
    }
    return List.of(alone.build(), fused.build());
  }
}
