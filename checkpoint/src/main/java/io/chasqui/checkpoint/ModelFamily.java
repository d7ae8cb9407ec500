package io.chasqui.checkpoint;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What differs between kinds of decoders on disk: how their config reads, which tensors they have.
 */
interface ModelFamily {
  /** By {@code model_type}. A new kind is added here. */
  Map<String, ModelFamily> BY_MODEL_TYPE = new TreeMap<>(Map.of("llama", new LlamaFamily()));

  /** The config's meaning, with the defaults that Hugging Face's class has. */
  ModelConfig config(JsonFields json);

  /**
   * The tensors of the decoder without heads, by canonical name ("layers.0.mlp.up_proj.weight",
   * "norm.weight"), with the shape that the config asks for.
   */
  SortedMap<String, ExpectedShape> decoderTensors(ModelConfig config);

  /**
   * A shape and where it comes from.
   *
   * @param dimensions rows first
   * @param reason the config fields behind it: "num_key_value_heads 2 × head_dim 16, hidden_size
   *     64"
   */
  record ExpectedShape(List<Long> dimensions, String reason) {
    public ExpectedShape {
      dimensions = List.copyOf(dimensions);
    }
  }
}
