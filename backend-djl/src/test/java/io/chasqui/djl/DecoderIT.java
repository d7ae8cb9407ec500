package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.pytorch.engine.PtNDArray;
import com.fasterxml.jackson.databind.JsonNode;
import io.chasqui.checkpoint.CheckpointLayout;
import io.chasqui.checkpoint.CheckpointWeights;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The forward pass against golden values of a float64 reference; fp32 tolerances. */
final class DecoderIT {
  private static final double HIDDEN = 3e-5;
  private static final double EMBEDDING = 3e-6;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama-mha",
        "llama-gqa-llama3rope",
        "llama-mha-seqcls",
        "mistral-fp16",
        "qwen2",
        "qwen2-bidir",
        "qwen3-sharded",
        "gemma",
        "gemma2-bf16",
        "gemma3-text",
        "gemma3-text-bidir"
      })
  void checkpointGivesItsGoldenStates(String name) throws IOException {
    Path directory = Golden.path("arch/" + name);
    ModelConfig config = ModelConfig.read(directory);
    JsonNode golden = Golden.json("arch/" + name + "/golden.json");
    List<int[]> rows = Golden.ids(golden.get("ids"));
    List<int[]> longRow = Golden.ids(List.of(golden.get("long").get("ids")));
    SafetensorsFile states = SafetensorsFile.read(directory.resolve("golden.safetensors"));

    try (Scope scope = Scope.root(ai.djl.Device.cpu())) {
      ai.djl.pytorch.jni.JniUtils.setNumThreads(1);
      CheckpointWeights files = CheckpointWeights.read(directory);
      CheckpointLayout layout = CheckpointLayout.of(config, files);
      Weights weights = Weights.read(scope, files, layout, false);
      boolean causal = config.attention().causal();
      Decoder decoder = new Decoder(scope, config, weights, Adapter.none(), causal);
      Ops ops = new Ops(scope, new Constants(scope));

      float[] hidden = Ops.floats(run(decoder, rows, Readout.ALL, ops));
      float[] real = realTokens(rows, hidden, config.hiddenSize());
      assertEquals(0, Golden.distance(Golden.doubles(states, "hidden"), real), HIDDEN);
      assertEmbedding(golden.get("embedding"), run(decoder, rows, Readout.LAST, ops), ops);
      assertEmbedding(
          golden.get("long").get("embedding"), run(decoder, longRow, Readout.LAST, ops), ops);
      float[] mean = Ops.floats(ops.unit(run(decoder, rows, Readout.MEAN, ops)));
      double[] goldenMean = Golden.doubles(states, "mean_pooled_embedding");
      assertEquals(0, Golden.distance(goldenMean, mean), EMBEDDING);
    }
  }

  private static PtNDArray run(Decoder decoder, List<int[]> rows, Readout readout, Ops ops) {
    return BlockPass.output(decoder, new TokenBlock(rows, 0, 0), readout, Dropout.off(), ops);
  }

  private static void assertEmbedding(JsonNode expected, PtNDArray found, Ops ops) {
    float[] unit = Ops.floats(ops.unit(found));
    assertEquals(0, Golden.distance(Golden.numbers(expected), unit), EMBEDDING);
  }

  private static float[] realTokens(List<int[]> rows, float[] padded, int width) {
    int longest = rows.stream().mapToInt(row -> row.length).max().orElseThrow();
    List<Float> real = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      for (int j = 0; j < rows.get(i).length * width; j++) {
        real.add(padded[i * longest * width + j]);
      }
    }
    float[] values = new float[real.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = real.get(i);
    }
    return values;
  }
}
