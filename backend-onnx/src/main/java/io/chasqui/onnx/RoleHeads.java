package io.chasqui.onnx;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.DenseLayer;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.ScoreHead;
import io.chasqui.onnx.DecoderGraph.RoleOutput;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A graph's last step: what each role makes of the hidden states. Confined to one thread. */
final class RoleHeads {
  static final int NO_ADAPTER = -1;
  private static final float SMALLEST_LENGTH = 1e-12f; // of torch.nn.functional.normalize

  private final OnnxGraph graph;
  private final ModelConfig config;
  private final BaseWeights weights;
  private final LinearLayers linears;

  RoleHeads(OnnxGraph graph, ModelConfig config, BaseWeights weights, LinearLayers linears) {
    this.graph = graph;
    this.config = config;
    this.weights = weights;
    this.linears = linears;
  }

  /**
   * A role's output, in floats as are its inputs.
   *
   * @param one hidden state of each row's pooled token, [rows, hidden]
   * @param all of all tokens
   * @param number of the role
   */
  RoleOutput head(ServedRole served, String one, String all, int number) {
    Role role = served.role();
    String pooled =
        role.pooling() == Role.Pooling.MEAN
            ? graph.node("MatMul", List.of(DecoderGraph.POOL_WEIGHTS, all))
            : one;
    String name = "role_" + number;
    int width;
    String result;
    if (role.head().isPresent()) {
      width = 1;
      ScoreHead head = role.head().get();
      result = linears.gemm(pooled, headWeight(served, head), Optional.empty());
      if (head.activation() == ScoreHead.Activation.SIGMOID) {
        result = graph.node("Sigmoid", List.of(result));
      }
    } else {
      result = pooled;
      int vector = config.hiddenSize();
      for (int layer = 0; layer < served.dense().size(); layer++) {
        DenseLayer dense = served.dense().get(layer);
        result = dense(result, vector, dense, role.name() + ":dense." + layer);
        vector = dense.out();
      }
      width = role.output().dimensions().orElse(vector);
      if (width > vector) {
        throw new IllegalArgumentException(role.name() + ": " + width + " dimensions of " + vector);
      }
      if (width < vector) {
        String end = graph.constant(name + "_dimensions", width);
        result = graph.node("Slice", List.of(result, "axis_0", end, "axis_1"));
      }
      if (role.output().normalise()) {
        result = normalise(result, width, name);
      }
    }
    graph.output(graph.named(name, result), OnnxType.FLOAT, "rows", width);
    int adapter = served.adapter().map(linears::indexOf).orElse(NO_ADAPTER);
    return new RoleOutput(role, name, width, adapter);
  }

  private String dense(String x, int width, DenseLayer layer, String name) {
    if (layer.in() != width) {
      throw new IllegalArgumentException(
          name + " reads " + layer.in() + " floats, but is given " + width);
    }
    String weight = linears.supplyFloats(name + ".weight", layer.weight(), layer.out(), layer.in());
    Optional<String> bias =
        layer.bias().map(values -> linears.supplyFloats(name + ".bias", values, layer.out()));
    String result = linears.gemm(x, weight, bias);
    return switch (layer.activation()) {
      case IDENTITY -> result;
      case TANH -> graph.node("Tanh", List.of(result));
    };
  }

  private String headWeight(ServedRole served, ScoreHead head) {
    if (head instanceof ScoreHead.TokenDifference difference) {
      return graph.node(
          "Sub", List.of(tokenRow(difference.yesId(), head), tokenRow(difference.noId(), head)));
    }
    return head instanceof ScoreHead.SingleToken single
        ? tokenRow(single.id(), head)
        : linearRow(served, ((ScoreHead.Linear) head).tensor());
  }

  /** A row of the LM head, [1, hidden]. */
  private String tokenRow(int id, ScoreHead head) {
    if (config.block().finalSoftCap().isPresent()) {
      throw new IllegalArgumentException(
          head + ": the model bounds its logits, so that no row of the LM head gives them");
    }
    String number = "token_" + id;
    if (!graph.defines(number)) {
      graph.constant(number, id);
    }
    String row = graph.node("Gather", List.of(weights.lmHead(), number));
    return graph.cast(row, OnnxType.FLOAT);
  }

  private String linearRow(ServedRole served, String tensor) {
    LoraAdapter.Saved saved =
        served.adapter().map(adapter -> adapter.saved().get(tensor)).orElse(null);
    if (saved == null) {
      return weights.row(tensor, config.hiddenSize());
    }
    if (saved.rows() != 1 || saved.columns() != config.hiddenSize()) {
      throw new ModelFormatException(
          linears.adapterPath(),
          tensor,
          String.format(
              "shape [%d, %d], expected [1, %d]",
              saved.rows(), saved.columns(), config.hiddenSize()));
    }
    return graph.constant(
        served.role().name() + ":" + tensor, saved.values(), 1, config.hiddenSize());
  }

  private String normalise(String x, int width, String name) {
    float[] ones = new float[width];
    Arrays.fill(ones, 1);
    String squares =
        graph.node(
            "MatMul",
            List.of(
                graph.node("Mul", List.of(x, x)), graph.constant(name + "_ones", ones, width, 1)));
    String length =
        graph.node(
            "Max",
            List.of(
                graph.node("Sqrt", List.of(squares)),
                graph.scalar(name + "_smallest", SMALLEST_LENGTH)));
    return graph.node("Div", List.of(x, length));
  }
}
