package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsWriterTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(DType.class)
  void bytesOfEveryTypeSurvive(DType dtype) throws IOException {
    byte[] bytes = new byte[7 * 3 * dtype.bytes()];
    new Random(dtype.bytes()).nextBytes(bytes);
    Path file = directory.resolve("x.safetensors");
    SafetensorsWriter.write(
        file,
        List.of(
            TensorData.ofBytes("odd", DType.U8, List.of(3L), ByteBuffer.wrap(new byte[3])),
            TensorData.ofBytes("x \"\u00e9\n", dtype, List.of(7L, 3L), ByteBuffer.wrap(bytes)),
            TensorData.ofBytes("empty", dtype, List.of(0L, 3L), ByteBuffer.allocate(0)),
            TensorData.of("scalar", DType.F64, List.of(), new float[] {0.1f})));
    SafetensorsFile read = SafetensorsFile.read(file);
    assertEquals(SafetensorsWriter.PYTORCH, read.metadata());
    TensorInfo info = read.all().get("x \"\u00e9\n");
    assertEquals(List.of(7L, 3L), info.shape());
    assertEquals(dtype, info.dtype());
    assertEquals(0, info.offset() % dtype.bytes(), "not aligned");
    assertEquals(ByteBuffer.wrap(bytes), read.bytes("x \"\u00e9\n"));
    assertEquals(0, read.bytes("empty").remaining());
    assertArrayEquals(new float[] {0.1f}, read.floats("scalar"));
    assertEquals(0, ByteBuffer.wrap(Files.readAllBytes(file)).get(0) % 8, "header not padded");
    assertEquals(List.of("x.safetensors"), names());
  }

  @ParameterizedTest
  @CsvSource({"F64, 0", "F32, 0", "F16, 0x1p-11", "BF16, 0x1p-8"})
  void floatsAreRoundedToTheType(DType dtype, double relative) throws IOException {
    // Longer than a block, so that blocks are seen to meet.
    float[] values = new float[200_000];
    Random random = new Random(5);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Path file = directory.resolve("x.safetensors");
    SafetensorsWriter.write(
        file, Map.of(), List.of(TensorData.of("x", dtype, List.of(400L, 500L), values)));
    SafetensorsFile read = SafetensorsFile.read(file);
    assertEquals(Map.of(), read.metadata());
    float[] again = read.floats("x");
    for (int i = 0; i < values.length; i++) {
      assertEquals(values[i], again[i], Math.abs(values[i]) * relative + 1e-8, "element " + i);
    }
  }

  @Test
  void shardsReadAsOne() throws IOException {
    CheckpointWeights whole = CheckpointWeights.read(Golden.path("arch/llama-mha"));
    List<TensorData> tensors =
        whole.all().keySet().stream().map(name -> TensorData.copy(whole, name)).toList();
    SafetensorsWriter.writeCheckpoint(directory, tensors, 100_000);
    CheckpointWeights sharded = CheckpointWeights.read(directory);
    assertTrue(sharded.files().size() > 3, () -> sharded.files().toString());
    assertEquals(Fingerprints.of(whole), Fingerprints.of(sharded));
    assertThrows(
        FileAlreadyExistsException.class,
        () -> SafetensorsWriter.writeCheckpoint(directory, tensors, 100_000));
    for (SafetensorsFile shard : sharded.files()) {
      assertTrue(Files.size(shard.file()) < 110_000);
    }
  }

  @Test
  void aFailedWriteLeavesNothing() {
    Path file = directory.resolve("x.safetensors");
    TensorData shorter =
        new TensorData("x", DType.F32, List.of(2L), sink -> sink.write(ByteBuffer.allocate(4)));
    assertThrows(
        IllegalArgumentException.class, () -> SafetensorsWriter.write(file, List.of(shorter)));
    TensorData failing =
        new TensorData(
            "x",
            DType.F32,
            List.of(2L),
            sink -> {
              sink.write(ByteBuffer.allocate(4));
              throw new IOException("disk full");
            });
    assertThrows(IOException.class, () -> SafetensorsWriter.write(file, List.of(failing)));
    assertEquals(List.of(), names());
  }

  @Test
  void refusesNamesTwiceAndShapesThatDoNotFit() {
    TensorData one = TensorData.of("x", DType.F32, List.of(1L), new float[1]);
    Path file = directory.resolve("x.safetensors");
    assertThrows(
        IllegalArgumentException.class, () -> SafetensorsWriter.write(file, List.of(one, one)));
    assertThrows(
        IllegalArgumentException.class,
        () -> SafetensorsWriter.write(file, List.of(one.withName("__metadata__"))));
    assertThrows(
        IllegalArgumentException.class,
        () -> TensorData.of("x", DType.F32, List.of(2L), new float[1]));
    assertThrows(
        IllegalArgumentException.class,
        () -> TensorData.of("x", DType.I64, List.of(1L), new float[1]));
  }

  @Test
  void readsHuggingFacesCacheOfSymbolicLinks() throws IOException {
    Path blobs = Files.createDirectories(directory.resolve("blobs"));
    Path snapshot = Files.createDirectories(directory.resolve("snapshots/abc"));
    for (String name :
        List.of(
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "model.safetensors.index.json")) {
      Path blob = blobs.resolve(Integer.toHexString(name.hashCode()));
      Files.copy(Golden.path("arch/qwen3-sharded/" + name), blob);
      Files.createSymbolicLink(
          snapshot.resolve(name), Path.of("../../blobs").resolve(blob.getFileName()));
    }
    CheckpointWeights weights = CheckpointWeights.read(snapshot);
    assertEquals(
        Fingerprints.of(CheckpointWeights.read(Golden.path("arch/qwen3-sharded"))),
        Fingerprints.of(weights));
    for (TensorInfo tensor : weights.all().values()) {
      assertEquals(blobs.toRealPath(), tensor.file().getParent());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "model-00002-of-00002.safetensors" | "model-00003-of-00002.safetensors" | shard model-00003-of-00002.safetensors is missing
          "model-00002-of-00002.safetensors" | "../model-00002-of-00002.safetensors" | in this directory
          "model-00002-of-00002.safetensors" | "/model-00002-of-00002.safetensors" | in this directory
          "model-00002-of-00002.safetensors" | "x\\\\model-00002-of-00002.safetensors" | in this directory
          "model-00002-of-00002.safetensors" | "c:model-00002-of-00002.safetensors" | in this directory
          "model-00002-of-00002.safetensors" | "pytorch_model.bin" | in this directory
          "model-00002-of-00002.safetensors" | ".safetensors" | in this directory
          "model-00002-of-00002.safetensors" | ["model-00002-of-00002.safetensors"] | in this directory
          "model-00002-of-00002.safetensors" | 2 | in this directory
          "model.norm.weight"                | "model.norm.weights" | model.norm.weights
          "model.norm.weight"                | "model.embed_tokens.weight" | Duplicate field
          "weight_map"                       | "weights" | weight_map
          """)
  void refusesAnIndexThatIsWrong(String good, String bad, String reason) throws IOException {
    for (int shard = 1; shard <= 2; shard++) {
      String name = "model-0000" + shard + "-of-00002.safetensors";
      Files.copy(Golden.path("arch/qwen3-sharded/" + name), directory.resolve(name));
    }
    String index = Files.readString(Golden.path("arch/qwen3-sharded/model.safetensors.index.json"));
    String mutated = index.replace(good, bad);
    assertTrue(!mutated.equals(index), "the mutation changes nothing");
    Files.writeString(directory.resolve("model.safetensors.index.json"), mutated);
    assertTrue(refusal().contains(reason), this::refusal);
  }

  @Test
  void refusesATensorInTwoShardsAndADirectoryWithoutWeights() throws IOException {
    assertTrue(refusal().contains("found nothing"));
    Files.writeString(directory.resolve("pytorch_model.bin"), "x");
    assertTrue(refusal().contains("found pytorch_model.bin. Weights in another format must be"));
    TensorData x = TensorData.of("x", DType.F32, List.of(1L), new float[1]);
    SafetensorsWriter.write(directory.resolve("a.safetensors"), List.of(x));
    SafetensorsWriter.write(directory.resolve("b.safetensors"), List.of(x, x.withName("y")));
    Files.writeString(
        directory.resolve("model.safetensors.index.json"),
        "{\"weight_map\":{\"x\":\"a.safetensors\",\"y\":\"b.safetensors\"}}");
    String message = refusal();
    assertTrue(message.contains("says a.safetensors, but the tensor is in shard b"), message);
  }

  private String refusal() {
    return assertThrows(ModelFormatException.class, () -> CheckpointWeights.read(directory))
        .getMessage();
  }

  private List<String> names() {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
