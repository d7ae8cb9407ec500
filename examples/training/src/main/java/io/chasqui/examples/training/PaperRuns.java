package io.chasqui.examples.training;

import io.chasqui.Device;
import io.chasqui.Encoder;
import io.chasqui.Fusion;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.Retriever;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.Run;
import io.chasqui.evaluation.TrecFiles;
import io.chasqui.evaluation.mining.MiningOptions;
import io.chasqui.evaluation.mining.TrainingQuery;
import io.chasqui.index.PassageIndex;
import io.chasqui.lucene.Analysis;
import io.chasqui.lucene.LuceneRetriever;
import io.chasqui.onnx.OnnxBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Searches of one collection, written as TREC runs, and negatives mined in it. */
final class PaperRuns {
  static final String MINED = "mined.jsonl";
  static final String BM25 = "BM25";

  private static final String WORDS = "words";
  private static final int NEGATIVES = 8;
  private static final int MINING_DEPTH = 100;

  private final PaperPlan plan;
  private final BeirFolder folder;
  private final List<Passage> passages;

  /** Reads the corpus into memory. */
  PaperRuns(PaperPlan plan, Path collection) throws IOException {
    this.plan = plan;
    this.folder = BeirFolder.open(collection);
    this.passages = TrainingSteps.passages(folder);
  }

  BeirFolder folder() {
    return folder;
  }

  /** The queries that are measured on: the first of the split in the file's order. */
  Map<String, String> queries() throws IOException {
    return folder.queryTexts(plan.split()).entrySet().stream()
        .limit(plan.maxQueries())
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, LinkedHashMap::new));
  }

  private LuceneRetriever words(Path directory) throws IOException {
    return TrainingSteps.words(
        directory.resolve(WORDS), Analysis.english(), passages.iterator(), passages.size());
  }

  /** BM25's run. */
  void bm25(Path target) throws IOException {
    try (LuceneRetriever words = words(target)) {
      write(target, TrainingSteps.search(BM25, words, queries(), plan.depth()));
    }
  }

  /** Negatives by BM25. */
  void mineBm25(Path target) throws IOException {
    try (LuceneRetriever words = words(target)) {
      mine("bm25", words, target);
    }
  }

  /** The passages' vectors, for all searches of one retriever. */
  void encode(ModelBundle model, Path target) throws IOException {
    dense(model, target, (session, dense) -> {});
  }

  /**
   * Negatives by a trained retriever.
   *
   * @param vectors where {@link #encode} left them
   */
  void mineDense(ModelBundle model, Path vectors, Path target) throws IOException {
    dense(model, vectors, (session, dense) -> mine("dense", dense, target));
  }

  private void mine(String source, Retriever retriever, Path target) throws IOException {
    List<TrainingQuery> queries = TrainingQuery.read(folder, plan.trainSplit(), 1);
    MiningOptions options =
        MiningOptions.defaults()
            .withRanks(1, MINING_DEPTH)
            .withNegatives(NEGATIVES)
            .withSeed(plan.seed());
    TrainingSteps.mine(Map.of(source, retriever), queries, options, target.resolve(MINED));
  }

  /** A retriever's run. */
  void retrieve(String name, ModelBundle model, Path vectors, Path target) throws IOException {
    dense(
        model,
        vectors,
        (session, dense) ->
            write(target, TrainingSteps.search(name, dense, queries(), plan.depth())));
  }

  /** BM25 and the retriever fused by reciprocal rank. */
  void hybrid(String name, ModelBundle model, Path vectors, Path target) throws IOException {
    try (LuceneRetriever words = words(target)) {
      dense(
          model,
          vectors,
          (session, dense) -> {
            Retriever fused =
                Retriever.fused(
                    Fusion.rrf(), plan.depth(), dense.named("dense"), words.named("bm25"));
            write(target, TrainingSteps.search(name, fused, queries(), plan.depth()));
          });
    }
  }

  /** The retriever's first hits in the reranker's order. */
  void rerank(String name, ModelBundle model, Path vectors, Path target) throws IOException {
    dense(
        model,
        vectors,
        (session, dense) ->
            write(
                target,
                TrainingSteps.rerank(
                    name,
                    dense,
                    session.scorer(PaperModels.RERANKER),
                    queries(),
                    plan.rerankDepth())));
  }

  private interface Use {
    void with(ModelSession session, Retriever dense) throws IOException;
  }

  private void dense(ModelBundle model, Path vectors, Use use) throws IOException {
    try (ModelSession session = OnnxBackend.load(model, Device.cpu(plan.threads()))) {
      Encoder encoder = session.encoder(PaperModels.RETRIEVER);
      try (PassageIndex index =
          TrainingSteps.vectors(
              vectors.resolve("vectors"), encoder, passages.iterator(), passages.size())) {
        use.with(session, Retriever.of(encoder, index));
      }
    }
  }

  /** Where a stage's run lies. */
  static Path run(Stages.Done stage) {
    return stage.file("run.txt.gz");
  }

  private static void write(Path target, Run run) throws IOException {
    TrecFiles.writeRun(target.resolve("run.txt.gz"), run);
  }
}
