package io.chasqui.checkpoint.testing;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.checkpoint.CheckpointWeights;
import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.RopeConfig;
import io.chasqui.checkpoint.SafetensorsWriter;
import io.chasqui.checkpoint.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Random Llama checkpoints of any shape and size, as a Hugging Face directory without tokenizer:
 * {@code config.json} and safetensors. Weights stream to disk, so that gigabytes need little heap.
 * Linear weights have deviation 1/√in, so that activations keep their size through the layers, and
 * norms are near one.
 *
 * <pre>{@code
 * ModelConfig config = RandomCheckpoints.write(directory, RandomCheckpoints.Shape.tiny().withLayers(3), 7);
 * }</pre>
 */
public final class RandomCheckpoints {
  private static final JsonMapper JSON = new JsonMapper();
  private static final float NORM_DEVIATION = 0.1f;

  private RandomCheckpoints() {}

  /** Which class wrote the checkpoint. */
  public enum Head {
    /** LlamaModel: no prefix, no head. */
    NONE,
    /** LlamaForCausalLM: prefix "model.", lm_head unless tied. */
    CAUSAL_LM,
    /** LlamaForSequenceClassification: prefix "model.", score.weight [1, hidden]. */
    CLASSIFIER
  }

  /**
   * What to write.
   *
   * @param vocabulary rows of the embedding
   * @param hidden width
   * @param intermediate width of the MLP
   * @param layers decoder layers
   * @param heads query heads
   * @param keyValueHeads divides {@code heads}
   * @param headDim even; need not be hidden/heads
   * @param maxPositions longest input
   * @param rope position embedding
   * @param tied whether the LM head is the embedding
   * @param head which class
   * @param dtype F32, F16 or BF16
   * @param maxShardBytes data per file; {@link Long#MAX_VALUE} for one file
   */
  public record Shape(
      int vocabulary,
      int hidden,
      int intermediate,
      int layers,
      int heads,
      int keyValueHeads,
      int headDim,
      int maxPositions,
      RopeConfig rope,
      boolean tied,
      Head head,
      DType dtype,
      long maxShardBytes) {

    /** Two layers of width 32 over 300 tokens, grouped queries, plain RoPE, F32, causal LM. */
    public static Shape tiny() {
      return new Shape(
          300,
          32,
          64,
          2,
          4,
          2,
          8,
          512,
          new RopeConfig.Plain(10_000),
          false,
          Head.CAUSAL_LM,
          DType.F32,
          Long.MAX_VALUE);
    }

    /** Twelve layers of width 1024: about 630 MB in F32, 315 MB in F16. */
    public static Shape medium() {
      return tiny()
          .withVocabulary(8_000)
          .withWidths(1024, 2816)
          .withAttention(16, 4, 64)
          .withLayers(12);
    }

    public Shape withVocabulary(int value) {
      return new Shape(
          value,
          hidden,
          intermediate,
          layers,
          heads,
          keyValueHeads,
          headDim,
          maxPositions,
          rope,
          tied,
          head,
          dtype,
          maxShardBytes);
    }

    public Shape withWidths(int hiddenWidth, int intermediateWidth) {
      return new Shape(
          vocabulary,
          hiddenWidth,
          intermediateWidth,
          layers,
          heads,
          keyValueHeads,
          headDim,
          maxPositions,
          rope,
          tied,
          head,
          dtype,
          maxShardBytes);
    }

    public Shape withLayers(int value) {
      return new Shape(
          vocabulary,
          hidden,
          intermediate,
          value,
          heads,
          keyValueHeads,
          headDim,
          maxPositions,
          rope,
          tied,
          head,
          dtype,
          maxShardBytes);
    }

    public Shape withAttention(int queryHeads, int keyHeads, int dimensions) {
      return new Shape(
          vocabulary,
          hidden,
          intermediate,
          layers,
          queryHeads,
          keyHeads,
          dimensions,
          maxPositions,
          rope,
          tied,
          head,
          dtype,
          maxShardBytes);
    }

    public Shape withMaxPositions(int value) {
      return new Shape(
          vocabulary,
          hidden,
          intermediate,
          layers,
          heads,
          keyValueHeads,
          headDim,
          value,
          rope,
          tied,
          head,
          dtype,
          maxShardBytes);
    }

    public Shape withRope(RopeConfig value) {
      return new Shape(
          vocabulary,
          hidden,
          intermediate,
          layers,
          heads,
          keyValueHeads,
          headDim,
          maxPositions,
          value,
          tied,
          head,
          dtype,
          maxShardBytes);
    }

    public Shape withTied(boolean value) {
      return new Shape(
          vocabulary,
          hidden,
          intermediate,
          layers,
          heads,
          keyValueHeads,
          headDim,
          maxPositions,
          rope,
          value,
          head,
          dtype,
          maxShardBytes);
    }

    public Shape withHead(Head value) {
      return new Shape(
          vocabulary,
          hidden,
          intermediate,
          layers,
          heads,
          keyValueHeads,
          headDim,
          maxPositions,
          rope,
          tied,
          value,
          dtype,
          maxShardBytes);
    }

    public Shape withDtype(DType value) {
      return new Shape(
          vocabulary,
          hidden,
          intermediate,
          layers,
          heads,
          keyValueHeads,
          headDim,
          maxPositions,
          rope,
          tied,
          head,
          value,
          maxShardBytes);
    }

    public Shape withMaxShardBytes(long value) {
      return new Shape(
          vocabulary,
          hidden,
          intermediate,
          layers,
          heads,
          keyValueHeads,
          headDim,
          maxPositions,
          rope,
          tied,
          head,
          dtype,
          value);
    }
  }

  /**
   * Writes config and weights.
   *
   * @param directory is made; must not hold weights yet
   * @return the config, read back
   */
  public static ModelConfig write(Path directory, Shape shape, long seed) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("config.json"), config(shape).toPrettyString());
    SafetensorsWriter.writeCheckpoint(directory, tensors(shape, seed), shape.maxShardBytes());
    return ModelConfig.read(directory);
  }

  /** Writes a checkpoint and maps its weights. */
  public static CheckpointWeights weights(Path directory, Shape shape, long seed)
      throws IOException {
    write(directory, shape, seed);
    return CheckpointWeights.read(directory);
  }

  private static ObjectNode config(Shape shape) {
    ObjectNode config = JSON.createObjectNode();
    config.put("model_type", "llama");
    config
        .putArray("architectures")
        .add(
            switch (shape.head) {
              case NONE -> "LlamaModel";
              case CAUSAL_LM -> "LlamaForCausalLM";
              case CLASSIFIER -> "LlamaForSequenceClassification";
            });
    if (shape.head == Head.CLASSIFIER) {
      config.putObject("id2label").put("0", "LABEL_0");
    }
    config.put("vocab_size", shape.vocabulary);
    config.put("hidden_size", shape.hidden);
    config.put("intermediate_size", shape.intermediate);
    config.put("num_hidden_layers", shape.layers);
    config.put("num_attention_heads", shape.heads);
    config.put("num_key_value_heads", shape.keyValueHeads);
    config.put("head_dim", shape.headDim);
    config.put("max_position_embeddings", shape.maxPositions);
    config.put("rms_norm_eps", 1e-5);
    config.put("tie_word_embeddings", shape.tied);
    config.put("hidden_act", "silu");
    config.put("rope_theta", shape.rope.theta());
    if (shape.rope instanceof RopeConfig.Linear linear) {
      config.putObject("rope_scaling").put("rope_type", "linear").put("factor", linear.factor());
    } else if (shape.rope instanceof RopeConfig.Llama3 llama3) {
      config
          .putObject("rope_scaling")
          .put("rope_type", "llama3")
          .put("factor", llama3.factor())
          .put("low_freq_factor", llama3.lowFreqFactor())
          .put("high_freq_factor", llama3.highFreqFactor())
          .put("original_max_position_embeddings", llama3.originalMaxPositions());
    }
    config.put("bos_token_id", 1).put("eos_token_id", 2);
    config.put(
        "torch_dtype",
        switch (shape.dtype) {
          case F32 -> "float32";
          case F16 -> "float16";
          case BF16 -> "bfloat16";
          default -> throw new IllegalArgumentException("not for weights: " + shape.dtype);
        });
    return config;
  }

  private static List<TensorData> tensors(Shape shape, long seed) {
    Writer writer = new Writer(shape, seed, new ArrayList<>());
    String prefix = shape.head == Head.NONE ? "" : "model.";
    writer.matrix(prefix + "embed_tokens", shape.vocabulary, shape.hidden, 1);
    int query = shape.heads * shape.headDim;
    int keyValue = shape.keyValueHeads * shape.headDim;
    for (int i = 0; i < shape.layers; i++) {
      String layer = prefix + "layers." + i + ".";
      writer.norm(layer + "input_layernorm");
      writer.linear(layer + "self_attn.q_proj", query, shape.hidden);
      writer.linear(layer + "self_attn.k_proj", keyValue, shape.hidden);
      writer.linear(layer + "self_attn.v_proj", keyValue, shape.hidden);
      writer.linear(layer + "self_attn.o_proj", shape.hidden, query);
      writer.norm(layer + "post_attention_layernorm");
      writer.linear(layer + "mlp.gate_proj", shape.intermediate, shape.hidden);
      writer.linear(layer + "mlp.up_proj", shape.intermediate, shape.hidden);
      writer.linear(layer + "mlp.down_proj", shape.hidden, shape.intermediate);
    }
    writer.norm(prefix + "norm");
    if (shape.head == Head.CAUSAL_LM && !shape.tied) {
      writer.linear("lm_head", shape.vocabulary, shape.hidden);
    }
    if (shape.head == Head.CLASSIFIER) {
      writer.linear("score", 1, shape.hidden);
    }
    return writer.tensors;
  }

  private record Writer(Shape shape, long seed, List<TensorData> tensors) {
    void linear(String name, int out, int in) {
      matrix(name, out, in, (float) (1 / Math.sqrt(in)));
    }

    void matrix(String name, int rows, int columns, float deviation) {
      List<Long> dimensions = List.of((long) rows, (long) columns);
      add(name, dimensions, 0, deviation);
    }

    void norm(String name) {
      add(name, List.of((long) shape.hidden), 1, NORM_DEVIATION);
    }

    private void add(String name, List<Long> dimensions, float mean, float deviation) {
      tensors.add(
          RandomWeights.bell(name + ".weight", shape.dtype, dimensions, seed, mean, deviation));
    }
  }
}
