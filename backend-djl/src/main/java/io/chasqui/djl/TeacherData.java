package io.chasqui.djl;

import io.chasqui.Passage;
import io.chasqui.evaluation.DataFormatException;
import io.chasqui.evaluation.Ranking;
import io.chasqui.evaluation.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Examples with scores that are looked up by query and passage id. Immutable, thread-safe. */
final class TeacherData implements TrainingData<TrainingExample> {
  private final TrainingData<TrainingExample> data;
  private final Path file;
  private final Run run;

  private TeacherData(TrainingData<TrainingExample> data, Path file, Run run) {
    this.data = data;
    this.file = file;
    this.run = run;
  }

  /** Checks that each passage has its score. */
  static TeacherData check(TrainingData<TrainingExample> data, Path file, Run run)
      throws IOException {
    TeacherData taught = new TeacherData(data, file, run);
    try (Stream<TrainingExample> all = taught.epoch(0, 0)) {
      all.forEach(example -> {});
    }
    return taught;
  }

  @Override
  public Stream<TrainingExample> epoch(long seed, int epoch) throws IOException {
    return data.epoch(seed, epoch).map(this::scored);
  }

  private TrainingExample scored(TrainingExample example) {
    Ranking ranking = run.ranking(example.id());
    Map<String, Double> byId = new HashMap<>();
    for (int i = 0; i < ranking.size(); i++) {
      byId.put(ranking.id(i), ranking.score(i));
    }
    List<Float> scores = new ArrayList<>();
    for (List<Passage> passages : List.of(example.positives(), example.negatives())) {
      for (Passage passage : passages) {
        Double score = byId.get(passage.id());
        if (score == null) {
          throw new DataFormatException(
              file, 0, "has no score of query " + example.id() + " for passage " + passage.id());
        }
        scores.add(score.floatValue());
      }
    }
    return new TrainingExample(
        example.id(), example.query(), example.positives(), example.negatives(), scores);
  }

  @Override
  public String fingerprint() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String query : run.queryIds()) {
      Ranking ranking = run.ranking(query);
      all.append(query).append('\n');
      for (int i = 0; i < ranking.size(); i++) {
        all.append(ranking.id(i)).append(' ').append(ranking.score(i)).append('\n');
      }
    }
    return Hashes.sha256(data.fingerprint(), all.toString());
  }

  @Override
  public long size() throws IOException {
    return data.size();
  }
}
