package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LoraAdapterWriterTest {
  private static final String MODULE = "layers.0.self_attn.q_proj";

  @TempDir Path scratch;

  private static TensorData tensor(String name, long rows, long columns, float... values) {
    return TensorData.of(name, DType.F32, List.of(rows, columns), values);
  }

  private LoraAdapter written(String task, boolean stabilised, List<TensorData> tensors)
      throws IOException {
    Files.writeString(
        scratch.resolve("config.json"),
        """
        {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 8,
         "hidden_size": 2, "intermediate_size": 4, "num_hidden_layers": 1,
         "num_attention_heads": 1, "num_key_value_heads": 1, "head_dim": 2, "rms_norm_eps": 1e-5,
         "max_position_embeddings": 16, "hidden_act": "silu", "tie_word_embeddings": true}
        """);
    LoraAdapterWriter.write(
        scratch,
        new LoraAdapterWriter.Settings(task, "base", 4, 6, 0.1, stabilised, List.of("q_proj")),
        tensors);
    return LoraAdapters.read(scratch, ModelConfig.read(scratch));
  }

  private static List<TensorData> factors() {
    return List.of(
        tensor(MODULE + ".lora_A.weight", 4, 2, 1, 2, 3, 4, 5, 6, 7, 8),
        tensor(MODULE + ".lora_B.weight", 2, 4, 8, 7, 6, 5, 4, 3, 2, 1));
  }

  @Test
  void anEncodersAdapterIsReadBackUnderTheNamesThatAutoModelHas() throws IOException {
    LoraAdapter adapter = written(LoraAdapterWriter.ENCODER, false, factors());
    assertEquals("FEATURE_EXTRACTION", adapter.taskType());
    LoraAdapter.Update update = Objects.requireNonNull(adapter.modules().get(MODULE));
    assertEquals(4, update.rank());
    assertEquals(1.5, update.scale());
    assertEquals(4, update.a().get(3));
    assertEquals(7, update.b().get(1));
    assertTrue(
        SafetensorsFile.read(scratch.resolve("adapter_model.safetensors"))
            .all()
            .containsKey("base_model.model." + MODULE + ".lora_A.weight"));
  }

  @Test
  void aScorersAdapterHasItsHeadAndTheNamesOfAModelWithOne() throws IOException {
    List<TensorData> tensors = new ArrayList<>(factors());
    tensors.add(tensor(LoraAdapterWriter.HEAD, 1, 2, 0.5f, -0.5f));
    LoraAdapter adapter = written(LoraAdapterWriter.SCORER, true, tensors);
    assertEquals("SEQ_CLS", adapter.taskType());
    assertEquals(3, Objects.requireNonNull(adapter.modules().get(MODULE)).scale());
    assertArrayEquals(
        new float[] {0.5f, -0.5f},
        Objects.requireNonNull(adapter.saved().get(LoraAdapterWriter.HEAD)).values());
    assertTrue(
        SafetensorsFile.read(scratch.resolve("adapter_model.safetensors"))
            .all()
            .keySet()
            .containsAll(
                List.of(
                    "base_model.model.model." + MODULE + ".lora_B.weight",
                    "base_model.model.score.weight")));
  }
}
