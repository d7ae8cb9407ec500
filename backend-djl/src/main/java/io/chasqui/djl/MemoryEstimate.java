package io.chasqui.djl;

import io.chasqui.TrainingException;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.TensorInfo;

/**
 * What a training will take beside the Java heap, before it begins. An upper estimate: prompts are
 * taken to be as long as the role allows.
 *
 * @param weights bytes of the base in fp32
 * @param optimiser bytes of trained tensors beside the base's, their gradients and moments
 * @param activations bytes that the forward pass keeps and that one layer works with
 */
record MemoryEstimate(long weights, long optimiser, long activations) {
  private static final int FLOAT = Float.BYTES;

  /**
   * The insides of so many layers stand for what a layer needs while it is computed and gone back
   * through, and for the holes that freed tensors of many sizes leave in glibc's heap.
   */
  private static final int KEPT_WORK = 2;

  /** More of them, because each layer is computed anew between those holes. */
  private static final int RECOMPUTED_WORK = 5;

  /** Gradient and two moments. */
  private static final int COPIES = 3;

  static MemoryEstimate of(TrainingTask task, Batching batching) {
    ModelConfig config = task.base().config();
    long base = 0;
    for (TensorInfo info : task.base().weights().all().values()) {
      base += info.elements();
    }
    long trained = base * COPIES;
    if (task.tuning() instanceof Tuning.Lora lora) {
      trained = loraElements(config, lora) * (COPIES + 1);
    }
    return new MemoryEstimate(
        base * FLOAT, trained * FLOAT, activations(task, config, batching) * FLOAT);
  }

  private static long loraElements(ModelConfig config, Tuning.Lora lora) {
    long hidden = config.hiddenSize();
    long query = (long) config.heads() * config.headDim();
    long keys = (long) config.keyValueHeads() * config.headDim();
    long perRank = 0;
    for (String target : lora.targets()) {
      perRank +=
          switch (target) {
            case "q_proj", "o_proj" -> hidden + query;
            case "k_proj", "v_proj" -> hidden + keys;
            default -> hidden + config.intermediateSize();
          };
    }
    return perRank * lora.rank() * config.layers();
  }

  private static long activations(TrainingTask task, ModelConfig config, Batching batching) {
    long longest;
    long all;
    boolean language = task.objective() instanceof Objective.LanguageModel;
    if (task.objective() instanceof Objective.LanguageModel texts) {
      longest = texts.sequenceLength();
      all = longest * batching.size();
    } else {
      Role.Truncation limits = task.convention().orElseThrow().truncation();
      longest = task.isScorer() ? limits.query() + limits.passage() : limits.passage();
      long perQuery = longest * batching.passages() + (task.isScorer() ? 0 : limits.query());
      all = perQuery * batching.size();
    }
    long block = Math.min(all, Math.max(longest, batching.tokensPerBlock()));
    // Blocks of a language model are done with one after another, as those of GradCache are.
    long held = language || batching.memory().cachesGradients() ? block : all;
    long layers = config.layers();
    long inside = block * perToken(config, longest);
    long kept =
        batching.memory().recompute() == Recompute.NOTHING
            ? held * perToken(config, longest) * layers + KEPT_WORK * inside
            : held * config.hiddenSize() * layers + RECOMPUTED_WORK * inside;
    return language ? kept + 4L * LanguageLearner.TOKENS_AT_ONCE * config.vocabularySize() : kept;
  }

  /** Floats that a layer keeps for a token: norms, projections, rotations, shares, the MLP. */
  private static long perToken(ModelConfig config, long length) {
    long hidden = config.hiddenSize();
    long heads = (long) (config.heads() + 2 * config.keyValueHeads()) * config.headDim();
    return 8 * hidden + 3 * heads + 2L * config.heads() * length + 5L * config.intermediateSize();
  }

  long total() {
    return weights + optimiser + activations;
  }

  /** Refuses what will not fit. */
  void requireFit(FreeMemory free, Batching batching) {
    if (total() <= free.bytes()) {
      return;
    }
    throw new TrainingException(
        ("training would take about %,d MB (weights %,d, trained tensors with gradients and moments"
                + " %,d, activations %,d), but there are %,d MB %s: fewer or shorter passages, a smaller"
                + " batch with more accumulation, LoRA instead of full fine-tuning, or memory %s"
                + " instead of %s need less")
            .formatted(
                mega(total()),
                mega(weights),
                mega(optimiser),
                mega(activations),
                mega(free.bytes()),
                free.where(),
                MemoryUse.GRAD_CACHE_AND_CHECKPOINT_LAYERS,
                batching.memory()));
  }

  private static long mega(long bytes) {
    return bytes / 1_000_000;
  }
}
