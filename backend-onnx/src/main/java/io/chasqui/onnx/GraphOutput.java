package io.chasqui.onnx;

import io.chasqui.BackendException;
import io.chasqui.checkpoint.DenseLayer;
import io.chasqui.checkpoint.OnnxFile;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.ScoreHead;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.stream.Stream;

/**
 * How a role's rows are made of what an exported graph gives. Immutable.
 *
 * @param role its pooling, output and head
 * @param name of the graph's output
 * @param width floats per row
 * @param dense layers that pooled vectors go through
 * @param pooled whether the graph gives one vector or score per row; otherwise one vector per token
 */
record GraphOutput(Role role, String name, int width, List<DenseLayer> dense, boolean pooled) {
  private static final double SMALLEST_LENGTH = 1e-12; // of torch.nn.functional.normalize

  static GraphOutput of(OnnxFile graph, Role role, int width, List<DenseLayer> dense) {
    if (role.head().isPresent()) {
      ScoreHead.GraphOutput head = (ScoreHead.GraphOutput) role.head().get();
      return new GraphOutput(role, head.output(), 1, List.of(), true);
    }
    String name =
        Stream.of("sentence_embedding", "token_embeddings", "last_hidden_state")
            .filter(candidate -> graph.output(candidate).isPresent())
            .findFirst()
            .orElseThrow(); // the bundle has checked it
    return new GraphOutput(role, name, width, dense, name.equals("sentence_embedding"));
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
    int least = dense.isEmpty() ? width : dense.get(0).in(); // of which pooling takes as many
    if (given * vectors != values.remaining() || given < least || (isScore() && given != 1)) {
      throw new BackendException(
          "the model's output "
              + name
              + " has "
              + values.remaining()
              + " floats for "
              + vectors
              + " vectors of "
              + least,
          false);
    }
    float[] rows = new float[Math.multiplyExact(batch.rows(), width)];
    for (int row = 0; row < batch.rows(); row++) {
      if (isScore()) {
        rows[row] = activated(values.get(row));
      } else {
        float[] vector = new float[least];
        pool(values, batch, row, given, vector);
        for (DenseLayer layer : dense) {
          vector = layer.apply(vector);
        }
        System.arraycopy(vector, 0, rows, row * width, width);
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
    return role.head().orElseThrow().activation() == ScoreHead.Activation.SIGMOID
        ? (float) (1 / (1 + Math.exp(-logit)))
        : logit;
  }

  private void pool(FloatBuffer values, PaddedBatch batch, int row, int given, float[] vector) {
    if (pooled) {
      values.get(row * given, vector);
      return;
    }
    int first = row * batch.longest() + batch.first(row);
    switch (role.pooling()) {
      case CLS -> values.get(first * given, vector);
      case LAST -> values.get((first + batch.length(row) - 1) * given, vector);
      case MEAN -> {
        for (int i = 0; i < vector.length; i++) {
          double sum = 0;
          for (int token = 0; token < batch.length(row); token++) {
            sum += values.get((first + token) * given + i);
          }
          vector[i] = (float) (sum / batch.length(row));
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
