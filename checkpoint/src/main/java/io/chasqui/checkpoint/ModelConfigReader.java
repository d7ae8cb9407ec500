package io.chasqui.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads {@code config.json} in the three spellings in the wild: hub 4.x ({@code torch_dtype},
 * {@code rope_theta}, {@code rope_scaling}), 4.56 and later ({@code dtype}), 5.x ({@code
 * rope_parameters}).
 */
final class ModelConfigReader {
  private static final String MODEL_TYPE = "model_type";

  private ModelConfigReader() {}

  static ModelConfig read(Path file) throws IOException {
    JsonFields json = JsonFile.readObject(file);
    String supported = String.join(", ", ModelFamily.BY_MODEL_TYPE.keySet());
    String type =
        json.string(MODEL_TYPE)
            .orElseThrow(() -> json.expected(MODEL_TYPE, "one of: " + supported));
    ModelFamily family =
        Optional.ofNullable(ModelFamily.BY_MODEL_TYPE.get(type))
            .orElseThrow(
                () ->
                    json.problem(
                        MODEL_TYPE,
                        "\""
                            + JsonFields.cut(type)
                            + "\" is not supported; supported: "
                            + supported));
    if (json.has("quantization_config")) {
      throw json.problem(
          "quantization_config",
          json.show("quantization_config")
              + ": quantised checkpoints are not supported; use the unquantised one");
    }
    return family.config(json);
  }
}
