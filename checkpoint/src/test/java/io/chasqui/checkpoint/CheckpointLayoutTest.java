package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CheckpointLayoutTest {
  private ModelConfig config;
  private Map<String, TensorInfo> tensors;

  @BeforeEach
  void readGolden() throws IOException {
    config = ModelConfig.read(Golden.path("arch/llama-mha-seqcls"));
    tensors = new TreeMap<>(CheckpointWeights.read(Golden.path("arch/llama-mha-seqcls")).all());
  }

  @Test
  void mapsCanonicalNamesToStoredOnes() throws IOException {
    CheckpointLayout layout = layout();
    assertEquals(
        "model.layers.0.self_attn.q_proj.weight",
        layout.tensor("layers.0.self_attn.q_proj.weight"));
    assertEquals(Optional.of("score.weight"), layout.scoreHead());
    assertEquals(Optional.empty(), layout.lmHead());
    assertThrows(ModelFormatException.class, () -> layout.tensor("lm_head.weight"));

    ModelConfig tied = ModelConfig.read(Golden.path("arch/llama-gqa-llama3rope"));
    CheckpointWeights weights = CheckpointWeights.read(Golden.path("arch/llama-gqa-llama3rope"));
    assertEquals(
        Optional.of("model.embed_tokens.weight"), CheckpointLayout.of(tied, weights).lmHead());
  }

  @Test
  void readsCheckpointsWithoutPrefix() {
    Map<String, TensorInfo> bare = new TreeMap<>();
    tensors.forEach((name, info) -> bare.put(name.replaceFirst("^model\\.", ""), info));
    tensors = bare;
    assertEquals("norm.weight", layout().tensor("norm.weight"));
  }

  @Test
  void ignoresKnownBuffers() {
    tensors.put("model.layers.0.self_attn.rotary_emb.inv_freq", tensors.get("model.norm.weight"));
    layout();
  }

  @Test
  void listsMissingAndSurplusTensors() {
    TensorInfo norm = tensors.remove("model.norm.weight");
    tensors.put("model.layers.0.self_attn.q_norm.weight", norm);
    tensors.put("model.layers.2.input_layernorm.weight", norm);
    String message = refusal();
    assertTrue(message.contains("are missing: model.norm.weight;"), message);
    assertTrue(
        message.contains(
            "no place in the model of config.json: model.layers.0.self_attn.q_norm.weight,"
                + " model.layers.2.input_layernorm.weight"),
        message);
  }

  @Test
  void aMissingScoreHeadIsAnError() {
    tensors.remove("score.weight");
    assertTrue(refusal().contains("score.weight"));
  }

  @Test
  void namesFieldConfigValueAndTensorValue() {
    String name = "model.layers.1.self_attn.k_proj.weight";
    put(name, DType.F32, 32L, 64L);
    String message = refusal();
    assertTrue(message.contains("[" + name + "]: shape [32, 64]"), message);
    assertTrue(
        message.contains(
            "config.json says [64, 64] (num_key_value_heads 4 × head_dim 16, hidden_size 64)"),
        message);
    put(name, DType.I64, 64L, 64L);
    assertTrue(refusal().contains("expected floating-point numbers, found I64"));
    put(name, DType.F32, 64L, 64L);
    put("score.weight", DType.F32, 2L, 64L);
    assertTrue(refusal().contains("num_labels (id2label) 1"));
  }

  @Test
  void refusesAnEmptySetOfTensors() {
    tensors.clear();
    assertTrue(refusal().contains("embed_tokens.weight"));
  }

  private void put(String name, DType dtype, Long... shape) {
    TensorInfo old = tensors.get(name);
    tensors.put(name, new TensorInfo(name, dtype, List.of(shape), old.file(), 0, 0));
  }

  private String refusal() {
    return assertThrows(ModelFormatException.class, this::layout).getMessage();
  }

  private CheckpointLayout layout() {
    return CheckpointLayout.of(
        config,
        new Tensors() {
          @Override
          public Map<String, TensorInfo> all() {
            return tensors;
          }

          @Override
          public ByteBuffer bytes(String name) {
            throw new AssertionError("the layout reads no data");
          }

          @Override
          public float[] floats(String name) {
            throw new AssertionError("the layout reads no data");
          }
        });
  }
}
