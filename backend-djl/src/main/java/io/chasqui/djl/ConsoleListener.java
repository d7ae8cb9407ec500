package io.chasqui.djl;

import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar with loss, rate and time left. */
final class ConsoleListener implements TrainingListener {
  private static final double SMOOTHING = 0.95;
  private static final int UPDATE_MILLIS = 500;

  private @Nullable ProgressBar bar;
  private double loss = Double.NaN;
  private String evaluated = "";

  @Override
  public void onStart(long done, long total) {
    bar =
        new ProgressBarBuilder()
            .setTaskName("training")
            .setInitialMax(total)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(UPDATE_MILLIS)
            .startsFrom(done, java.time.Duration.ZERO)
            .showSpeed()
            .build();
  }

  @Override
  public void onStep(StepReport step) {
    loss = Double.isNaN(loss) ? step.loss() : SMOOTHING * loss + (1 - SMOOTHING) * step.loss();
    if (bar != null) {
      bar.setExtraMessage(String.format(Locale.ROOT, "loss %.4f%s", loss, evaluated));
      bar.stepTo(step.step());
    }
  }

  @Override
  public void onEvaluation(EvaluationReport evaluation) {
    evaluated =
        evaluation.mrr() == 0
            ? String.format(Locale.ROOT, ", held out %.4f", evaluation.loss())
            : String.format(
                Locale.ROOT, ", held out %.4f, MRR %.3f", evaluation.loss(), evaluation.mrr());
  }

  @Override
  public void onEnd() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
