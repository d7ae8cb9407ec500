package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/**
 * Good files, damaged: each reader gives a result or its typed error, never another exception, and
 * in the end.
 */
class MalformedFilesProperties {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final byte[] INTERESTING =
      "\u0000\u0001\u007f{}[]\",:.-019eE(tRQcquhj\u0080\u0085\u0086\u0087\u008a\u0093\u0094"
          .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);

  private Path directory;
  private ModelConfig base;

  @BeforeTry
  void prepare() throws IOException {
    directory = Files.createTempDirectory("malformed");
    base = ModelConfig.read(Golden.path("arch/llama-gqa-llama3rope"));
  }

  @AfterTry
  void clean() throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  /** One way to damage a file; places are fractions of its length, or of its interesting part. */
  record Damage(String kind, double place, double length, int value) {
    byte[] apply(byte[] bytes, int part) {
      int at = (int) (place * Math.min(part, bytes.length));
      int count = (int) (length * length * length * (bytes.length - at));
      return switch (kind) {
        case "set" -> {
          byte[] copy = bytes.clone();
          if (at < copy.length) {
            copy[at] = (byte) value;
          }
          yield copy;
        }
        case "flip" -> {
          byte[] copy = bytes.clone();
          if (at < copy.length) {
            copy[at] = (byte) (copy[at] ^ 1 << (value & 7));
          }
          yield copy;
        }
        case "cut" -> Arrays.copyOf(bytes, at);
        case "remove" -> join(bytes, at, at + count, new byte[0]);
        case "insert" -> join(bytes, at, at, new byte[] {(byte) value});
        case "repeat" -> join(bytes, at, at, Arrays.copyOfRange(bytes, at, at + count));
        default -> throw new AssertionError(kind);
      };
    }

    private static byte[] join(byte[] bytes, int to, int from, byte[] middle) {
      byte[] joined = Arrays.copyOf(bytes, to + middle.length + bytes.length - from);
      System.arraycopy(middle, 0, joined, to, middle.length);
      System.arraycopy(bytes, from, joined, to + middle.length, bytes.length - from);
      return joined;
    }
  }

  @Provide
  Arbitrary<List<Damage>> damages() {
    Arbitrary<Integer> interesting =
        Arbitraries.of(IntStream.range(0, INTERESTING.length).boxed().toList())
            .map(i -> (int) INTERESTING[i]);
    return Combinators.combine(
            Arbitraries.of(
                "set", "set", "set", "flip", "flip", "cut", "remove", "insert", "repeat"),
            Arbitraries.doubles().between(0, 1).withDistribution(RandomDistribution.uniform()),
            Arbitraries.doubles().between(0, 1),
            Arbitraries.oneOf(interesting, Arbitraries.integers().between(0, 255)))
        .as(Damage::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(4);
  }

  @Property(tries = 600)
  void safetensors(@ForAll("damages") List<Damage> damages) throws IOException {
    byte[] good = Files.readAllBytes(Golden.path("adapters/pickle_tricky.safetensors"));
    Path file = write("x.safetensors", good, 768, damages);
    onlyTyped(
        () -> {
          SafetensorsFile read = SafetensorsFile.read(file);
          for (TensorInfo tensor : read.all().values()) {
            assertTrue(read.bytes(tensor.name()).remaining() == tensor.length());
            if (tensor.dtype().isFloat()) {
              read.floats(tensor.name());
            }
          }
        });
  }

  @Property(tries = 600)
  void torchZips(@ForAll("damages") List<Damage> damages) throws IOException {
    byte[] good = Files.readAllBytes(Golden.path("adapters/pickle_tricky.bin"));
    Path file = write("x.bin", good, good.length, damages);
    onlyTyped(() -> readAll(file));
  }

  @Property(tries = 600)
  void pickles(@ForAll("damages") List<Damage> damages) throws IOException {
    byte[] good = Files.readAllBytes(Golden.path("adapters/pickle_tricky.bin"));
    // The pickle is the first entry: the zip around it stays whole.
    Path file = write("x.bin", good, 900, sameLength(damages));
    onlyTyped(() -> readAll(file));
  }

  @Property(tries = 600)
  void adapterConfigs(@ForAll("damages") List<Damage> damages) throws IOException {
    Path golden = Golden.path("adapters/adapter-b-seqcls");
    byte[] good = Files.readAllBytes(golden.resolve("adapter_config.json"));
    write("adapter_config.json", good, good.length, damages);
    Files.copy(
        golden.resolve("adapter_model.safetensors"),
        directory.resolve("adapter_model.safetensors"));
    onlyTyped(() -> LoraAdapters.read(directory, base));
  }

  @Property(tries = 600)
  void modelConfigs(@ForAll("damages") List<Damage> damages) throws IOException {
    byte[] good = Files.readAllBytes(Golden.path("arch/llama-gqa-llama3rope/config.json"));
    write("config.json", good, good.length, damages);
    CheckpointWeights weights = CheckpointWeights.read(Golden.path("arch/llama-gqa-llama3rope"));
    onlyTyped(() -> CheckpointLayout.of(ModelConfig.read(directory), weights));
  }

  @Property(tries = 600)
  void retrievalCards(@ForAll("damages") List<Damage> damages) throws IOException {
    Path file = directory.resolve(RetrievalCard.FILE);
    RetrievalCard.of(Presets.named("repllama-v1"), Presets.named("qwen3-reranker"))
        .withOnnx("onnx/model.onnx")
        .write(file);
    byte[] good = Files.readAllBytes(file);
    write(RetrievalCard.FILE, good, good.length, damages);
    onlyTyped(() -> RetrievalCard.read(file));
  }

  /** A BERT that torch.onnx exported. */
  @Property(tries = 600)
  void onnxScans(@ForAll("damages") List<Damage> damages) throws IOException {
    byte[] good = Files.readAllBytes(Golden.path("onnx/bert.onnx"));
    Path file = write("x.onnx", good, good.length, damages);
    onlyTyped(() -> OnnxFile.read(file));
  }

  @Property(tries = 300)
  void shardIndexes(@ForAll("damages") List<Damage> damages) throws IOException {
    Path golden = Golden.path("arch/qwen3-sharded");
    byte[] good = Files.readAllBytes(golden.resolve("model.safetensors.index.json"));
    write("model.safetensors.index.json", good, good.length, damages);
    for (int shard = 1; shard <= 2; shard++) {
      String name = "model-0000" + shard + "-of-00002.safetensors";
      Files.createSymbolicLink(directory.resolve(name), golden.resolve(name));
    }
    onlyTyped(() -> CheckpointWeights.read(directory));
  }

  private static void readAll(Path file) throws IOException {
    try (TorchPickle pickle = TorchPickle.open(file)) {
      for (String name : pickle.tensors().keySet()) {
        pickle.bytes(name);
      }
    }
  }

  private static List<Damage> sameLength(List<Damage> damages) {
    List<Damage> kept = new ArrayList<>();
    for (Damage damage : damages) {
      String kind = damage.kind().equals("flip") ? "flip" : "set";
      kept.add(new Damage(kind, damage.place(), damage.length(), damage.value()));
    }
    return kept;
  }

  private Path write(String name, byte[] good, int part, List<Damage> damages) throws IOException {
    byte[] bytes = good;
    for (Damage damage : damages) {
      bytes = damage.apply(bytes, part);
    }
    return Files.write(directory.resolve(name), bytes);
  }

  private interface Reading {
    void run() throws IOException;
  }

  private static void onlyTyped(Reading reading) {
    assertTimeoutPreemptively(
        PATIENCE,
        () -> {
          try {
            reading.run();
          } catch (ModelFormatException e) {
            assertTrue(e.getMessage().length() < 6000, "a message of " + e.getMessage().length());
          } catch (IOException e) {
            throw new UncheckedIOException("not typed", e);
          }
        });
  }
}
