package io.chasqui.checkpoint.testing;

import io.chasqui.checkpoint.CheckpointWeights;
import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.RopeConfig;
import io.chasqui.checkpoint.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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

    String modelType() {
      return modelType;
    }

    /** Of Hugging Face's classes, without "Model" or "ForCausalLM". */
    String className() {
      return className;
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
    Files.writeString(directory.resolve("config.json"), RandomConfigs.of(shape).toPrettyString());
    ModelConfig config = ModelConfig.read(directory);
    SafetensorsWriter.writeCheckpoint(
        directory, RandomTensors.of(shape, config, seed), shape.maxShardBytes());
    return config;
  }

  /** Writes a checkpoint and maps its weights. */
  public static CheckpointWeights weights(Path directory, Shape shape, long seed)
      throws IOException {
    write(directory, shape, seed);
    return CheckpointWeights.read(directory);
  }
}
