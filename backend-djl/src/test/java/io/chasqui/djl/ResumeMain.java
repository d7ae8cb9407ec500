package io.chasqui.djl;

import io.chasqui.Device;
import java.io.IOException;
import java.nio.file.Path;

/** A training in a JVM of its own, to be killed. Arguments: base directory, run directory. */
final class ResumeMain {
  private ResumeMain() {}

  public static void main(String[] args) throws IOException {
    TrainingListener said =
        new TrainingListener() {
          @Override
          public void onStep(StepReport step) {
            System.out.println("update");
          }
        };
    train(Path.of(args[0]), Path.of(args[1]), said);
  }

  static TrainingReport train(Path base, Path run, TrainingListener listener) throws IOException {
    TrainingTask task =
        new TrainingTask(Toys.read(base), "repllama", Objective.Retrieval.defaults(), Toys.lora());
    return Trainer.of(
            task, Toys.options().withLength(new Length.Updates(40)).withListener(listener))
        .on(Device.cpu(1))
        .train(TrainingData.of(Toys.examples(24, 1)), TrainingData.of(Toys.examples(8, 2)), run);
  }
}
