package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.RetrievalCard;
import io.chasqui.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TinyModelRecipeTest {
  private static final String Q = "layers.0.self_attn.q_proj";

  @TempDir Path scratch;

  private Path adapter(String name, double value) throws IOException {
    double[] values = new double[16];
    Arrays.fill(values, value);
    LowRankUpdates updates = new LowRankUpdates(1, 2);
    updates.add(Q, values, values);
    Path adapter = Files.createDirectory(scratch.resolve(name));
    updates.write(adapter, "model", new float[16]);
    return adapter;
  }

  @Test
  void aModelHasItsBasesFilesBothAdaptersInHalfPrecisionAndACard() throws IOException {
    Path base = Files.createDirectory(scratch.resolve("base"));
    Files.writeString(base.resolve("config.json"), "{}");
    Path target = scratch.resolve("model");
    TinyModelRecipe.assemble(
        base,
        TinyModelRecipe.retriever(),
        adapter("first", 0.1),
        TinyModelRecipe.reranker(),
        adapter("second", 0.3),
        target);
    assertEquals("{}", Files.readString(target.resolve("config.json")));
    RetrievalCard card = RetrievalCard.read(target.resolve(RetrievalCard.FILE));
    assertEquals(Set.of("repllama", "rankllama"), card.roles().keySet());
    for (String role : card.roles().keySet()) {
      Path adapter = target.resolve(role);
      SafetensorsFile halves = SafetensorsFile.read(adapter.resolve("adapter_model.safetensors"));
      assertEquals(3, halves.all().size());
      halves.all().forEach((name, tensor) -> assertEquals(DType.F16, tensor.dtype(), name));
      String settings = Files.readString(adapter.resolve("adapter_config.json"));
      assertTrue(settings.contains("\"base_model_name_or_path\" : \"..\""), settings);
    }
    String a = "base_model.model.model." + Q + ".lora_A.weight";
    Path weights = Path.of("rankllama", "adapter_model.safetensors");
    float[] found = SafetensorsFile.read(target.resolve(weights)).floats(a);
    float[] expected = new float[16];
    Arrays.fill(expected, 0.3f);
    assertArrayEquals(expected, found, 2e-4f);
  }
}
