package io.chasqui.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Counts, while a graph is gone through, what {@link OnnxFile.Weights} says. Confined to one
 * thread.
 */
final class GraphWeightCount {
  /** Operators that look rows of a table up: it is read in place in any case. */
  private static final Set<String> LOOKUPS = Set.of("Gather", "GatherND", "GatherElements");

  private static final Set<String> INTEGER_OPERATORS =
      Set.of(
          "MatMulInteger",
          "DynamicQuantizeMatMul",
          "MatMulIntegerToFloat",
          "MatMulNBits",
          "MatMulBnb4",
          "MatMulFpQ4",
          "ConvInteger",
          "QAttention",
          "QGemm",
          "QLinearMatMul",
          "QLinearConv",
          "QOrderedMatMul",
          "DynamicQuantizeLSTM");

  /** Numbers of {@code TensorProto.DataType}: float16 and bfloat16. */
  private static final Set<Long> HALVES = Set.of(10L, 16L);

  private final Map<String, Long> lengths = new HashMap<>(); // as 32 bit; by tensor
  private final Set<String> lookedUp = new HashSet<>();
  private boolean integers;
  private boolean lengthUnstated;

  /** A node and the first tensor that it reads. */
  void node(String operator, String firstInput) {
    integers |= INTEGER_OPERATORS.contains(operator);
    if (LOOKUPS.contains(operator)) {
      lookedUp.add(firstInput);
    }
  }

  /**
   * A weight in an external file.
   *
   * @param type number of a {@code TensorProto.DataType}
   * @param length in bytes; 0 if the model does not say it
   */
  void external(String name, long type, long length) {
    lengthUnstated |= length == 0;
    lengths.merge(name, HALVES.contains(type) ? sum(length, length) : length, Math::max);
  }

  OnnxFile.Weights result(List<Path> files) throws IOException {
    long bytes = 0;
    for (Map.Entry<String, Long> weight : lengths.entrySet()) {
      bytes = sum(bytes, lookedUp.contains(weight.getKey()) ? 0 : weight.getValue());
    }
    if (lengthUnstated) {
      bytes = 0;
      for (Path file : files) {
        bytes = sum(bytes, Files.size(file));
      }
    }
    return new OnnxFile.Weights(bytes, integers);
  }

  /** A model may state lengths that no sum holds. */
  private static long sum(long one, long other) {
    return one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other;
  }
}
