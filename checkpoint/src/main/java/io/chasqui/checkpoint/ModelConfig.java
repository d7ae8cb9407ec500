package io.chasqui.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A decoder's shape, as its {@code config.json} says in whichever spelling. Immutable.
 *
 * @param modelType "llama"
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
 * @param rope position embedding
 * @param tiedEmbeddings whether the LM head is the token embedding
 * @param attentionBias whether q, k, v and o have biases
 * @param mlpBias whether gate, up and down have biases
 * @param hiddenActivation of the MLP: "silu"
 * @param labels outputs of a sequence-classification head; 0 if there is none
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
    int labels) {
  public ModelConfig {
    architectures = List.copyOf(architectures);
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
