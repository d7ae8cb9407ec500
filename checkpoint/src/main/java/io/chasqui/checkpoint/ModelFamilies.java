package io.chasqui.checkpoint;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The kinds of decoders that are supported, by {@code model_type}. A new kind is added here. */
final class ModelFamilies {
  private static final Map<String, ModelFamily> BY_MODEL_TYPE =
      new TreeMap<>(
          Map.of(
              "gemma", new GemmaFamily(),
              "gemma2", new Gemma2Family(),
              "gemma3_text", new Gemma3Family(),
              "llama", new LlamaFamily(),
              "mistral", new MistralFamily(),
              "qwen2", new QwenFamily(2),
              "qwen3", new QwenFamily(3)));

  private ModelFamilies() {}

  static Set<String> supported() {
    return BY_MODEL_TYPE.keySet();
  }

  static Optional<ModelFamily> find(String modelType) {
    return Optional.ofNullable(BY_MODEL_TYPE.get(modelType));
  }

  /** The kind of a config that was read. */
  static ModelFamily of(ModelConfig config) {
    return find(config.modelType())
        .orElseThrow(
            () -> new IllegalArgumentException("unknown model type: " + config.modelType()));
  }
}
