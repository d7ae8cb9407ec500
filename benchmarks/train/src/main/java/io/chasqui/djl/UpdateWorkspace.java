package io.chasqui.djl;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.ModelBundle;
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

/**
 * What all peers are given: a random base of ten million parameters ({@code model}), a fresh
 * adapter of rank 16 on all linear layers ({@code adapter}), and one batch of ids ({@code
 * batch.json}): 8 queries of 16 tokens with 4 passages of 128 each.
 *
 * @param directory of it all
 */
public record UpdateWorkspace(Path directory) {
  private static final int VOCABULARY = 8000;
  private static final int QUERIES = 8;
  private static final int PASSAGES = 4;
  private static final int QUERY_TOKENS = 16;
  private static final int PASSAGE_TOKENS = 128;
  private static final String ROLE = "repllama";
  private static final JsonMapper JSON = new JsonMapper();

  /**
   * The ids of a batch.
   *
   * @param queries each with the passages of the same number
   * @param passages of each query, the positive first
   */
  record Batch(List<int[]> queries, List<List<int[]>> passages) {}

  /** Writes all that is missing; the same for the same version of this class. */
  public void write() throws IOException {
    Path model = directory.resolve("model");
    if (!Files.exists(model.resolve("config.json"))) {
      Files.createDirectories(model);
      TinyTokenizers.write(model, VOCABULARY);
      RandomCheckpoints.Shape shape =
          RandomCheckpoints.Shape.tiny()
              .withVocabulary(VOCABULARY)
              .withWidths(320, 864)
              .withAttention(5, 5, 64)
              .withLayers(6);
      RandomCheckpoints.write(model, shape, 7);
    }
    JSON.writeValue(directory.resolve("batch.json").toFile(), batch());
    Path adapter = Files.createDirectories(directory.resolve("adapter"));
    try (Scope scope = Scope.root(PyTorch.device(io.chasqui.Device.cpu()))) {
      ModelBundle base = ModelBundle.read(model).withRole(role());
      AdapterWriter.write(adapter, TrainedModel.load(scope, task(base), 1), DType.F32);
    }
  }

  /** Tokens that go through the model in an update. */
  public static int tokens() {
    return QUERIES * (QUERY_TOKENS + PASSAGES * PASSAGE_TOKENS);
  }

  /** The training that is measured. */
  TrainingTask task() throws IOException {
    return task(
        ModelBundle.read(directory.resolve("model"))
            .withRole(role(), directory.resolve("adapter")));
  }

  private static TrainingTask task(ModelBundle base) {
    return new TrainingTask(
        base,
        ROLE,
        Objective.Retrieval.defaults(),
        Tuning.Lora.defaults().withRank(16).withAlpha(32).withDropout(0));
  }

  private static Role role() {
    return Presets.named("repllama-v1")
        .withTruncation(new Role.Truncation(QUERY_TOKENS, PASSAGE_TOKENS));
  }

  static Batching batching(MemoryUse memory, int tokensPerBlock) {
    return Batching.defaults()
        .withSize(QUERIES)
        .withPassages(PASSAGES)
        .withMemory(memory)
        .withTokensPerBlock(tokensPerBlock);
  }

  static Batch batch() {
    Random random = new Random(1);
    List<int[]> queries = new ArrayList<>();
    List<List<int[]>> passages = new ArrayList<>();
    for (int i = 0; i < QUERIES; i++) {
      queries.add(random.ints(QUERY_TOKENS, 3, VOCABULARY).toArray());
      List<int[]> own = new ArrayList<>();
      for (int j = 0; j < PASSAGES; j++) {
        own.add(random.ints(PASSAGE_TOKENS, 3, VOCABULARY).toArray());
      }
      passages.add(own);
    }
    return new Batch(queries, passages);
  }
}
