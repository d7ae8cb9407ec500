package io.chasqui.djl;

import ai.djl.pytorch.engine.PtNDArray;
import io.chasqui.checkpoint.AttentionConfig;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.RopeConfig;
import org.jspecify.annotations.Nullable;

/**
 * A decoder of the Llama family in operations that autograd records. Confined to one thread.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/tree/main/src/transformers/models">Hugging
 *     Face's modeling files, whose numbers these are</a>
 */
final class Decoder {
  private static final int MODULES_PER_LAYER = 7;

  private final ModelConfig config;
  private final Weights weights;
  private final Linears linears;
  private final Rotation rotation;
  private final Masks masks;

  Decoder(Scope tables, ModelConfig config, Weights weights, Adapter adapter, boolean causal) {
    this.config = config;
    this.weights = weights;
    this.linears = new Linears(weights, adapter);
    this.rotation = new Rotation(tables, config.headDim(), config.attention().scale());
    this.masks = new Masks(tables, causal);
  }

  int layers() {
    return config.layers();
  }

  /** Token embeddings, [rows, longest, hidden]. */
  PtNDArray embed(Ops ops, TokenBlock block) {
    PtNDArray ids = ops.scope().longs(block.padded(), block.size(), block.longest());
    PtNDArray stored = ops.rows(weights.get("embed_tokens.weight"), ids);
    return ops.mul(stored, config.block().embeddingScale());
  }

  /** A whole layer, [rows, longest, hidden] to the same. */
  PtNDArray layer(Ops ops, int layer, PtNDArray x, TokenBlock block, Dropout dropout) {
    int length = block.longest();
    AttentionConfig.Window window = window(layer);
    Sight sight =
        new Sight(
            rotation.queries(ops, rope(layer), length),
            rotation.keys(ops, rope(layer), length),
            masks.all(ops, block, window));
    PtNDArray normed = norm(ops, x, path(layer) + "input_layernorm");
    return layer(ops, layer, new Inputs(x, normed, normed), sight, block, dropout);
  }

  /**
   * The last layer for one token of each row, which is all that a pooled state needs: keys and
   * values of every token, queries and MLP of those alone.
   *
   * @param at indices of the tokens in the flattened block
   * @return [rows, 1, hidden]
   */
  PtNDArray lastLayerAt(Ops ops, PtNDArray x, TokenBlock block, long[] at, Dropout dropout) {
    int layer = config.layers() - 1;
    int length = block.longest();
    long[] positions = new long[at.length];
    for (int i = 0; i < at.length; i++) {
      positions[i] = at[i] % length;
    }
    Sight sight =
        new Sight(
            rotation.queriesAt(ops, rope(layer), positions, length),
            rotation.keys(ops, rope(layer), length),
            masks.at(ops, block, positions, window(layer)));
    PtNDArray normed = norm(ops, x, path(layer) + "input_layernorm");
    PtNDArray indices = ops.scope().longs(at, at.length, 1);
    Inputs inputs = new Inputs(pick(ops, x, indices), pick(ops, normed, indices), normed);
    return layer(ops, layer, inputs, sight, block, dropout);
  }

  /** The norm after the last layer. */
  PtNDArray finalNorm(Ops ops, PtNDArray x) {
    return norm(ops, x, "norm");
  }

  private PtNDArray pick(Ops ops, PtNDArray x, PtNDArray indices) {
    return ops.rows(ops.reshape(x, -1, config.hiddenSize()), indices);
  }

  private record Sight(Rotation.Angles queries, Rotation.Angles keys, PtNDArray mask) {}

  /**
   * What a layer reads.
   *
   * @param x the residual stream at the queries
   * @param queries normed, at the queries
   * @param keys normed, at all tokens
   */
  private record Inputs(PtNDArray x, PtNDArray queries, PtNDArray keys) {}

  private PtNDArray layer(
      Ops ops, int layer, Inputs in, Sight sight, TokenBlock block, Dropout dropout) {
    String path = path(layer);
    boolean outputNorms = config.block().outputNorms();
    PtNDArray attended = attention(ops, layer, in, sight, block, dropout);
    String beforeMlp = path + "post_attention_layernorm";
    if (outputNorms) {
      attended = norm(ops, attended, beforeMlp);
      beforeMlp = path + "pre_feedforward_layernorm";
    }
    PtNDArray middle = ops.add(in.x, attended);
    PtNDArray update = mlp(ops, layer, norm(ops, middle, beforeMlp), block, dropout);
    if (outputNorms) {
      update = norm(ops, update, path + "post_feedforward_layernorm");
    }
    return ops.add(middle, update);
  }

  private PtNDArray attention(
      Ops ops, int layer, Inputs in, Sight sight, TokenBlock block, Dropout dropout) {
    String path = path(layer) + "self_attn.";
    int number = layer * MODULES_PER_LAYER;
    long rows = block.size();
    long queries = in.queries.getShape().get(1);
    long length = block.longest();
    long kv = config.keyValueHeads();
    long groups = config.heads() / kv;
    long dim = config.headDim();

    PtNDArray q = linears.apply(ops, path + "q_proj", number, in.queries, dropout, block.key());
    PtNDArray k = linears.apply(ops, path + "k_proj", number + 1, in.keys, dropout, block.key());
    PtNDArray v = linears.apply(ops, path + "v_proj", number + 2, in.keys, dropout, block.key());
    q = ops.reshape(q, rows, queries, kv * groups, dim);
    k = ops.reshape(k, rows, length, kv, dim);
    if (config.attention().headNorms()) {
      q = norm(ops, q, path + "q_norm");
      k = norm(ops, k, path + "k_norm");
    }
    q = sight.queries.rotate(ops, q);
    k = sight.keys.rotate(ops, k);

    // Heads that share a key head become more queries of that head.
    PtNDArray grouped = ops.reshape(q, rows, queries, kv, groups, dim);
    q = ops.reshape(ops.permute(grouped, 0, 2, 3, 1, 4), rows, kv, groups * queries, dim);
    k = ops.permute(k, 0, 2, 3, 1); // [rows, kv, dim, length]
    v = ops.permute(ops.reshape(v, rows, length, kv, dim), 0, 2, 1, 3);
    PtNDArray scores = ops.reshape(ops.matmul(q, k), rows, kv, groups, queries, length);
    if (config.attention().softCap().isPresent()) {
      scores = ops.softCap(scores, config.attention().softCap().getAsDouble());
    }
    PtNDArray shares = ops.softmax(ops.add(scores, sight.mask), -1);
    PtNDArray mixed = ops.matmul(ops.reshape(shares, rows, kv, groups * queries, length), v);
    PtNDArray byToken =
        ops.permute(ops.reshape(mixed, rows, kv, groups, queries, dim), 0, 3, 1, 2, 4);
    PtNDArray joined = ops.reshape(byToken, rows, queries, kv * groups * dim);
    return linears.apply(ops, path + "o_proj", number + 3, joined, dropout, block.key());
  }

  private PtNDArray mlp(Ops ops, int layer, PtNDArray x, TokenBlock block, Dropout dropout) {
    String path = path(layer) + "mlp.";
    int number = layer * MODULES_PER_LAYER + 4;
    PtNDArray gate = linears.apply(ops, path + "gate_proj", number, x, dropout, block.key());
    PtNDArray up = linears.apply(ops, path + "up_proj", number + 1, x, dropout, block.key());
    PtNDArray active =
        switch (config.hiddenActivation()) {
          case "silu" -> ops.silu(gate);
          case "gelu_pytorch_tanh" -> ops.geluTanh(gate);
          default ->
              throw new IllegalArgumentException(
                  "no such activation: " + config.hiddenActivation());
        };
    PtNDArray product = ops.mul(active, up);
    return linears.apply(ops, path + "down_proj", number + 2, product, dropout, block.key());
  }

  private PtNDArray norm(Ops ops, PtNDArray x, String name) {
    PtNDArray weight = weights.get(name + ".weight");
    if (config.block().shiftedNorms()) {
      weight = ops.add(weight, ops.constant(1));
    }
    return ops.rmsNorm(x, weight, config.normEpsilon());
  }

  private AttentionConfig.@Nullable Window window(int layer) {
    return config.window(layer).orElse(null);
  }

  private RopeConfig rope(int layer) {
    return config.rope(layer);
  }

  private static String path(int layer) {
    return "layers." + layer + ".";
  }
}
