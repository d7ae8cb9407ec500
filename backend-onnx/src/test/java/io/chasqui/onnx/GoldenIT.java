package io.chasqui.onnx;

import static io.chasqui.onnx.Fixtures.ENCODER;
import static io.chasqui.onnx.Fixtures.SCORER;
import static io.chasqui.onnx.Fixtures.batch;
import static io.chasqui.onnx.Fixtures.distance;
import static io.chasqui.onnx.Fixtures.doubles;
import static io.chasqui.onnx.Fixtures.encoder;
import static io.chasqui.onnx.Fixtures.golden;
import static io.chasqui.onnx.Fixtures.ids;
import static io.chasqui.onnx.Fixtures.json;
import static io.chasqui.onnx.Fixtures.numbers;
import static io.chasqui.onnx.Fixtures.row;
import static io.chasqui.onnx.Fixtures.scorer;
import static io.chasqui.onnx.Fixtures.served;
import static io.chasqui.onnx.Fixtures.weights;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.chasqui.Deadline;
import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.LoraAdapters;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.Role.PadSide;
import io.chasqui.checkpoint.SafetensorsFile;
import io.chasqui.checkpoint.ScoreHead;
import io.chasqui.checkpoint.ScoreHead.SingleToken;
import io.chasqui.checkpoint.ScoreHead.TokenDifference;
import io.chasqui.checkpoint.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The graph against values of an independent float64 reference; fp32 tolerances. */
class GoldenIT {
  private static final double HIDDEN = 3e-5;
  private static final double ADAPTED_HIDDEN = 4e-5;
  private static final double EMBEDDING = 3e-6;
  private static final double SCORE = 1e-5;
  private static final double LOGIT = 6e-5;
  private static final double PROBABILITY = 6e-6;

  @TempDir Path scratch;

  @ParameterizedTest
  @CsvSource({
    "llama-mha,'',RIGHT",
    "llama-mha,'',LEFT",
    "llama-mha,.hf4,RIGHT",
    "llama-mha,.hf5,LEFT",
    "llama-gqa-llama3rope,'',RIGHT",
    "llama-gqa-llama3rope,'',LEFT",
    "llama-gqa-llama3rope,.hf4,LEFT",
    "llama-gqa-llama3rope,.hf5,RIGHT",
    "llama-mha-seqcls,'',RIGHT",
    "llama-mha-seqcls,'',LEFT",
    "llama-mha-seqcls,.hf4,RIGHT",
    "llama-mha-seqcls,.hf5,LEFT",
    "mistral-fp16,'',RIGHT",
    "mistral-fp16,.hf4,LEFT",
    "mistral-fp16,.hf5,RIGHT",
    "qwen2,'',LEFT",
    "qwen2,.hf4,RIGHT",
    "qwen2,.hf5,LEFT",
    "qwen2-bidir,'',LEFT",
    "qwen2-bidir,.hf4,RIGHT",
    "qwen2-bidir,.hf5,LEFT",
    "qwen3-sharded,'',RIGHT",
    "qwen3-sharded,.hf4,LEFT",
    "qwen3-sharded,.hf5,RIGHT",
    "gemma,'',LEFT",
    "gemma,.hf4,RIGHT",
    "gemma,.hf5,LEFT",
    "gemma2-bf16,'',RIGHT",
    "gemma2-bf16,.hf4,LEFT",
    "gemma2-bf16,.hf5,RIGHT",
    "gemma3-text,'',LEFT",
    "gemma3-text,.hf4,RIGHT",
    "gemma3-text,.hf5,LEFT",
    "gemma3-text-bidir,'',RIGHT",
    "gemma3-text-bidir,.hf5,LEFT",
  })
  void checkpointGivesItsGoldenValues(String name, String spelling, PadSide side)
      throws IOException {
    Path directory = golden("arch/" + name);
    ModelConfig config = Fixtures.config(directory, spelling, scratch);
    JsonNode golden = json(directory.resolve("golden.json"));
    List<int[]> rows = ids(golden.get("ids"));
    List<int[]> longRow = List.of(row(golden.get("long").get("ids")));
    Tensors weights = weights(directory);
    Role.Attention attention =
        config.attention().causal() ? Role.Attention.CAUSAL : Role.Attention.BIDIRECTIONAL;
    Role encoder = encoder(side).withAttention(attention);
    List<ServedRole> roles =
        List.of(served(encoder), served(scorer(side).withAttention(attention)));

    try (OnnxModelRunner runner =
        OnnxModelRunner.load(config, weights, roles, RunnerOptions.defaults())) {
      assertNear(EMBEDDING, golden.get("embedding"), run(runner, ENCODER, rows));
      assertNear(SCORE, golden.get("score"), run(runner, SCORER, rows));
      assertNear(EMBEDDING, golden.get("long").get("embedding"), run(runner, ENCODER, longRow));
      assertNear(SCORE, golden.get("long").get("score"), run(runner, SCORER, longRow));
    }
    Tensors states = SafetensorsFile.read(directory.resolve("golden.safetensors"));
    try (OnnxModelRunner runner =
        OnnxModelRunner.load(
            config, weights, roles, RunnerOptions.defaults().withKeepHidden(true))) {
      assertEquals(
          0, distance(doubles(states, "hidden"), runner.hidden(batch(ENCODER, rows))), HIDDEN);
      assertNear(EMBEDDING, golden.get("embedding"), run(runner, ENCODER, rows));
    }
    Role mean = encoder.withPooling(Role.Pooling.MEAN);
    try (OnnxModelRunner runner =
        OnnxModelRunner.load(config, weights, List.of(served(mean)), RunnerOptions.defaults())) {
      assertEquals(
          0,
          distance(doubles(states, "mean_pooled_embedding"), run(runner, ENCODER, rows)),
          EMBEDDING);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama-mha",
        "llama-gqa-llama3rope",
        "qwen2",
        "qwen2-bidir",
        "qwen3-sharded",
        "gemma",
        "gemma3-text"
      })
  void rowsOfTheLmHeadGiveTheirGoldenScores(String name) throws IOException {
    Path directory = golden("arch/" + name);
    ModelConfig config = ModelConfig.read(directory);
    JsonNode golden = json(directory.resolve("golden.json"));
    JsonNode expected = golden.get("lm");
    List<int[]> rows = ids(golden.get("ids"));
    int yes = expected.get("yes_id").intValue();
    int no = expected.get("no_id").intValue();
    Role.Attention attention =
        config.attention().causal() ? Role.Attention.CAUSAL : Role.Attention.BIDIRECTIONAL;
    Role role = scorer(PadSide.RIGHT).withAttention(attention);
    List<ServedRole> roles =
        List.of(
            served(role.withName("difference").withHead(new TokenDifference(yes, no))),
            served(
                role.withName("probability")
                    .withHead(new TokenDifference(yes, no, ScoreHead.Activation.SIGMOID))),
            served(role.withName("yes").withHead(new SingleToken(yes))));
    try (OnnxModelRunner runner =
        OnnxModelRunner.load(config, weights(directory), roles, RunnerOptions.defaults())) {
      assertNear(LOGIT, expected.get("logit_diff"), run(runner, "difference", rows));
      assertNear(PROBABILITY, expected.get("p_yes"), run(runner, "probability", rows));
      assertNear(LOGIT, expected.get("yes_logit"), run(runner, "yes", rows));
    }
  }

  @Test
  void rowsOfTheLmHeadAreRefusedWhereTheyAreNotTheLogits() throws IOException {
    Path capped = golden("arch/gemma2-bf16");
    Role role = scorer(PadSide.RIGHT).withHead(new TokenDifference(77, 133));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> load(capped, role));
    assertTrue(String.valueOf(e.getMessage()).contains("bounds its logits"), e.getMessage());
    ModelFormatException missing =
        assertThrows(ModelFormatException.class, () -> load(golden("arch/mistral-fp16"), role));
    assertEquals("lm_head.weight", missing.field().orElseThrow());
  }

  private static void load(Path directory, Role role) throws IOException {
    OnnxModelRunner.load(
            ModelConfig.read(directory),
            weights(directory),
            List.of(served(role)),
            RunnerOptions.defaults())
        .close();
  }

  @ParameterizedTest
  @CsvSource({
    "adapter-a-rslora,BESIDE,RIGHT", "adapter-a-rslora,MERGED,LEFT",
    "adapter-b-seqcls,BESIDE,LEFT", "adapter-b-seqcls,MERGED,RIGHT",
    "adapter-c-patterns-bf16,BESIDE,RIGHT", "adapter-c-patterns-bf16,MERGED,LEFT",
  })
  void adapterGivesItsGoldenValues(String name, RunnerOptions.Adapters how, PadSide side)
      throws IOException {
    Path base = golden("arch/llama-gqa-llama3rope");
    Path directory = golden("adapters/" + name);
    ModelConfig config = ModelConfig.read(base);
    LoraAdapter adapter = LoraAdapters.read(directory, config);
    JsonNode golden = json(directory.resolve("golden.json"));
    List<int[]> rows = ids(golden.get("ids"));
    List<ServedRole> roles = List.of(served(encoder(side), adapter), served(scorer(side), adapter));

    RunnerOptions options = RunnerOptions.defaults().withAdapters(how);
    try (OnnxModelRunner runner = OnnxModelRunner.load(config, weights(base), roles, options)) {
      assertNear(EMBEDDING, golden.get("embedding"), run(runner, ENCODER, rows));
      assertNear(SCORE, golden.get("score"), run(runner, SCORER, rows));
    }
    Tensors states = SafetensorsFile.read(directory.resolve("golden.safetensors"));
    try (OnnxModelRunner runner =
        OnnxModelRunner.load(config, weights(base), roles, options.withKeepHidden(true))) {
      assertEquals(
          0,
          distance(doubles(states, "hidden"), runner.hidden(batch(ENCODER, rows))),
          ADAPTED_HIDDEN);
    }
  }

  @Test
  void oneSessionServesTheBaseAndItsAdapters() throws IOException {
    Path base = golden("arch/llama-gqa-llama3rope");
    ModelConfig config = ModelConfig.read(base);
    LoraAdapter first = LoraAdapters.read(golden("adapters/adapter-a-rslora"), config);
    LoraAdapter second = LoraAdapters.read(golden("adapters/adapter-b-seqcls"), config);
    LoraAdapter third = LoraAdapters.read(golden("adapters/adapter-c-patterns-bf16"), config);
    List<ServedRole> roles =
        List.of(
            served(encoder(PadSide.RIGHT).withName("base")),
            served(encoder(PadSide.RIGHT).withName("a"), first),
            served(scorer(PadSide.RIGHT).withName("b"), second),
            served(encoder(PadSide.RIGHT).withName("c"), third));
    JsonNode ofBase = json(base.resolve("golden.json"));
    JsonNode ofA = json(golden("adapters/adapter-a-rslora/golden.json"));
    JsonNode ofB = json(golden("adapters/adapter-b-seqcls/golden.json"));
    JsonNode ofC = json(golden("adapters/adapter-c-patterns-bf16/golden.json"));
    List<int[]> rows = ids(ofA.get("ids"));
    try (OnnxModelRunner runner =
        OnnxModelRunner.load(config, weights(base), roles, RunnerOptions.defaults())) {
      for (int round = 0; round < 2; round++) {
        assertNear(EMBEDDING, ofA.get("embedding"), run(runner, "a", rows));
        assertNear(SCORE, ofB.get("score"), run(runner, "b", rows));
        assertNear(EMBEDDING, ofBase.get("embedding"), run(runner, "base", ids(ofBase.get("ids"))));
        assertNear(EMBEDDING, ofC.get("embedding"), run(runner, "c", rows));
      }
    }
  }

  private static float[] run(OnnxModelRunner runner, String role, List<int[]> rows) {
    return runner.run(batch(role, rows), Deadline.none());
  }

  private static void assertNear(double tolerance, JsonNode expected, float[] found) {
    assertEquals(0, distance(numbers(expected), found), tolerance);
  }
}
