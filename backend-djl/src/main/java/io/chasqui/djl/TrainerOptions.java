package io.chasqui.djl;

import io.chasqui.checkpoint.DType;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How training is done. Immutable.
 *
 * @param optimisation AdamW and its schedule
 * @param batching how examples become updates
 * @param length how long it goes on
 * @param evaluation how it is judged, if there is a held-out set
 * @param checkpointEvery updates between two checkpoints, from which a run that was killed goes on
 * @param weightType of the weights that are written in the end; checkpoints are fp32
 * @param memoryBudget bytes that training may take, by estimate; 0 for what the machine has free,
 *     or the CUDA device where DJL can tell
 * @param seed of new weights, the data's order, drawn negatives and dropout
 * @param listener told of each step
 */
public record TrainerOptions(
    Optimisation optimisation,
    Batching batching,
    Length length,
    Evaluation evaluation,
    int checkpointEvery,
    DType weightType,
    long memoryBudget,
    long seed,
    TrainingListener listener) {
  public TrainerOptions {
    Objects.requireNonNull(optimisation, "optimisation");
    Objects.requireNonNull(batching, "batching");
    Objects.requireNonNull(length, "length");
    Objects.requireNonNull(evaluation, "evaluation");
    Objects.requireNonNull(listener, "listener");
    if (checkpointEvery < 1) {
      throw new IllegalArgumentException("checkpointEvery must be positive: " + checkpointEvery);
    }
    if (!weightType.isFloat()) {
      throw new IllegalArgumentException("weightType must be a floating-point type: " + weightType);
    }
    if (memoryBudget < 0) {
      throw new IllegalArgumentException("memoryBudget must not be negative: " + memoryBudget);
    }
  }

  /** One epoch as the paper trains, a checkpoint every 100 updates, a progress bar on stderr. */
  public static TrainerOptions defaults() {
    return new TrainerOptions(
        Optimisation.defaults(),
        Batching.defaults(),
        new Length.Epochs(1),
        Evaluation.defaults(),
        100,
        DType.F32,
        0,
        42,
        TrainingListener.console());
  }

  public TrainerOptions withOptimisation(Optimisation value) {
    return with(draft -> draft.optimisation = value);
  }

  public TrainerOptions withBatching(Batching value) {
    return with(draft -> draft.batching = value);
  }

  public TrainerOptions withLength(Length value) {
    return with(draft -> draft.length = value);
  }

  public TrainerOptions withEvaluation(Evaluation value) {
    return with(draft -> draft.evaluation = value);
  }

  public TrainerOptions withCheckpointEvery(int value) {
    return with(draft -> draft.checkpointEvery = value);
  }

  public TrainerOptions withWeightType(DType value) {
    return with(draft -> draft.weightType = value);
  }

  public TrainerOptions withMemoryBudget(long value) {
    return with(draft -> draft.memoryBudget = value);
  }

  public TrainerOptions withSeed(long value) {
    return with(draft -> draft.seed = value);
  }

  public TrainerOptions withListener(TrainingListener value) {
    return with(draft -> draft.listener = value);
  }

  private TrainerOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /** Options while one of them changes. */
  private static final class Draft {
    private Optimisation optimisation;
    private Batching batching;
    private Length length;
    private Evaluation evaluation;
    private int checkpointEvery;
    private DType weightType;
    private long memoryBudget;
    private long seed;
    private TrainingListener listener;

    Draft(TrainerOptions options) {
      optimisation = options.optimisation;
      batching = options.batching;
      length = options.length;
      evaluation = options.evaluation;
      checkpointEvery = options.checkpointEvery;
      weightType = options.weightType;
      memoryBudget = options.memoryBudget;
      seed = options.seed;
      listener = options.listener;
    }

    TrainerOptions options() {
      return new TrainerOptions(
          optimisation,
          batching,
          length,
          evaluation,
          checkpointEvery,
          weightType,
          memoryBudget,
          seed,
          listener);
    }
  }
}
