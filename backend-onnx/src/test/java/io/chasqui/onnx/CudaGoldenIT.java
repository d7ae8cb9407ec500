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
import static io.chasqui.onnx.Fixtures.scorer;
import static io.chasqui.onnx.Fixtures.served;
import static io.chasqui.onnx.Fixtures.weights;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.chasqui.Deadline;
import io.chasqui.Device;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.Role.PadSide;
import io.chasqui.onnx.OnnxOptions.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Golden values on CUDA device 0, in all three types: {@code mvn -Pgpu verify}. */
@Tag("gpu")
class CudaGoldenIT {
  private static final Device CUDA = Device.cuda(0);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama-mha",
        "llama-gqa-llama3rope",
        "mistral-fp16",
        "qwen2",
        "qwen2-bidir",
        "qwen3-sharded",
        "gemma",
        "gemma2-bf16",
        "gemma3-text",
        "gemma3-text-bidir"
      })
  void fp32IsWithinOneInTenThousand(String name) throws IOException {
    assertGolden(name, Precision.FP32, 1e-4, 1e-4);
  }

  @ParameterizedTest
  @CsvSource({
    "llama-mha,FP16,3e-3", "llama-mha,BF16,2e-2",
    "llama-gqa-llama3rope,FP16,3e-3", "llama-gqa-llama3rope,BF16,2e-2",
    "mistral-fp16,FP16,3e-3", "mistral-fp16,BF16,2e-2",
    "qwen2,FP16,3e-3", "qwen2,BF16,2e-2",
    "qwen2-bidir,FP16,3e-3", "qwen2-bidir,BF16,2e-2",
    "qwen3-sharded,FP16,3e-3", "qwen3-sharded,BF16,2e-2",
    "gemma,FP16,3e-3", "gemma,BF16,2e-2",
    "gemma2-bf16,FP16,3e-3", "gemma2-bf16,BF16,2e-2",
    "gemma3-text,FP16,3e-3", "gemma3-text,BF16,2e-2",
    "gemma3-text-bidir,FP16,3e-3", "gemma3-text-bidir,BF16,2e-2",
  })
  void halfPrecisionIsWithinTheYardstick(String name, Precision precision, double embedding)
      throws IOException {
    assertGolden(name, precision, embedding, Double.MAX_VALUE);
  }

  /**
   * Allowed in each type: base, adapter (2.5 times Hugging Face's own, decision 130), its score.
   */
  @ParameterizedTest
  @CsvSource({"FP32,1e-4,1e-4,1e-4", "FP16,3e-3,5.2e-3,0.05", "BF16,2e-2,3.5e-2,0.4"})
  void adaptersAndBaseMixInOneRun(Precision precision, double base, double adapted, double score)
      throws IOException {
    OnnxOptions options = OnnxOptions.defaults().withPrecision(precision);
    ModelConfig config = ModelConfig.read(golden("arch/llama-gqa-llama3rope"));
    HalfPrecisionIT.assertMixed(
        Schedule.of(CUDA, options, config).runnerOptions(CUDA, options), base, adapted, score);
  }

  private static void assertGolden(String name, Precision precision, double embedding, double score)
      throws IOException {
    Path directory = golden("arch/" + name);
    ModelConfig config = ModelConfig.read(directory);
    JsonNode golden = json(directory.resolve("golden.json"));
    List<int[]> rows = ids(golden.get("ids"));
    Role.Attention attention =
        config.attention().causal() ? Role.Attention.CAUSAL : Role.Attention.BIDIRECTIONAL;
    List<ServedRole> roles =
        List.of(
            served(encoder(PadSide.LEFT).withAttention(attention)),
            served(scorer(PadSide.RIGHT).withAttention(attention)));
    OnnxOptions options = OnnxOptions.defaults().withPrecision(precision);
    RunnerOptions session = Schedule.of(CUDA, options, config).runnerOptions(CUDA, options);
    try (OnnxModelRunner runner =
        OnnxModelRunner.load(config, weights(directory), roles, session)) {
      double[] expected = numbers(golden.get("embedding"));
      int width = runner.width(ENCODER);
      float[] together = runner.run(batch(ENCODER, rows), Deadline.none());
      assertEquals(0, distance(expected, together), embedding);
      for (int row = 0; row < rows.size(); row++) { // batch = single
        float[] alone = runner.run(batch(ENCODER, List.of(rows.get(row))), Deadline.none());
        double[] own = java.util.Arrays.copyOfRange(expected, row * width, (row + 1) * width);
        assertEquals(0, distance(own, alone), embedding);
      }
      assertEquals(
          0,
          distance(numbers(golden.get("score")), runner.run(batch(SCORER, rows), Deadline.none())),
          score);
    }
  }
}
