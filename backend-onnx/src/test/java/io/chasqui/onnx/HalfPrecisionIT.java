package io.chasqui.onnx;

import static io.chasqui.onnx.Fixtures.ENCODER;
import static io.chasqui.onnx.Fixtures.SCORER;
import static io.chasqui.onnx.Fixtures.batch;
import static io.chasqui.onnx.Fixtures.distance;
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
import io.chasqui.BackendException;
import io.chasqui.Deadline;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.LoraAdapters;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.Role.PadSide;
import io.chasqui.onnx.RunnerOptions.Kernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The graphs that CUDA runs, as far as the CPU can tell: fp16 runs here, bf16 is type-checked. */
class HalfPrecisionIT {
  private static final double FP32_EMBEDDING = 3e-6;
  private static final double FP32_SCORE = 1e-5;
  private static final double FP16_EMBEDDING = 3e-3; // of the fixtures' README
  private static final double FP16_ADAPTED = 5.2e-3; // 2.5 times Hugging Face's: decision 130

  @ParameterizedTest
  @CsvSource({
    "llama-mha,STANDARD,RIGHT",
    "llama-mha,GROUPED,LEFT",
    "llama-gqa-llama3rope,GROUPED,RIGHT",
    "llama-mha-seqcls,GROUPED,RIGHT",
    "mistral-fp16,GROUPED,LEFT",
    "mistral-fp16,STANDARD,RIGHT",
    "qwen2,GROUPED,RIGHT",
    "qwen2-bidir,GROUPED,LEFT",
    "qwen3-sharded,GROUPED,RIGHT",
    "gemma,GROUPED,RIGHT",
    "gemma2-bf16,GROUPED,RIGHT",
    "gemma2-bf16,STANDARD,LEFT",
    "gemma3-text,GROUPED,RIGHT",
    "gemma3-text-bidir,GROUPED,RIGHT",
  })
  void fp16GivesTheGoldenValuesWithinTheYardstick(String name, Kernels kernels, PadSide side)
      throws IOException {
    RunnerOptions options =
        RunnerOptions.defaults().withType(Optional.of(ComputeType.FLOAT16)).withKernels(kernels);
    assertGolden(name, side, options, FP16_EMBEDDING, Double.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama-mha",
        "llama-gqa-llama3rope",
        "mistral-fp16",
        "qwen3-sharded",
        "gemma",
        "gemma2-bf16",
        "gemma3-text"
      })
  void theFp32TwinOfTheGroupedGraphGivesTheGoldenValues(String name) throws IOException {
    RunnerOptions options = RunnerOptions.defaults().withKernels(Kernels.GROUPED);
    assertGolden(name, PadSide.LEFT, options, FP32_EMBEDDING, FP32_SCORE);
  }

  private static void assertGolden(
      String name, PadSide side, RunnerOptions options, double embedding, double score)
      throws IOException {
    Path directory = golden("arch/" + name);
    ModelConfig config = ModelConfig.read(directory);
    JsonNode golden = json(directory.resolve("golden.json"));
    List<int[]> rows = ids(golden.get("ids"));
    List<int[]> longRow = List.of(row(golden.get("long").get("ids")));
    try (OnnxModelRunner runner =
        OnnxModelRunner.load(config, weights(directory), roles(config, side), options)) {
      assertNear(embedding, golden.get("embedding"), run(runner, ENCODER, rows));
      assertNear(score, golden.get("score"), run(runner, SCORER, rows));
      assertNear(embedding, golden.get("long").get("embedding"), run(runner, ENCODER, longRow));
    }
  }

  private static List<ServedRole> roles(ModelConfig config, PadSide side) {
    Role.Attention attention =
        config.attention().causal() ? Role.Attention.CAUSAL : Role.Attention.BIDIRECTIONAL;
    return List.of(
        served(encoder(side).withAttention(attention)),
        served(scorer(side).withAttention(attention)));
  }

  @ParameterizedTest
  @EnumSource(RunnerOptions.Adapters.class)
  void adaptersComputeInFp16(RunnerOptions.Adapters how) throws IOException {
    Path base = golden("arch/llama-gqa-llama3rope");
    ModelConfig config = ModelConfig.read(base);
    LoraAdapter adapter = LoraAdapters.read(golden("adapters/adapter-a-rslora"), config);
    JsonNode golden = json(golden("adapters/adapter-a-rslora/golden.json"));
    RunnerOptions options =
        RunnerOptions.defaults()
            .withType(Optional.of(ComputeType.FLOAT16))
            .withKernels(Kernels.GROUPED)
            .withAdapters(how);
    try (OnnxModelRunner runner =
        OnnxModelRunner.load(
            config, weights(base), List.of(served(encoder(PadSide.RIGHT), adapter)), options)) {
      assertNear(
          FP16_ADAPTED, golden.get("embedding"), run(runner, ENCODER, ids(golden.get("ids"))));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ComputeType.class,
      names = {"FLOAT", "FLOAT16"})
  void adaptersAndBaseMixInOneRun(ComputeType type) throws IOException {
    boolean wide = type == ComputeType.FLOAT;
    assertMixed(
        RunnerOptions.defaults().withType(Optional.of(type)).withKernels(Kernels.GROUPED),
        wide ? FP32_EMBEDDING : FP16_EMBEDDING,
        wide ? FP32_EMBEDDING : FP16_ADAPTED,
        wide ? FP32_SCORE : 0.05);
  }

  /** The base and two adapters in one run, within these distances from their golden values. */
  static void assertMixed(RunnerOptions options, double embedding, double adapted, double score)
      throws IOException {
    Path base = golden("arch/llama-gqa-llama3rope");
    ModelConfig config = ModelConfig.read(base);
    List<ServedRole> roles =
        List.of(
            served(encoder(PadSide.RIGHT).withName("base")),
            served(
                encoder(PadSide.LEFT).withName("a"),
                LoraAdapters.read(golden("adapters/adapter-a-rslora"), config)),
            served(
                scorer(PadSide.RIGHT).withName("b"),
                LoraAdapters.read(golden("adapters/adapter-b-seqcls"), config)));
    JsonNode ofBase = json(base.resolve("golden.json"));
    JsonNode ofA = json(golden("adapters/adapter-a-rslora/golden.json"));
    JsonNode ofB = json(golden("adapters/adapter-b-seqcls/golden.json"));
    try (OnnxModelRunner runner = OnnxModelRunner.load(config, weights(base), roles, options)) {
      List<float[]> found =
          runner.runTogether(
              List.of(
                  batch("a", ids(ofA.get("ids"))),
                  batch("b", ids(ofB.get("ids"))),
                  batch("base", ids(ofBase.get("ids")))),
              Deadline.none());
      assertNear(adapted, ofA.get("embedding"), found.get(0));
      assertNear(score, ofB.get("score"), found.get(1));
      assertNear(embedding, ofBase.get("embedding"), found.get(2));
    }
  }

  @ParameterizedTest
  @CsvSource({"mistral-fp16,FLOAT16", "gemma2-bf16,BFLOAT16", "llama-mha,FLOAT"})
  void theTypeIsThatOfTheStoredWeightsUnlessGiven(String name, ComputeType expected)
      throws IOException {
    Path directory = golden("arch/" + name);
    ModelConfig config = ModelConfig.read(directory);
    RunnerOptions options = RunnerOptions.defaults().withType(Optional.empty());
    DecoderGraph.DecoderModel model =
        DecoderGraph.build(config, weights(directory), roles(config, PadSide.RIGHT), options);
    assertEquals(expected, model.type());
  }

  /** ONNX Runtime checks all types before it looks for kernels, which the CPU lacks for bf16. */
  @ParameterizedTest
  @CsvSource({
    "llama-gqa-llama3rope,GROUPED",
    "llama-mha,STANDARD",
    "mistral-fp16,GROUPED",
    "qwen2,STANDARD",
    "qwen3-sharded,GROUPED",
    "gemma,GROUPED",
    "gemma2-bf16,STANDARD",
    "gemma2-bf16,GROUPED",
    "gemma3-text,GROUPED",
    "gemma3-text-bidir,STANDARD",
  })
  void bf16GraphsAreRefusedForKernelsAndNotForTypes(String name, Kernels kernels)
      throws IOException {
    Path directory = golden("arch/" + name);
    ModelConfig config = ModelConfig.read(directory);
    RunnerOptions options =
        RunnerOptions.defaults().withType(Optional.of(ComputeType.BFLOAT16)).withKernels(kernels);
    BackendException refused =
        assertThrows(
            BackendException.class,
            () ->
                OnnxModelRunner.load(
                        config, weights(directory), roles(config, PadSide.RIGHT), options)
                    .close());
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains("Could not find an implementation"), message);
  }

  @Test
  void numbersTakeTheFormOfTheirType() {
    assertEquals(2, ComputeType.FLOAT16.encode(1f).length);
    assertEquals(0x3C, ComputeType.FLOAT16.encode(1f)[1]);
    assertEquals((byte) 0xFB, ComputeType.FLOAT16.encode(ComputeType.FLOAT16.unseen())[1]);
    assertEquals(0x3F, ComputeType.BFLOAT16.encode(1f)[1]);
    assertEquals(4, ComputeType.FLOAT.encode(1f).length);
  }

  private static float[] run(OnnxModelRunner runner, String role, List<int[]> rows) {
    return runner.run(batch(role, rows), Deadline.none());
  }

  private static void assertNear(double tolerance, JsonNode expected, float[] found) {
    assertEquals(0, distance(numbers(expected), found), tolerance);
  }
}
