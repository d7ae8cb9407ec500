package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.DenseLayer.Activation;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DenseLayersTest {
  private static final String PLAIN =
      "{'in_features': 3, 'out_features': 2, 'bias': false,"
          + " 'activation_function': 'torch.nn.modules.linear.Identity'}";
  private static final float[] WEIGHT = {1, 2, 3, -0.5f, 0.25f, 4};

  @TempDir Path directory;
  private Path layer;

  @BeforeEach
  void prepare() throws IOException {
    layer = Files.createDirectory(directory.resolve("2_Dense"));
    config(PLAIN);
    weights(DType.F32, WEIGHT);
  }

  private void config(String json) throws IOException {
    Files.writeString(layer.resolve("config.json"), json.replace('\'', '"'));
  }

  private void weights(DType stored, float[] weight, float... bias) throws IOException {
    List<TensorData> tensors = new ArrayList<>();
    tensors.add(TensorData.of("linear.weight", stored, List.of(2L, 3L), weight));
    if (bias.length > 0) {
      tensors.add(TensorData.of("linear.bias", stored, List.of((long) bias.length), bias));
    }
    SafetensorsWriter.write(layer.resolve("model.safetensors"), tensors);
  }

  private DenseLayer read() throws IOException {
    return DenseLayers.read(List.of(layer), 3).get(0);
  }

  private ModelFormatException assertRefused(String file, String field, String words) {
    ModelFormatException e = assertThrows(ModelFormatException.class, this::read);
    assertEquals(field, e.field().orElse(""), e.getMessage());
    assertTrue(e.file().toString().endsWith(file), e.file().toString());
    assertTrue(e.getMessage().contains(words), e.getMessage());
    return e;
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void aLayerIsReadAndApplied(DType stored) throws IOException {
    weights(stored, WEIGHT);
    DenseLayer read = read();
    assertEquals(Activation.IDENTITY, read.activation());
    assertArrayEquals(new float[] {14, 12}, read.apply(new float[] {1, 2, 3}));
  }

  @Test
  void whatIsNotSaidIsAsInTheLibrary() throws IOException {
    config("{'in_features': 3, 'out_features': 2}");
    weights(DType.F32, WEIGHT, 0.5f, -1);
    DenseLayer read = read();
    assertEquals(Activation.TANH, read.activation());
    assertArrayEquals(
        new float[] {(float) Math.tanh(1.5), (float) Math.tanh(-1.5)},
        read.apply(new float[] {1, 0, 0}));
  }

  @Test
  void eachReadsWhatTheOneBeforeGives() throws IOException {
    Path second = Files.createDirectory(directory.resolve("3_Dense"));
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(layer.resolve(name), second.resolve(name));
    }
    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> DenseLayers.read(List.of(layer, second), 3));
    assertEquals("in_features", e.field().orElse(""));
    assertTrue(e.file().startsWith(second), e.file().toString());
    assertTrue(e.getMessage().contains("3, but the vector before it has 2"), e.getMessage());
    assertThrows(ModelFormatException.class, () -> DenseLayers.read(List.of(layer), 4));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'out_features': 2 | 'out_features': 0 | out_features | positive",
        "'in_features': 3, | '' | in_features | positive",
        "'bias': false | 'bias': 'no' | bias | true or false",
        "linear.Identity | activation.GELU | activation_function | GELU",
        "torch.nn.modules.linear.Identity | my.Tanh | activation_function | my.Tanh",
        "'torch.nn.modules.linear.Identity' | null | activation_function | null",
        "'bias': false | 'bias': false, 'use_residual': true | use_residual | true",
        "'bias': false | 'bias': false, 'module_input_name': 'token_embeddings'"
            + " | module_input_name | token_embeddings",
        "'bias': false | 'bias': false, 'module_output_name': 'x' | module_output_name | x",
      })
  void whatIsNotSupportedIsNamed(String part, String other, String field, String words)
      throws IOException {
    String from = part.equals("''") ? "" : part;
    assertTrue(PLAIN.contains(from), from);
    config(PLAIN.replace(from, other.equals("''") ? "" : other));
    assertRefused("config.json", field, words);
  }

  @Test
  void weightsAreWhatTheConfigSays() throws IOException {
    config(PLAIN.replace("'out_features': 2", "'out_features': 3"));
    assertRefused(
        "model.safetensors", "linear.weight", "shape [2, 3], but config.json says [3, 3]");
    config(PLAIN.replace("'bias': false", "'bias': true"));
    assertRefused("model.safetensors", "", "expected the tensors [linear.bias, linear.weight]");
    weights(DType.F32, WEIGHT, 1, 2, 3);
    assertRefused("model.safetensors", "linear.bias", "shape [3]");
    config(PLAIN);
    assertRefused("model.safetensors", "", "found linear.bias, linear.weight");
    weights(DType.F32, new float[] {1, 2, 3, Float.NaN, 5, 6});
    assertRefused("model.safetensors", "linear.weight", "element 3 is NaN");
    weights(DType.F32, new float[] {1, 2, 3, 4, Float.NEGATIVE_INFINITY, 6});
    assertRefused("model.safetensors", "linear.weight", "element 4 is -Infinity");
    SafetensorsWriter.write(
        layer.resolve("model.safetensors"),
        List.of(
            TensorData.ofBytes(
                "linear.weight", DType.I32, List.of(2L, 3L), java.nio.ByteBuffer.allocate(24))));
    assertRefused("model.safetensors", "linear.weight", "expected floating-point numbers");
  }

  @Test
  void filesMustBeThere() throws IOException {
    Files.delete(layer.resolve("model.safetensors"));
    assertRefused("2_Dense", "", "neither model.safetensors nor pytorch_model.bin");
    Files.write(layer.resolve("pytorch_model.bin"), new byte[] {1, 2, 3});
    assertRefused("pytorch_model.bin", "", "expected a zip");
    Files.delete(layer.resolve("config.json"));
    assertThrows(java.nio.file.NoSuchFileException.class, this::read);
    layer = directory.resolve("4_Dense");
    assertRefused("4_Dense", "", "no such directory");
  }

  @Test
  void sizesOfALayerAgree() {
    FloatBuffer six = FloatBuffer.allocate(6);
    assertThrows(
        IllegalArgumentException.class,
        () -> new DenseLayer(2, 2, six, Optional.empty(), Activation.TANH));
    assertThrows(
        IllegalArgumentException.class,
        () -> new DenseLayer(3, 2, six, Optional.of(FloatBuffer.allocate(3)), Activation.TANH));
  }
}
