package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.OnnxFile.Value;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which output of an exported graph stands for what. The names are those of optimum's,
 * sentence-transformers' and our own exporter.
 */
final class GraphOutputs {
  /** Pooled, [batch, width]. */
  static final String SENTENCE = "sentence_embedding";

  /** Hidden states, [batch, sequence, width]. */
  static final List<String> TOKENS = List.of("token_embeddings", "last_hidden_state");

  /** A classifier's, [batch, labels] or [batch]. */
  static final String LOGITS = "logits";

  private static final Set<Integer> FLOATS = Set.of(OnnxFile.FLOAT, OnnxFile.FLOAT16);
  private static final int UNKNOWN_TYPE = 0;

  private GraphOutputs() {}

  /** What an encoder reads: the pooled vector, else hidden states. */
  static Optional<Value> encoder(OnnxFile graph) {
    return Stream.concat(Stream.of(SENTENCE), TOKENS.stream())
        .flatMap(name -> graph.output(name).stream())
        .findFirst();
  }

  static String noEncoder(OnnxFile graph) {
    return graph.file()
        + " gives none of "
        + SENTENCE
        + ", "
        + String.join(", ", TOKENS)
        + "; its outputs are "
        + MessageLists.of(graph.outputs().stream().map(Value::name).toList());
  }

  /**
   * Floats per row or token.
   *
   * @throws ModelFormatException if neither graph nor config says it, or they disagree
   */
  static int width(OnnxFile graph, Value output, GraphConfig config) {
    int rank = output.name().equals(SENTENCE) ? 2 : 3;
    requireFloats(graph, output);
    List<Long> shape = output.dimensions();
    if (!shape.isEmpty() && shape.size() != rank) {
      throw new ModelFormatException(
          graph.file(), output.name(), "expected " + rank + " dimensions, found " + shape);
    }
    long stated = shape.isEmpty() ? OnnxFile.DYNAMIC : shape.get(rank - 1);
    if (stated > Integer.MAX_VALUE || stated == 0) {
      throw new ModelFormatException(graph.file(), output.name(), "shape " + shape);
    }
    if (stated > 0) {
      if (rank == 3 && config.hiddenSize() > 0 && config.hiddenSize() != stated) {
        throw new ModelFormatException(
            graph.file(),
            output.name(),
            "shape " + shape + ", but config.json says hidden_size " + config.hiddenSize());
      }
      return (int) stated;
    }
    if (config.hiddenSize() == 0) {
      throw new ModelFormatException(
          graph.file(),
          output.name(),
          "its width is stated neither in the graph nor in config.json (hidden_size)");
    }
    return config.hiddenSize();
  }

  /** Whether {@link #LOGITS} is one score per row. */
  static boolean isScore(OnnxFile graph, GraphConfig config) {
    return graph.output(LOGITS).filter(output -> labels(output, config) == 1).isPresent();
  }

  /**
   * Returns if an output is one score per row.
   *
   * @throws ModelFormatException naming the output and its shape
   */
  static void requireScore(OnnxFile graph, String name, GraphConfig config) {
    Value output =
        graph
            .output(name)
            .orElseThrow(
                () ->
                    new ModelFormatException(
                        graph.file(),
                        name,
                        "there is no such output; there are "
                            + MessageLists.of(graph.outputs().stream().map(Value::name).toList())));
    requireFloats(graph, output);
    if (labels(output, config) != 1) {
      throw new ModelFormatException(
          graph.file(),
          name,
          "expected one score per row, [batch, 1] or [batch], found "
              + output.dimensions()
              + (config.labels() > 0 ? " and " + config.labels() + " labels in config.json" : ""));
    }
  }

  /** Of a row; −1 if the output is of another kind or nothing says it. */
  private static long labels(Value output, GraphConfig config) {
    return switch (output.dimensions().size()) {
      case 1 -> 1;
      case 2 -> {
        long stated = output.dimensions().get(1);
        yield stated != OnnxFile.DYNAMIC ? stated : config.labels() > 0 ? config.labels() : -1;
      }
      case 0 -> config.labels() > 0 ? config.labels() : -1;
      default -> -1; // a language model's, for each token
    };
  }

  private static void requireFloats(OnnxFile graph, Value output) {
    if (output.elementType() != UNKNOWN_TYPE && !FLOATS.contains(output.elementType())) {
      throw new ModelFormatException(
          graph.file(),
          output.name(),
          "expected float32 or float16, found the element type " + output.elementType());
    }
  }
}
