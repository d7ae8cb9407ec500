package io.chasqui.checkpoint.testing;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.checkpoint.RopeConfig;
import io.chasqui.checkpoint.testing.RandomCheckpoints.Architecture;
import io.chasqui.checkpoint.testing.RandomCheckpoints.Head;
import io.chasqui.checkpoint.testing.RandomCheckpoints.Shape;

/** The {@code config.json} of a shape, as transformers 4 writes it. */
final class RandomConfigs {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int WINDOW = 5;
  private static final String GELU = "gelu_pytorch_tanh";

  private RandomConfigs() {}

  static ObjectNode of(Shape shape) {
    ObjectNode config = JSON.createObjectNode();
    String name = shape.architecture().className();
    config.put("model_type", shape.architecture().modelType());
    config
        .putArray("architectures")
        .add(
            switch (shape.head()) {
              case NONE -> name + "Model";
              case CAUSAL_LM -> name + "ForCausalLM";
              case CLASSIFIER -> name + "ForSequenceClassification";
            });
    if (shape.head() == Head.CLASSIFIER) {
      config.putObject("id2label").put("0", "LABEL_0");
    }
    config.put("vocab_size", shape.vocabulary());
    config.put("hidden_size", shape.hidden());
    config.put("intermediate_size", shape.intermediate());
    config.put("num_hidden_layers", shape.layers());
    config.put("num_attention_heads", shape.heads());
    config.put("num_key_value_heads", shape.keyValueHeads());
    config.put("head_dim", shape.headDim());
    config.put("max_position_embeddings", shape.maxPositions());
    config.put("rms_norm_eps", 1e-5);
    config.put("tie_word_embeddings", shape.tied());
    addOwn(shape.architecture(), config);
    config.put("rope_theta", shape.rope().theta());
    if (shape.rope() instanceof RopeConfig.Linear linear) {
      config.putObject("rope_scaling").put("rope_type", "linear").put("factor", linear.factor());
    } else if (shape.rope() instanceof RopeConfig.Llama3 llama3) {
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
        switch (shape.dtype()) {
          case F32 -> "float32";
          case F16 -> "float16";
          case BF16 -> "bfloat16";
          default -> throw new IllegalArgumentException("not for weights: " + shape.dtype());
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
}
