package io.chasqui.djl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.chasqui.checkpoint.Tensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Values of an independent float64 reference, from the test resources. */
final class Golden {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Golden() {}

  static Path path(String relative) {
    try {
      var url = Golden.class.getResource("/golden/" + relative);
      return Path.of(Objects.requireNonNull(url, relative).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(relative, e);
    }
  }

  static JsonNode json(String relative) throws IOException {
    return MAPPER.readTree(Files.readString(path(relative)));
  }

  static List<int[]> ids(Iterable<JsonNode> rows) {
    List<int[]> all = new ArrayList<>();
    for (JsonNode row : rows) {
      int[] ids = new int[row.size()];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = row.get(i).intValue();
      }
      all.add(ids);
    }
    return all;
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

  /** An F64 or F32 tensor. */
  static double[] doubles(Tensors tensors, String name) throws IOException {
    ByteBuffer bytes = tensors.bytes(name).order(ByteOrder.LITTLE_ENDIAN);
    long elements =
        Objects.requireNonNull(tensors.all().get(name), name).shape().stream()
            .reduce(1L, (a, b) -> a * b);
    double[] values = new double[(int) elements];
    if (bytes.remaining() == elements * Double.BYTES) {
      bytes.asDoubleBuffer().get(values);
    } else {
      for (int i = 0; i < values.length; i++) {
        values[i] = bytes.getFloat();
      }
    }
    return values;
  }

  /** The largest absolute difference; NaN if either has one. */
  static double distance(double[] expected, float[] found) {
    if (expected.length != found.length) {
      throw new AssertionError("expected " + expected.length + " values, found " + found.length);
    }
    double worst = 0;
    for (int i = 0; i < found.length; i++) {
      double difference = Math.abs(expected[i] - found[i]);
      worst = Double.isNaN(difference) ? Double.NaN : Math.max(worst, difference);
    }
    return worst;
  }

  /** ‖expected − found‖ / ‖expected‖; the absolute norm where expected is zero. */
  static double relative(double[] expected, float[] found) {
    if (expected.length != found.length) {
      throw new AssertionError("expected " + expected.length + " values, found " + found.length);
    }
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < found.length; i++) {
      difference += (expected[i] - found[i]) * (expected[i] - found[i]);
      norm += expected[i] * expected[i];
    }
    return norm == 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
  }

  /** What a buffer holds. */
  static float[] floats(FloatBuffer values) {
    float[] array = new float[values.remaining()];
    values.get(array);
    return array;
  }
}
