package io.chasqui.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A decoder's shape, as its {@code config.json} says in whichever spelling. Immutable.
 *
 * @param modelType "llama", "qwen2"
 * @param architectures names of the classes that wrote it, "LlamaForCausalLM"
 * @param vocabularySize rows of the token embedding
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width of the MLP
 * @param layers number of decoder layers
 * @param heads query heads
 * @param keyValueHeads key and value heads; divides {@code heads}
 * @param headDim dimensions of a head, even
 * @param normEpsilon of RMSNorm
 * @param maxPositions longest input the model was made for, in tokens
 * @param rope position embedding, of layers without window
 * @param tiedEmbeddings whether the LM head is the token embedding
 * @param attentionBias whether q, k and v have biases
 * @param mlpBias whether gate, up and down have biases
 * @param hiddenActivation of the MLP: "silu" or "gelu_pytorch_tanh"
 * @param labels outputs of a sequence-classification head; 0 if there is none
 * @param attention how attention differs from Llama's
 * @param block how the rest of a layer differs from Llama's
 */
public record ModelConfig(
    String modelType,
    List<String> architectures,
    int vocabularySize,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int keyValueHeads,
    int headDim,
    double normEpsilon,
    int maxPositions,
    RopeConfig rope,
    boolean tiedEmbeddings,
    boolean attentionBias,
    boolean mlpBias,
    String hiddenActivation,
    int labels,
    AttentionConfig attention,
    BlockConfig block) {
  public ModelConfig {
    architectures = List.copyOf(architectures);
    attention
        .window()
        .ifPresent(
            window -> {
              if (window.layers().size() != layers) {
                throw new IllegalArgumentException(
                    window.layers().size() + " layer types of " + layers + " layers");
              }
            });
  }

  /** A decoder that differs from Llama in no point; if biased, then of o too. */
  public ModelConfig(
      String modelType,
      List<String> architectures,
      int vocabularySize,
      int hiddenSize,
      int intermediateSize,
      int layers,
      int heads,
      int keyValueHeads,
      int headDim,
      double normEpsilon,
      int maxPositions,
      RopeConfig rope,
      boolean tiedEmbeddings,
      boolean attentionBias,
      boolean mlpBias,
      String hiddenActivation,
      int labels) {
    this(
        modelType,
        architectures,
        vocabularySize,
        hiddenSize,
        intermediateSize,
        layers,
        heads,
        keyValueHeads,
        headDim,
        normEpsilon,
        maxPositions,
        rope,
        tiedEmbeddings,
        attentionBias,
        mlpBias,
        hiddenActivation,
        labels,
        AttentionConfig.of(headDim).withOutputBias(attentionBias),
        BlockConfig.plain());
  }

  /** What a layer sees, if not all. */
  public Optional<AttentionConfig.Window> window(int layer) {
    return attention.window().filter(window -> window.layers().get(layer));
  }

  /** A layer's position embedding. */
  public RopeConfig rope(int layer) {
    return window(layer).map(AttentionConfig.Window::rope).orElse(rope);
  }

  /**
   * The decoder's tensors without heads, by canonical name ("layers.0.mlp.up_proj.weight",
   * "norm.weight"), as [out, in] or [size].
   */
  public SortedMap<String, List<Long>> tensorShapes() {
    SortedMap<String, List<Long>> shapes = new TreeMap<>();
    ModelFamilies.of(this)
        .decoderTensors(this)
        .forEach((name, shape) -> shapes.put(name, shape.dimensions()));
    return shapes;
  }

  /**
   * Reads {@code config.json} of a checkpoint directory.
   *
   * @throws java.nio.file.NoSuchFileException if it is not there
   * @throws io.chasqui.ModelFormatException if it is malformed, of a model type that is not
   *     supported, or asks for something that is not; names the field and its value
   */
  public static ModelConfig read(Path directory) throws IOException {
    return ModelConfigReader.read(directory.resolve("config.json"));
  }
}
