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
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.Evaluation;
import io.chasqui.evaluation.EvaluationOptions;
import io.chasqui.evaluation.EvaluationReport;
import io.chasqui.evaluation.Evaluator;
import io.chasqui.evaluation.Metric;
import io.chasqui.evaluation.ReportOptions;
import io.chasqui.evaluation.Run;
import io.chasqui.index.PassageIndex;
import io.chasqui.lucene.LuceneRetriever;
import io.chasqui.onnx.OnnxBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a small model is worth on judged questions, beside BM25 and fused with it. */
final class TinyModelReport {
  private static final int DEPTH = 100;
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
          LuceneRetriever words =
              TrainingSteps.words(dir.resolve("words"), passages.iterator(), passages.size())) {
        Retriever dense = Retriever.of(encoder, index);
        Retriever both =
            Retriever.fused(Fusion.rrf(), 1000, dense.named("dense"), words.named("bm25"));
        List<Run> runs = new ArrayList<>();
        runs.add(TrainingSteps.search("RepLLaMA", dense, queries, DEPTH));
        runs.add(TrainingSteps.search("BM25", words, queries, DEPTH));
        runs.add(TrainingSteps.search("RRF", both, queries, DEPTH));
        var scorer = session.scorer(TinyModelRecipe.RERANKER);
        Pipeline reranked = Pipeline.of(dense).rerank(Reranker.of(scorer), DEPTH);
        Pipeline fused = reranked.fuse(Fusion.weighted(Normalisation.Z_SCORE, 1, 1));
        runs.add(TrainingSteps.search("RepLLaMA+RankLLaMA", reranked, queries, DEPTH));
        runs.add(TrainingSteps.search("both, fused", fused, queries, DEPTH));
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
}
