package io.chasqui.onnx;

import io.chasqui.BackendException;
import io.chasqui.checkpoint.OnnxFile;
import io.chasqui.checkpoint.Role;
import java.nio.FloatBuffer;
import java.util.stream.Stream;

/**
 * How a role's rows are made of what an exported graph gives. Immutable.
 *
 * @param role its pooling, output and head
 * @param name of the graph's output
 * @param width floats per row
 * @param pooled whether the graph gives one vector or score per row; otherwise one vector per token
 */
record GraphOutput(Role role, String name, int width, boolean pooled) {
  private static final double SMALLEST_LENGTH = 1e-12; // of torch.nn.functional.normalize

  static GraphOutput of(OnnxFile graph, Role role, int width) {
    if (role.head().isPresent()) {
      Role.Head.GraphOutput head = (Role.Head.GraphOutput) role.head().get();
      return new GraphOutput(role, head.output(), 1, true);
    }
    String name =
        Stream.of("sentence_embedding", "token_embeddings", "last_hidden_state")
            .filter(candidate -> graph.output(candidate).isPresent())
            .findFirst()
            .orElseThrow(); // the bundle has checked it
    return new GraphOutput(role, name, width, name.equals("sentence_embedding"));
  }

  /**
   * The rows of a batch.
   *
   * @param values all that the graph gave
   * @return [rows, width]
   */
  float[] rows(FloatBuffer values, PaddedBatch batch) {
    int vectors = pooled ? batch.rows() : Math.multiplyExact(batch.rows(), batch.longest());
    int given = values.remaining() / vectors; // floats of one vector
    if (given * vectors != values.remaining() || given < width || (isScore() && given != 1)) {
      throw new BackendException(
          "the model's output "
              + name
              + " has "
              + values.remaining()
              + " floats for "
              + vectors
              + " vectors of "
              + width,
          false);
    }
    float[] rows = new float[Math.multiplyExact(batch.rows(), width)];
    for (int row = 0; row < batch.rows(); row++) {
      if (isScore()) {
        rows[row] = activated(values.get(row));
      } else {
        pool(values, batch, row, given, rows);
        if (role.output().normalise()) {
          normalise(rows, row * width);
        }
      }
    }
    return rows;
  }

  private boolean isScore() {
    return role.head().isPresent();
  }

  private float activated(float logit) {
    return role.head().orElseThrow().activation() == Role.Activation.SIGMOID
        ? (float) (1 / (1 + Math.exp(-logit)))
        : logit;
  }

  private void pool(FloatBuffer values, PaddedBatch batch, int row, int given, float[] rows) {
    if (pooled) {
      values.get(row * given, rows, row * width, width);
      return;
    }
    int first = row * batch.longest() + batch.first(row);
    switch (role.pooling()) {
      case CLS -> values.get(first * given, rows, row * width, width);
      case LAST -> values.get((first + batch.length(row) - 1) * given, rows, row * width, width);
      case MEAN -> {
        for (int i = 0; i < width; i++) {
          double sum = 0;
          for (int token = 0; token < batch.length(row); token++) {
            sum += values.get((first + token) * given + i);
          }
          rows[row * width + i] = (float) (sum / batch.length(row));
        }
      }
    }
  }

  private void normalise(float[] rows, int from) {
    double squares = 0;
    for (int i = from; i < from + width; i++) {
      squares += (double) rows[i] * rows[i];
    }
    double length = Math.max(Math.sqrt(squares), SMALLEST_LENGTH);
    for (int i = from; i < from + width; i++) {
      rows[i] = (float) (rows[i] / length);
    }
  }
}
