package io.chasqui.checkpoint;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What differs between kinds of decoders on disk: how their config reads. */
interface ModelFamily {
  /** The config's meaning, with the defaults that Hugging Face's class has. */
  ModelConfig config(JsonFields json);

  /**
   * The tensors of the decoder without heads, by canonical name ("layers.0.mlp.up_proj.weight",
   * "norm.weight"), with the shape that the config asks for.
   */
  default SortedMap<String, ExpectedShape> decoderTensors(ModelConfig config) {
    return DecoderTensors.of(config);
  }

  /** The linear layers that an adapter may change, by module name, as [out, in]. */
  default SortedMap<String, List<Long>> linears(ModelConfig config) {
    SortedMap<String, List<Long>> linears = new TreeMap<>();
    decoderTensors(config)
        .forEach(
            (name, shape) -> {
              if (name.startsWith("layers.") && shape.dimensions().size() == 2) {
                linears.put(
                    name.substring(0, name.length() - ".weight".length()), shape.dimensions());
              }
            });
    return linears;
  }

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
