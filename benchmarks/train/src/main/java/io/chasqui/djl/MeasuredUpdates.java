package io.chasqui.djl;

import ai.djl.pytorch.jni.JniUtils;
import io.chasqui.Device;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A training reduced to its updates, always with the same batch: what {@link Trainer} does between
 * reading data and writing checkpoints. Confined to one thread.
 */
public final class MeasuredUpdates implements AutoCloseable {
  private final Scope scope;
  private final Updater<TrainingGroup> updater;
  private final List<List<TrainingGroup>> batch;
  private final MemoryEstimate estimate;

  private MeasuredUpdates(Scope scope, Updater<TrainingGroup> updater, MemoryEstimate estimate) {
    this.scope = scope;
    this.updater = updater;
    this.estimate = estimate;
    UpdateWorkspace.Batch ids = UpdateWorkspace.batch();
    List<TrainingGroup> groups = new ArrayList<>();
    for (int i = 0; i < ids.queries().size(); i++) {
      groups.add(TrainingGroup.of(ids.queries().get(i), ids.passages().get(i)));
    }
    this.batch = List.of(groups);
  }

  /** Starts PyTorch, so that its own memory is not counted as a training's. */
  public static void startEngine(int threads) {
    PyTorch.device(Device.cpu(threads));
    JniUtils.setNumThreads(threads);
  }

  /**
   * Loads the model.
   *
   * @param tokensPerBlock tokens that go through the model at once
   */
  public static MeasuredUpdates open(
      UpdateWorkspace workspace, MemoryUse memory, int tokensPerBlock) throws IOException {
    TrainingTask task = workspace.task();
    Batching batching = UpdateWorkspace.batching(memory, tokensPerBlock);
    Scope scope = Scope.root(ai.djl.Device.cpu());
    TrainedModel model = TrainedModel.load(scope, task, 1);
    Optimisation settings = Optimisation.defaults().withSchedule(new Schedule.Constant(0));
    AdamW optimiser = new AdamW(scope, settings, model.parameters());
    Ops ops = new Ops(scope, new Constants(scope));
    GroupLearner learner = new GroupLearner(model, batching, ops);
    return new MeasuredUpdates(
        scope,
        new Updater<>(learner, optimiser, settings, scope, 0, 0, 1),
        MemoryEstimate.of(task, batching));
  }

  /** One update; returns the loss before it. */
  public double update() {
    return updater.update(batch).loss();
  }

  /** Bytes that the trainer would have counted on beside the base's weights. */
  public long estimatedBytes() {
    return estimate.total() - estimate.weights();
  }

  @Override
  public void close() {
    scope.close();
  }
}
