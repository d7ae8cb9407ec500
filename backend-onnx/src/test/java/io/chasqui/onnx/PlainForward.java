package io.chasqui.onnx;

import io.chasqui.checkpoint.DenseLayer;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.RopeConfig;
import io.chasqui.checkpoint.Tensors;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A decoder's forward pass in plain double-precision loops, one row at a time, after the published
 * descriptions of Llama and its siblings. It shares no code with the graph builder: it is the
 * second oracle.
 */
final class PlainForward {
  private final ModelConfig config;
  private final Tensors tensors;
  private final String prefix;
  private final Optional<LoraAdapter> adapter;

  /**
   * @param prefix of the tensors' names: "model." or ""
   */
  PlainForward(ModelConfig config, Tensors tensors, String prefix, Optional<LoraAdapter> adapter) {
    this.config = config;
    this.tensors = tensors;
    this.prefix = prefix;
    this.adapter = adapter;
  }

  /** Hidden states after the final norm, [tokens][hidden]. */
  double[][] hidden(int[] ids, boolean causal) throws IOException {
    int width = config.hiddenSize();
    float[] embedding = tensors.floats(prefix + "embed_tokens.weight");
    double[][] x = new double[ids.length][width];
    for (int t = 0; t < ids.length; t++) {
      for (int i = 0; i < width; i++) {
        x[t][i] = embedding[ids[t] * width + i] * config.block().embeddingScale();
      }
    }
    for (int layer = 0; layer < config.layers(); layer++) {
      String path = "layers." + layer + ".";
      double[][] attended = attend(layer, norm(x, path + "input_layernorm"), causal);
      if (config.block().outputNorms()) {
        add(x, norm(attended, path + "post_attention_layernorm"));
        double[][] update = mlp(path + "mlp.", norm(x, path + "pre_feedforward_layernorm"));
        add(x, norm(update, path + "post_feedforward_layernorm"));
      } else {
        add(x, attended);
        add(x, mlp(path + "mlp.", norm(x, path + "post_attention_layernorm")));
      }
    }
    return norm(x, "norm");
  }

  /** A vector through dense layers: activation(W·x + b), one after another. */
  static double[] dense(double[] pooled, List<DenseLayer> layers) {
    double[] x = pooled;
    for (DenseLayer layer : layers) {
      FloatBuffer weight = layer.weight();
      FloatBuffer bias = layer.bias().orElseGet(() -> FloatBuffer.allocate(layer.out()));
      double[] y = new double[layer.out()];
      for (int row = 0; row < y.length; row++) {
        y[row] = bias.get();
        for (double value : x) {
          y[row] += weight.get() * value;
        }
        y[row] = layer.activation() == DenseLayer.Activation.TANH ? Math.tanh(y[row]) : y[row];
      }
      x = y;
    }
    return x;
  }

  private double[][] attend(int layer, double[][] x, boolean causal) throws IOException {
    String path = "layers." + layer + ".self_attn.";
    int size = config.headDim();
    double[][] q = linear(path + "q_proj", x, config.attentionBias());
    double[][] k = linear(path + "k_proj", x, config.attentionBias());
    double[][] v = linear(path + "v_proj", x, config.attentionBias());
    if (config.attention().headNorms()) {
      normHeads(q, path + "q_norm");
      normHeads(k, path + "k_norm");
    }
    turn(q, config.heads(), config.rope(layer));
    turn(k, config.keyValueHeads(), config.rope(layer));
    double[][] mixed = new double[x.length][config.heads() * size];
    int queriesPerKey = config.heads() / config.keyValueHeads();
    for (int head = 0; head < config.heads(); head++) {
      int own = head * size;
      int shared = head / queriesPerKey * size;
      for (int i = 0; i < x.length; i++) {
        double[] weights = new double[x.length];
        double total = 0;
        for (int j = 0; j < x.length; j++) {
          if (!sees(layer, i, j, causal)) {
            continue;
          }
          double dot = 0;
          for (int d = 0; d < size; d++) {
            dot += q[i][own + d] * k[j][shared + d];
          }
          weights[j] = Math.exp(capped(dot * config.attention().scale()));
          total += weights[j];
        }
        for (int j = 0; j < x.length; j++) {
          for (int d = 0; d < size; d++) {
            mixed[i][own + d] += weights[j] / total * v[j][shared + d];
          }
        }
      }
    }
    return linear(path + "o_proj", mixed, config.attention().outputBias());
  }

  private boolean sees(int layer, int i, int j, boolean causal) {
    boolean near = config.window(layer).map(window -> Math.abs(i - j) < window.size()).orElse(true);
    return near && (!causal || j <= i);
  }

  private double capped(double score) {
    if (config.attention().softCap().isEmpty()) {
      return score;
    }
    double cap = config.attention().softCap().getAsDouble();
    return cap * Math.tanh(score / cap);
  }

  /** Each head by itself. */
  private void normHeads(double[][] x, String name) throws IOException {
    int size = config.headDim();
    for (double[] line : x) {
      for (int start = 0; start < line.length; start += size) {
        double[] head =
            norm(new double[][] {Arrays.copyOfRange(line, start, start + size)}, name)[0];
        System.arraycopy(head, 0, line, start, size);
      }
    }
  }

  /** Turns each pair (d, d + half) of each head by position × frequency. */
  private void turn(double[][] x, int heads, RopeConfig rope) {
    int half = config.headDim() / 2;
    for (int position = 0; position < x.length; position++) {
      for (int d = 0; d < half; d++) {
        double angle = position * frequency(rope, d);
        for (int head = 0; head < heads; head++) {
          int one = head * config.headDim() + d;
          double real = x[position][one];
          double imaginary = x[position][one + half];
          x[position][one] = real * Math.cos(angle) - imaginary * Math.sin(angle);
          x[position][one + half] = imaginary * Math.cos(angle) + real * Math.sin(angle);
        }
      }
    }
  }

  private double frequency(RopeConfig rope, int d) {
    double base = 1 / Math.pow(rope.theta(), 2.0 * d / config.headDim());
    if (rope instanceof RopeConfig.Linear linear) {
      return base / linear.factor();
    }
    if (rope instanceof RopeConfig.Llama3 llama3) {
      double turns = llama3.originalMaxPositions() * base / (2 * Math.PI);
      if (turns < llama3.lowFreqFactor()) {
        return base / llama3.factor();
      }
      if (turns <= llama3.highFreqFactor()) {
        double share =
            (turns - llama3.lowFreqFactor()) / (llama3.highFreqFactor() - llama3.lowFreqFactor());
        return base * (share + (1 - share) / llama3.factor());
      }
    }
    return base;
  }

  private double[][] mlp(String path, double[][] x) throws IOException {
    double[][] gate = linear(path + "gate_proj", x, config.mlpBias());
    double[][] up = linear(path + "up_proj", x, config.mlpBias());
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < gate[t].length; i++) {
        up[t][i] *= activated(gate[t][i]);
      }
    }
    return linear(path + "down_proj", up, config.mlpBias());
  }

  private double activated(double x) {
    return config.hiddenActivation().equals("silu")
        ? x / (1 + Math.exp(-x))
        : x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  private double[][] linear(String module, double[][] x, boolean hasBias) throws IOException {
    float[] weight = tensors.floats(prefix + module + ".weight");
    int in = x[0].length;
    int out = weight.length / in;
    double[] merged = new double[weight.length];
    for (int i = 0; i < merged.length; i++) {
      merged[i] = weight[i];
    }
    LoraAdapter.Update update = adapter.map(a -> a.modules().get(module)).orElse(null);
    if (update != null) {
      FloatBuffer a = update.a();
      FloatBuffer b = update.b();
      for (int o = 0; o < out; o++) {
        for (int i = 0; i < in; i++) {
          for (int r = 0; r < update.rank(); r++) {
            merged[o * in + i] += update.scale() * b.get(o * update.rank() + r) * a.get(r * in + i);
          }
        }
      }
    }
    float[] bias = hasBias ? tensors.floats(prefix + module + ".bias") : new float[out];
    double[][] y = new double[x.length][out];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < out; o++) {
        double sum = bias[o];
        for (int i = 0; i < in; i++) {
          sum += merged[o * in + i] * x[t][i];
        }
        y[t][o] = sum;
      }
    }
    return y;
  }

  private double[][] norm(double[][] x, String name) throws IOException {
    float[] gain = tensors.floats(prefix + name + ".weight");
    double[][] y = new double[x.length][gain.length];
    for (int t = 0; t < x.length; t++) {
      double squares = 0;
      for (double value : x[t]) {
        squares += value * value;
      }
      double scale = 1 / Math.sqrt(squares / gain.length + config.normEpsilon());
      for (int i = 0; i < gain.length; i++) {
        y[t][i] = x[t][i] * scale * (gain[i] + (config.block().shiftedNorms() ? 1 : 0));
      }
    }
    return y;
  }

  private static void add(double[][] x, double[][] y) {
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < x[t].length; i++) {
        x[t][i] += y[t][i];
      }
    }
  }
}
