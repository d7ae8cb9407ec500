package io.chasqui.onnx;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.chasqui.checkpoint.CheckpointWeights;
import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.RoleTemplate;
import io.chasqui.checkpoint.SafetensorsFile;
import io.chasqui.checkpoint.SafetensorsWriter;
import io.chasqui.checkpoint.ScoreHead;
import io.chasqui.checkpoint.TensorData;
import io.chasqui.checkpoint.TensorInfo;
import io.chasqui.checkpoint.Tensors;
import io.chasqui.spi.TokenBatch;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Roles, golden values and checkpoints of this module's tests. */
final class Fixtures {
  static final String ENCODER = "encoder";
  static final String SCORER = "scorer";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Fixtures() {}

  static Path golden(String relative) {
    return resource("/golden/" + relative);
  }

  /** A test resource by its absolute name. */
  static Path resource(String name) {
    try {
      return Path.of(Objects.requireNonNull(Fixtures.class.getResource(name), name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(name, e);
    }
  }

  /** Copies the files below a directory into another, over what is there. */
  static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  static JsonNode json(Path file) throws IOException {
    return MAPPER.readTree(Files.readString(file));
  }

  /** A checkpoint's config in one of its spellings: "", ".hf4" or ".hf5". */
  static ModelConfig config(Path directory, String spelling, Path scratch) throws IOException {
    Files.copy(
        directory.resolve("config" + spelling + ".json"),
        scratch.resolve("config.json"),
        StandardCopyOption.REPLACE_EXISTING);
    return ModelConfig.read(scratch);
  }

  /** A dense module of sentence-transformers with a bias, tanh, and random weights. */
  static void writeDense(Path directory, int in, int out, long seed) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve("config.json"),
        "{\"in_features\": %d, \"out_features\": %d}".formatted(in, out));
    Random random = new Random(seed);
    float[] weight = new float[in * out];
    float[] bias = new float[out];
    for (float[] values : List.of(weight, bias)) {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextGaussian() / 4);
      }
    }
    SafetensorsWriter.write(
        directory.resolve("model.safetensors"),
        List.of(
            TensorData.of("linear.weight", DType.F32, List.of((long) out, (long) in), weight),
            TensorData.of("linear.bias", DType.F32, List.of((long) out), bias)));
  }

  /** Weights, with {@code head.safetensors} beside them where there is no score head inside. */
  static Tensors weights(Path directory) throws IOException {
    CheckpointWeights weights = CheckpointWeights.read(directory);
    return weights.all().containsKey("score.weight")
        ? weights
        : both(weights, SafetensorsFile.read(directory.resolve("head.safetensors")));
  }

  /** The tensors of two files as one. */
  static Tensors both(Tensors one, Tensors other) {
    Map<String, TensorInfo> all = new TreeMap<>(one.all());
    all.putAll(other.all());
    return new Tensors() {
      @Override
      public Map<String, TensorInfo> all() {
        return Collections.unmodifiableMap(all);
      }

      @Override
      public ByteBuffer bytes(String name) throws IOException {
        return owner(name).bytes(name);
      }

      @Override
      public float[] floats(String name) throws IOException {
        return owner(name).floats(name);
      }

      private Tensors owner(String name) {
        return one.all().containsKey(name) ? one : other;
      }
    };
  }

  static Role encoder(Role.PadSide side) {
    return new Role(
        ENCODER,
        Role.Attention.CAUSAL,
        new Role.Tokens(Optional.of(1), List.of(2), 0, side),
        new RoleTemplate.Single("{query}", "{title} {text}", "{text}"),
        new Role.Truncation(512, 512),
        Role.Pooling.LAST,
        new Role.Output(true, Optional.empty()),
        Optional.empty(),
        Optional.empty());
  }

  static Role encoder(
      String name, Role.Attention attention, Role.Pooling pooling, Role.Output output) {
    Role role = encoder(Role.PadSide.RIGHT);
    return new Role(
        name,
        attention,
        role.tokens(),
        role.template(),
        role.truncation(),
        pooling,
        output,
        Optional.empty(),
        Optional.empty());
  }

  static Role scorer(Role.PadSide side) {
    return new Role(
        SCORER,
        Role.Attention.CAUSAL,
        new Role.Tokens(Optional.of(1), List.of(), 0, side),
        new RoleTemplate.Pair("{query}", "{title} {text}", "{text}", true, ""),
        new Role.Truncation(512, 512),
        Role.Pooling.LAST,
        new Role.Output(false, Optional.empty()),
        Optional.of(new ScoreHead.Linear("score.weight")),
        Optional.empty());
  }

  static ServedRole served(Role role) {
    return new ServedRole(role, Optional.empty());
  }

  static ServedRole served(Role role, LoraAdapter adapter) {
    return new ServedRole(role, Optional.of(adapter));
  }

  static TokenBatch batch(String role, List<int[]> rows) {
    return new TokenBatch(role, rows, 0);
  }

  static List<int[]> ids(JsonNode rows) {
    List<int[]> all = new ArrayList<>();
    rows.forEach(row -> all.add(row(row)));
    return all;
  }

  static int[] row(JsonNode ids) {
    int[] row = new int[ids.size()];
    for (int i = 0; i < row.length; i++) {
      row[i] = ids.get(i).intValue();
    }
    return row;
  }

  /** Numbers of a list or of lists, in order. */
  static double[] numbers(JsonNode node) {
    List<Double> all = new ArrayList<>();
    collect(node, all);
    return all.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static void collect(JsonNode node, List<Double> all) {
    if (node.isArray()) {
      node.forEach(child -> collect(child, all));
    } else {
      all.add(node.doubleValue());
    }
  }

  static double[] doubles(Tensors tensors, String name) throws IOException {
    ByteBuffer bytes = tensors.bytes(name).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    double[] values = new double[bytes.remaining() / Double.BYTES];
    bytes.asDoubleBuffer().get(values);
    return values;
  }

  /** The largest absolute difference; NaN if either has one. */
  static double distance(double[] expected, float[] found) {
    if (expected.length != found.length) {
      throw new AssertionError("expected " + expected.length + " values, found " + found.length);
    }
    double worst = 0;
    for (int i = 0; i < found.length; i++) {
      worst = Math.max(worst, Math.abs(expected[i] - found[i]));
    }
    return worst;
  }

  static double[] widened(float[] values) {
    double[] widened = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      widened[i] = values[i];
    }
    return widened;
  }
}
