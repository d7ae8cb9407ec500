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
 * Random checkpoints of any kind of decoder, shape and size, as a Hugging Face directory without
 * tokenizer: {@code config.json} and safetensors. Weights stream to disk, so that gigabytes need
 * little heap. Linear weights have deviation 1/√in, so that activations keep their size through the
 * layers, and norms are near one.
 *
 * <pre>{@code
 * ModelConfig config = RandomCheckpoints.write(directory, RandomCheckpoints.Shape.tiny().withLayers(3), 7);
 * }</pre>
 */
public final class RandomCheckpoints {
  private static final JsonMapper JSON = new JsonMapper();
  private static final float NORM_DEVIATION = 0.1f;
  private static final float BIAS_DEVIATION = 0.5f;
  private static final int WINDOW = 5;
  private static final String GELU = "gelu_pytorch_tanh";

  private RandomCheckpoints() {}

  /** Kinds of decoders, with what is their own at values that show on short texts. */
  public enum Architecture {
    LLAMA("llama", "Llama"),
    /** A window of 5 tokens on all layers. */
    MISTRAL("mistral", "Mistral"),
    /** Biases of q, k and v. */
    QWEN2("qwen2", "Qwen2"),
    /** Norms of q and k. */
    QWEN3("qwen3", "Qwen3"),
    GEMMA("gemma", "Gemma"),
    /** Scores capped at 2, logits at 3, a window of 5 tokens on every other layer. */
    GEMMA2("gemma2", "Gemma2"),
    /** A window of 5 tokens and rotations of its own on every other layer. */
    GEMMA3_TEXT("gemma3_text", "Gemma3");

    private final String modelType;
    private final String className;

    Architecture(String modelType, String className) {
      this.modelType = modelType;
      this.className = className;
    }
  }

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
   * @param architecture kind of decoder
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
      long maxShardBytes,
      Architecture architecture) {

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
          Long.MAX_VALUE,
          Architecture.LLAMA);
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
          maxShardBytes,
          architecture);
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
          maxShardBytes,
          architecture);
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
          maxShardBytes,
          architecture);
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
          maxShardBytes,
          architecture);
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
          maxShardBytes,
          architecture);
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
          maxShardBytes,
          architecture);
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
          maxShardBytes,
          architecture);
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
          maxShardBytes,
          architecture);
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
          maxShardBytes,
          architecture);
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
          value,
          architecture);
    }

    public Shape withArchitecture(Architecture value) {
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
          maxShardBytes,
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
    ModelConfig config = ModelConfig.read(directory);
    SafetensorsWriter.writeCheckpoint(
        directory, tensors(shape, config, seed), shape.maxShardBytes());
    return config;
  }

  /** Writes a checkpoint and maps its weights. */
  public static CheckpointWeights weights(Path directory, Shape shape, long seed)
      throws IOException {
    write(directory, shape, seed);
    return CheckpointWeights.read(directory);
  }

  private static ObjectNode config(Shape shape) {
    ObjectNode config = JSON.createObjectNode();
    String name = shape.architecture.className;
    config.put("model_type", shape.architecture.modelType);
    config
        .putArray("architectures")
        .add(
            switch (shape.head) {
              case NONE -> name + "Model";
              case CAUSAL_LM -> name + "ForCausalLM";
              case CLASSIFIER -> name + "ForSequenceClassification";
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
    addOwn(shape.architecture, config);
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

  private static void addOwn(Architecture architecture, ObjectNode config) {
    switch (architecture) {
      case LLAMA, QWEN2, QWEN3 -> config.put("hidden_act", "silu");
      case MISTRAL -> config.put("hidden_act", "silu").put("sliding_window", WINDOW);
      case GEMMA -> config.put("hidden_activation", GELU);
      case GEMMA2 ->
          config
              .put("hidden_activation", GELU)
              .put("sliding_window", WINDOW)
              .put("query_pre_attn_scalar", 24)
              .put("attn_logit_softcapping", 2.0)
              .put("final_logit_softcapping", 3.0);
      case GEMMA3_TEXT ->
          config
              .put("hidden_activation", GELU)
              .put("sliding_window", WINDOW)
              .put("sliding_window_pattern", 2)
              .put("rope_local_base_freq", 1000.0)
              .put("query_pre_attn_scalar", 24);
    }
  }

  private static List<TensorData> tensors(Shape shape, ModelConfig config, long seed) {
    Writer writer =
        new Writer(shape, config.block().shiftedNorms() ? 0 : 1, seed, new ArrayList<>());
    String prefix = shape.head == Head.NONE ? "" : "model.";
    writer.matrix(prefix + "embed_tokens", shape.vocabulary, shape.hidden, 1);
    int query = shape.heads * shape.headDim;
    int keyValue = shape.keyValueHeads * shape.headDim;
    for (int i = 0; i < shape.layers; i++) {
      String layer = prefix + "layers." + i + ".";
      writer.norm(layer + "input_layernorm", shape.hidden);
      writer.linear(layer + "self_attn.q_proj", query, shape.hidden);
      writer.linear(layer + "self_attn.k_proj", keyValue, shape.hidden);
      writer.linear(layer + "self_attn.v_proj", keyValue, shape.hidden);
      writer.linear(layer + "self_attn.o_proj", shape.hidden, query);
      if (config.attentionBias()) {
        writer.bias(layer + "self_attn.q_proj", query);
        writer.bias(layer + "self_attn.k_proj", keyValue);
        writer.bias(layer + "self_attn.v_proj", keyValue);
      }
      if (config.attention().headNorms()) {
        writer.norm(layer + "self_attn.q_norm", shape.headDim);
        writer.norm(layer + "self_attn.k_norm", shape.headDim);
      }
      writer.norm(layer + "post_attention_layernorm", shape.hidden);
      if (config.block().outputNorms()) {
        writer.norm(layer + "pre_feedforward_layernorm", shape.hidden);
        writer.norm(layer + "post_feedforward_layernorm", shape.hidden);
      }
      writer.linear(layer + "mlp.gate_proj", shape.intermediate, shape.hidden);
      writer.linear(layer + "mlp.up_proj", shape.intermediate, shape.hidden);
      writer.linear(layer + "mlp.down_proj", shape.hidden, shape.intermediate);
    }
    writer.norm(prefix + "norm", shape.hidden);
    if (shape.head == Head.CAUSAL_LM && !shape.tied) {
      writer.linear("lm_head", shape.vocabulary, shape.hidden);
    }
    if (shape.head == Head.CLASSIFIER) {
      writer.linear("score", 1, shape.hidden);
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
      tensors.add(RandomWeights.bell(name, shape.dtype, dimensions, seed, mean, deviation));
    }
  }
}
