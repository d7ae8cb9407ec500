package io.chasqui.djl;

import io.chasqui.Passage;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Presets;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.testing.RandomCheckpoints;
import io.chasqui.checkpoint.testing.TinyTokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Small random models with a tokenizer, and examples that can be learnt. */
final class Toys {
  static final int VOCABULARY = 300;
  private static final List<String> WORDS =
      List.of("sun", "moon", "rain", "corn", "stone", "road", "llama", "knot", "lake", "gold");

  private Toys() {}

  static RandomCheckpoints.Shape shape() {
    return RandomCheckpoints.Shape.tiny().withVocabulary(VOCABULARY);
  }

  /** A base with the roles "repllama" and "rankllama", without adapters. */
  static ModelBundle base(Path directory) throws IOException {
    return base(directory, shape());
  }

  static ModelBundle base(Path directory, RandomCheckpoints.Shape shape) throws IOException {
    Files.createDirectories(directory);
    ModelConfig config = RandomCheckpoints.write(directory, shape, 7);
    TinyTokenizers.write(directory, config.vocabularySize());
    return read(directory);
  }

  static ModelBundle read(Path directory) throws IOException {
    return ModelBundle.read(directory).withRole(retriever()).withRole(reranker());
  }

  static Role retriever() {
    return Presets.named("repllama-v1").withTruncation(new Role.Truncation(24, 48));
  }

  static Role reranker() {
    return Presets.named("rankllama-v1").withTruncation(new Role.Truncation(24, 48));
  }

  /** Queries of two words; the positive has both, each negative one. */
  static List<TrainingExample> examples(int count, long seed) {
    Random random = new Random(seed);
    List<TrainingExample> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String one = WORDS.get(random.nextInt(WORDS.size()));
      String two = WORDS.get(random.nextInt(WORDS.size()));
      String id = "q" + i;
      Passage positive = Passage.of(id + "+", "the " + two + " of the " + one);
      List<Passage> negatives = new ArrayList<>();
      for (int j = 0; j < 3; j++) {
        String other = WORDS.get(random.nextInt(WORDS.size()));
        negatives.add(Passage.of(id + "-" + j, "a title", other + " and " + one + " by a road"));
      }
      List<Float> teacher = List.of(3f, 1f, 0.5f, -1f);
      examples.add(new TrainingExample(id, one + " " + two, List.of(positive), negatives, teacher));
    }
    return examples;
  }

  static List<String> texts(int count, long seed) {
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      for (int j = 0; j < 12; j++) {
        text.append(WORDS.get(random.nextInt(WORDS.size()))).append(' ');
      }
      texts.add(text.toString());
    }
    return texts;
  }

  /** 12 updates of 4 queries, checkpoints and evaluations often, silent, on little data. */
  static TrainerOptions options() {
    return TrainerOptions.defaults()
        .withListener(TrainingListener.silent())
        .withLength(new Length.Updates(12))
        .withBatching(Batching.defaults().withSize(4).withPassages(3).withTokensPerBlock(256))
        .withOptimisation(
            Optimisation.defaults().withLearningRate(5e-3).withSchedule(new Schedule.Cosine(2)))
        .withEvaluation(Evaluation.defaults().withEvery(4).withItems(16))
        .withCheckpointEvery(3);
  }

  static Tuning.Lora lora() {
    return Tuning.Lora.defaults().withRank(4).withAlpha(8);
  }
}
