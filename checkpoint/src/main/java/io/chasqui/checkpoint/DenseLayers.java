package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.DenseLayer.Activation;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads the {@code Dense} modules of sentence-transformers: a directory each, with {@code
 * config.json} and {@code model.safetensors} or {@code pytorch_model.bin}.
 */
final class DenseLayers {
  private static final String SAFETENSORS = "model.safetensors";
  private static final String PICKLE = "pytorch_model.bin";
  private static final String WEIGHT = "linear.weight";
  private static final String BIAS = "linear.bias";
  private static final String ACTIVATION = "activation_function";
  private static final String VECTOR = "sentence_embedding"; // what a layer reads and replaces

  /** The library's when its config names none. */
  private static final String USUAL_ACTIVATION = "torch.nn.modules.activation.Tanh";

  private static final Map<String, Activation> ACTIVATIONS =
      Map.of(
          "torch.nn.modules.linear.Identity",
          Activation.IDENTITY,
          USUAL_ACTIVATION,
          Activation.TANH);

  private DenseLayers() {}

  /**
   * Layers of which each reads what the one before gives.
   *
   * @param width of the pooled vector, which the first reads
   * @throws ModelFormatException if a file is missing or malformed, a layer is of a kind that is
   *     not supported, or widths or shapes do not fit
   */
  static List<DenseLayer> read(List<Path> directories, int width) throws IOException {
    List<DenseLayer> layers = new ArrayList<>();
    int given = width;
    for (Path directory : directories) {
      DenseLayer layer = read(directory, given);
      layers.add(layer);
      given = layer.out();
    }
    return layers;
  }

  private static DenseLayer read(Path directory, int given) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new ModelFormatException(directory, "", "there is no such directory of a dense layer");
    }
    JsonFields config = JsonFile.readObject(directory.resolve("config.json"));
    int in = config.requiredPositive("in_features");
    int out = config.requiredPositive("out_features");
    if (in != given) {
      throw config.problem("in_features", in + ", but the vector before it has " + given);
    }
    requirePlain(config);
    Activation activation = activation(config);
    boolean hasBias = config.flag("bias", true);
    try (TensorFile tensors = TensorFile.open(directory, SAFETENSORS, PICKLE)) {
      requireNames(tensors, hasBias ? Set.of(WEIGHT, BIAS) : Set.of(WEIGHT));
      FloatBuffer weight = floats(tensors, WEIGHT, List.of((long) out, (long) in));
      Optional<FloatBuffer> bias =
          hasBias ? Optional.of(floats(tensors, BIAS, List.of((long) out))) : Optional.empty();
      return new DenseLayer(in, out, weight, bias, activation);
    }
  }

  /** One path from the vector to the vector. */
  private static void requirePlain(JsonFields config) {
    if (config.flag("use_residual", false)) {
      throw config.problem("use_residual", "true is not supported");
    }
    for (String name : List.of("module_input_name", "module_output_name")) {
      String vector = config.string(name).orElse(VECTOR);
      if (!vector.equals(VECTOR)) {
        throw config.problem(
            name, "\"" + JsonFields.cut(vector) + "\" is not supported; supported: " + VECTOR);
      }
    }
  }

  private static Activation activation(JsonFields config) {
    String name = config.string(ACTIVATION).orElse(USUAL_ACTIVATION);
    Activation activation = ACTIVATIONS.get(name);
    if (activation == null || config.isNull(ACTIVATION)) {
      throw config.problem(
          ACTIVATION,
          (config.isNull(ACTIVATION) ? "null" : "\"" + JsonFields.cut(name) + "\"")
              + " is not supported; supported: "
              + new TreeSet<>(ACTIVATIONS.keySet()));
    }
    return activation;
  }

  private static void requireNames(TensorFile tensors, Set<String> expected) {
    if (!tensors.names().equals(expected)) {
      throw new ModelFormatException(
          tensors.file(),
          "",
          "expected the tensors "
              + new TreeSet<>(expected)
              + " of config.json, found "
              + MessageLists.of(List.copyOf(new TreeSet<>(tensors.names()))));
    }
  }

  private static FloatBuffer floats(TensorFile tensors, String name, List<Long> shape)
      throws IOException {
    if (!tensors.shape(name).equals(shape)) {
      throw new ModelFormatException(
          tensors.file(), name, "shape " + tensors.shape(name) + ", but config.json says " + shape);
    }
    if (!tensors.dtype(name).isFloat()) {
      throw new ModelFormatException(
          tensors.file(), name, "expected floating-point numbers, found " + tensors.dtype(name));
    }
    FloatBuffer values = tensors.floats(name);
    for (int i = 0; i < values.limit(); i++) {
      if (!Float.isFinite(values.get(i))) {
        throw new ModelFormatException(
            tensors.file(), name, "element " + i + " is " + values.get(i));
      }
    }
    return values;
  }
}
