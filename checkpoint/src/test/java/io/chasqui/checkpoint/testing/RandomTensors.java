package io.chasqui.checkpoint.testing;

import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.TensorData;
import io.chasqui.checkpoint.testing.RandomCheckpoints.Head;
import io.chasqui.checkpoint.testing.RandomCheckpoints.Shape;
import java.util.ArrayList;
import java.util.List;

/** The tensors of a shape, under the names that Hugging Face gives them. */
final class RandomTensors {
  private static final float NORM_DEVIATION = 0.1f;
  private static final float BIAS_DEVIATION = 0.5f;

  private RandomTensors() {}

  static List<TensorData> of(Shape shape, ModelConfig config, long seed) {
    Writer writer =
        new Writer(shape, config.block().shiftedNorms() ? 0 : 1, seed, new ArrayList<>());
    String prefix = shape.head() == Head.NONE ? "" : "model.";
    writer.matrix(prefix + "embed_tokens", shape.vocabulary(), shape.hidden(), 1);
    int query = shape.heads() * shape.headDim();
    int keyValue = shape.keyValueHeads() * shape.headDim();
    for (int i = 0; i < shape.layers(); i++) {
      String layer = prefix + "layers." + i + ".";
      writer.norm(layer + "input_layernorm", shape.hidden());
      writer.linear(layer + "self_attn.q_proj", query, shape.hidden());
      writer.linear(layer + "self_attn.k_proj", keyValue, shape.hidden());
      writer.linear(layer + "self_attn.v_proj", keyValue, shape.hidden());
      writer.linear(layer + "self_attn.o_proj", shape.hidden(), query);
      if (config.attentionBias()) {
        writer.bias(layer + "self_attn.q_proj", query);
        writer.bias(layer + "self_attn.k_proj", keyValue);
        writer.bias(layer + "self_attn.v_proj", keyValue);
      }
      if (config.attention().headNorms()) {
        writer.norm(layer + "self_attn.q_norm", shape.headDim());
        writer.norm(layer + "self_attn.k_norm", shape.headDim());
      }
      writer.norm(layer + "post_attention_layernorm", shape.hidden());
      if (config.block().outputNorms()) {
        writer.norm(layer + "pre_feedforward_layernorm", shape.hidden());
        writer.norm(layer + "post_feedforward_layernorm", shape.hidden());
      }
      writer.linear(layer + "mlp.gate_proj", shape.intermediate(), shape.hidden());
      writer.linear(layer + "mlp.up_proj", shape.intermediate(), shape.hidden());
      writer.linear(layer + "mlp.down_proj", shape.hidden(), shape.intermediate());
    }
    writer.norm(prefix + "norm", shape.hidden());
    if (shape.head() == Head.CAUSAL_LM && !shape.tied()) {
      writer.linear("lm_head", shape.vocabulary(), shape.hidden());
    }
    if (shape.head() == Head.CLASSIFIER) {
      writer.linear("score", 1, shape.hidden());
    }
    return writer.tensors;
  }

  private record Writer(Shape shape, float normMean, long seed, List<TensorData> tensors) {
    void linear(String name, int out, int in) {
      matrix(name, out, in, (float) (1 / Math.sqrt(in)));
    }

    void matrix(String name, int rows, int columns, float deviation) {
      List<Long> dimensions = List.of((long) rows, (long) columns);
      add(name + ".weight", dimensions, 0, deviation);
    }

    void norm(String name, int size) {
      add(name + ".weight", List.of((long) size), normMean, NORM_DEVIATION);
    }

    void bias(String name, int size) {
      add(name + ".bias", List.of((long) size), 0, BIAS_DEVIATION);
    }

    private void add(String name, List<Long> dimensions, float mean, float deviation) {
      tensors.add(RandomWeights.bell(name, shape.dtype(), dimensions, seed, mean, deviation));
    }
  }
}
