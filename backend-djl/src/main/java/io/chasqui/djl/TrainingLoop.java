package io.chasqui.djl;

import io.chasqui.TrainingException;
import io.chasqui.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Update after update until the end, with evaluations and checkpoints. Confined to one thread.
 *
 * @param <T> what a batch consists of
 */
final class TrainingLoop<T> {
  private static final double NANOS = 1e-9;

  private final TrainedModel model;
  private final Learner<T> learner;
  private final TrainerOptions options;
  private final Data<T> data;
  private final RunDirectory run;
  private final Scope scope;
  private final AdamW optimiser;
  private TrainingState state = TrainingState.start();

  /**
   * What is read.
   *
   * @param training items
   * @param heldOut items to judge by, if there are any
   * @param total updates of the whole training
   */
  record Data<T>(ItemSource<T> training, Optional<ItemSource<T>> heldOut, long total) {}

  TrainingLoop(
      TrainedModel model,
      Learner<T> learner,
      TrainerOptions options,
      Data<T> data,
      RunDirectory run,
      Scope scope) {
    this.model = model;
    this.learner = learner;
    this.options = options;
    this.data = data;
    this.run = run;
    this.scope = scope;
    this.optimiser = new AdamW(scope, options.optimisation(), model.parameters());
  }

  /**
   * Goes on from the run's checkpoint, if it has one, to the end.
   *
   * @throws TrainingException if it is interrupted, or the JVM stops; a checkpoint is written
   */
  TrainingState toEnd(ShutdownGuard guard) throws IOException {
    if (Files.exists(run.checkpoint())) {
      SafetensorsFile checkpoint = SafetensorsFile.read(run.checkpoint());
      state = TrainingState.read(checkpoint);
      state.restore(checkpoint, optimiser, scope);
    }
    run.rewindMetrics(state.updates());
    List<List<T>> heldOut = heldOut();
    options.listener().onStart(state.updates(), data.total());
    try (ItemSource.Feed<T> feed =
        new ItemSource.Feed<>(data.training(), options.seed(), state.epoch(), state.offset())) {
      Updater<T> updater = updater();
      while (state.updates() < data.total() && !isPatienceOver()) {
        update(updater, feed);
        boolean last = state.updates() == data.total();
        if (!heldOut.isEmpty() && (last || state.updates() % options.evaluation().every() == 0)) {
          evaluate(heldOut);
        }
        if (last || isPatienceOver() || state.updates() % options.checkpointEvery() == 0) {
          state.write(run.checkpoint(), optimiser);
        }
        if (guard.isStopping() || Thread.interrupted()) {
          state.write(run.checkpoint(), optimiser);
          throw new TrainingException(
              state.updates(), "interrupted; the same call goes on from its checkpoint");
        }
      }
    } finally {
      options.listener().onEnd();
    }
    return state;
  }

  private boolean isPatienceOver() {
    return state.worse() >= options.evaluation().patience();
  }

  private Updater<T> updater() {
    double dropout = model.task().tuning() instanceof Tuning.Lora lora ? lora.dropout() : 0;
    return new Updater<>(
        learner, optimiser, options.optimisation(), scope, dropout, options.seed(), data.total());
  }

  private void update(Updater<T> updater, ItemSource.Feed<T> feed) throws IOException {
    long began = System.nanoTime();
    List<List<T>> batches = new ArrayList<>();
    for (int i = 0; i < options.batching().accumulation(); i++) {
      List<T> batch = new ArrayList<>();
      while (batch.size() < options.batching().size()) {
        batch.add(feed.next());
      }
      batches.add(batch);
    }
    Updater.Result result = updater.update(batches);
    state =
        new TrainingState(
            optimiser.updates(),
            feed.epoch(),
            feed.offset(),
            result.loss(),
            state.best(),
            state.worse());
    StepReport report =
        new StepReport(
            state.updates(),
            data.total(),
            result.loss(),
            result.gradientNorm(),
            result.learningRate(),
            result.tokens(),
            (System.nanoTime() - began) * NANOS);
    run.append(report);
    options.listener().onStep(report);
  }

  /** The held-out set in batches, the same at every evaluation. */
  private List<List<T>> heldOut() throws IOException {
    List<List<T>> batches = new ArrayList<>();
    if (data.heldOut().isEmpty()) {
      return batches;
    }
    try (Stream<Supplier<T>> all = data.heldOut().get().epoch(options.seed(), 0)) {
      List<T> batch = new ArrayList<>();
      for (Supplier<T> item :
          (Iterable<Supplier<T>>) all.limit(options.evaluation().items())::iterator) {
        batch.add(item.get());
        if (batch.size() == options.batching().size()) {
          batches.add(List.copyOf(batch));
          batch.clear();
        }
      }
      if (!batch.isEmpty()) {
        batches.add(batch);
      }
    }
    if (batches.isEmpty()) {
      throw new TrainingException("the held-out set is empty");
    }
    return batches;
  }

  private void evaluate(List<List<T>> heldOut) throws IOException {
    Tally tally = new Tally();
    heldOut.forEach(batch -> learner.evaluate(batch, tally));
    EvaluationReport report = tally.report(state.updates());
    if (!Double.isFinite(report.loss())) {
      throw new TrainingException(
          state.updates(), "loss " + report.loss() + " on the held-out set");
    }
    Evaluation.Criterion criterion = options.evaluation().criterion();
    boolean better =
        state.best().isEmpty() || criterion.isBetter(report, state.best().orElseThrow());
    if (better) {
      TrainingState.writeParameters(run.best(), model.parameters());
    }
    state =
        new TrainingState(
            state.updates(),
            state.epoch(),
            state.offset(),
            state.loss(),
            better ? Optional.of(report) : state.best(),
            better ? 0 : state.worse() + 1);
    run.append(report);
    options.listener().onEvaluation(report);
  }

  /** Writes the best weights, or the last where there is no held-out set, and closes the run. */
  void publish(Path output, Map<String, String> identity) throws IOException {
    if (state.best().isPresent()) {
      TrainingState.restoreParameters(run.best(), model.parameters(), scope);
    }
    boolean lora = model.task().tuning() instanceof Tuning.Lora;
    RunDirectory.publish(
        output,
        draft -> {
          if (lora) {
            AdapterWriter.write(draft, model, options.weightType());
          } else {
            ModelWriter.write(draft, model, options.weightType());
          }
          new Provenance(identity, state).write(draft);
        });
    LossPlot.write(run.plot(), run.readMetrics());
  }
}
