package io.chasqui.examples.training;

import io.chasqui.Passage;
import io.chasqui.Retriever;
import io.chasqui.ScoredPassage;
import io.chasqui.SearchRequest;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import io.chasqui.evaluation.Run;
import io.chasqui.evaluation.TrecFiles;
import io.chasqui.examples.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;

/**
 * A reranker's teacher that needs no model larger than one's own: what BM25 and the dense retriever
 * say together is better than what either says. A label alone calls every other overload of a
 * method wrong; this does not.
 *
 * <p>A score is the sum of both retrievers' standard scores among their first hits for the query; a
 * passage that one did not find has the lowest of its scores there. Immutable.
 *
 * @param words BM25
 * @param vectors the dense retriever
 */
record HybridTeacher(Retriever words, Retriever vectors) {
  private static final int DEPTH = 200;
  private static final int BATCH = 64;

  /** What a standard deviation is worth as a difference of logits. */
  private static final double SHARPNESS = 1.5;

  /** Scores all passages of mined examples into a TREC run. */
  void write(TrainingData<TrainingExample> mined, Path file) throws IOException {
    Run.Builder run = Run.builder("hybrid-teacher");
    try (Stream<TrainingExample> examples = mined.epoch(0, 0);
        ProgressBar bar = Terminal.progressBar("teacher", mined.size()).build()) {
      Iterator<TrainingExample> all = examples.iterator();
      while (all.hasNext()) {
        List<TrainingExample> batch = new ArrayList<>();
        while (all.hasNext() && batch.size() < BATCH) {
          batch.add(all.next());
        }
        score(batch, run);
        bar.stepBy(batch.size());
      }
    }
    TrecFiles.writeRun(file, run.build());
  }

  private void score(List<TrainingExample> batch, Run.Builder run) {
    List<SearchRequest> requests =
        batch.stream().map(example -> SearchRequest.of(example.query(), DEPTH)).toList();
    List<List<ScoredPassage>> byWords = words.retrieveAll(requests);
    List<List<ScoredPassage>> byVectors = vectors.retrieveAll(requests);
    for (int i = 0; i < batch.size(); i++) {
      StandardScores first = StandardScores.of(byWords.get(i));
      StandardScores second = StandardScores.of(byVectors.get(i));
      TrainingExample example = batch.get(i);
      List<Passage> passages = new ArrayList<>(example.positives());
      passages.addAll(example.negatives());
      for (Passage passage : passages) {
        double sum = first.of(passage.id()) + second.of(passage.id());
        run.add(example.id(), passage.id(), SHARPNESS * sum);
      }
    }
  }

  /** Distances from the mean of the hits, in standard deviations. */
  private record StandardScores(Map<String, Double> byId, double lowest) {
    static StandardScores of(List<ScoredPassage> hits) {
      double mean = hits.stream().mapToDouble(ScoredPassage::score).average().orElse(0);
      double variance =
          hits.stream().mapToDouble(hit -> Math.pow(hit.score() - mean, 2)).average().orElse(0);
      double deviation = Math.max(1e-6, Math.sqrt(variance));
      Map<String, Double> byId = new HashMap<>();
      double lowest = 0;
      for (ScoredPassage hit : hits) {
        double score = (hit.score() - mean) / deviation;
        byId.put(hit.id(), score);
        lowest = Math.min(lowest, score);
      }
      return new StandardScores(byId, lowest);
    }

    double of(String id) {
      return byId.getOrDefault(id, lowest);
    }
  }
}
