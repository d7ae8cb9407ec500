package io.chasqui.djl;

/** Told how training goes on, from the thread that trains. */
public interface TrainingListener {
  /**
   * Before the first update of this process.
   *
   * @param done updates that an earlier process did
   * @param total updates of the whole training
   */
  default void onStart(long done, long total) {}

  /** After each update. */
  default void onStep(StepReport step) {}

  /** After each evaluation. */
  default void onEvaluation(EvaluationReport evaluation) {}

  /** After the last update of this process, or when it fails. */
  default void onEnd() {}

  /** Says nothing. */
  static TrainingListener silent() {
    return new TrainingListener() {};
  }

  /** A progress bar on stderr: updates, rate, time left, loss and the last evaluation. */
  static TrainingListener console() {
    return new ConsoleListener();
  }
}
