package io.chasqui.djl;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * AdamW with clipping by global norm, equal to {@code torch.nn.utils.clip_grad_norm_} and {@code
 * torch.optim.AdamW}: decay first, epsilon after the bias correction of the root. Confined to one
 * thread.
 */
final class AdamW {
  /** As PyTorch adds it to the norm. */
  private static final double CLIP_EPSILON = 1e-6;

  /**
   * The state of one parameter.
   *
   * @param mean of gradients
   * @param square mean of their squares
   */
  record Moments(Parameter parameter, PtNDArray mean, PtNDArray square) {}

  private final Optimisation settings;
  private final List<Moments> moments = new ArrayList<>();
  private long updates;

  AdamW(Scope scope, Optimisation settings, List<Parameter> parameters) {
    this.settings = settings;
    for (Parameter parameter : parameters) {
      var shape = parameter.value().getShape();
      moments.add(new Moments(parameter, scope.zeros(shape), scope.zeros(shape)));
    }
  }

  List<Moments> moments() {
    return moments;
  }

  /** Updates done so far. */
  long updates() {
    return updates;
  }

  void restore(long done) {
    updates = done;
  }

  /** √ of the sum of squares of all gradients. */
  double gradientNorm(Scope scope) {
    return GradMode.off(
        () -> {
          double sum = 0;
          for (Moments each : moments) {
            try (Scope inner = scope.child()) {
              PtNDArray gradient = gradient(inner, each.parameter);
              if (gradient != null) {
                sum += Ops.value(inner.own(JniUtils.sum(inner.own(JniUtils.square(gradient)))));
              }
            }
          }
          return Math.sqrt(sum);
        });
  }

  private static @Nullable PtNDArray gradient(Scope scope, Parameter parameter) {
    PtNDArray gradient = JniUtils.getGradient(parameter.value());
    return gradient == null ? null : scope.own(gradient);
  }

  /**
   * One update; gradients are zero afterwards.
   *
   * @param norm of the gradients
   */
  void update(Scope scope, double learningRate, double norm) {
    updates++;
    GradMode.off(
        () -> {
          double clip = Math.min(1, settings.maxGradientNorm() / (norm + CLIP_EPSILON));
          try (Scope inner = scope.child()) {
            Coefficients c = new Coefficients(inner, settings, learningRate, clip, updates);
            moments.forEach(each -> update(inner, each, c));
          }
          return updates;
        });
  }

  private static final class Coefficients {
    private final PtNDArray decay;
    private final PtNDArray clip;
    private final PtNDArray oneMinusBeta1;
    private final PtNDArray beta2;
    private final PtNDArray oneMinusBeta2;
    private final PtNDArray correction2;
    private final PtNDArray epsilon;
    private final PtNDArray step;

    Coefficients(Scope scope, Optimisation o, double rate, double clip, long updates) {
      this.decay = scope.scalar(1 - rate * o.weightDecay());
      this.clip = scope.scalar(clip);
      this.oneMinusBeta1 = scope.scalar(1 - o.beta1());
      this.beta2 = scope.scalar(o.beta2());
      this.oneMinusBeta2 = scope.scalar(1 - o.beta2());
      this.correction2 = scope.scalar(Math.sqrt(1 - Math.pow(o.beta2(), (double) updates)));
      this.epsilon = scope.scalar(o.epsilon());
      this.step = scope.scalar(rate / (1 - Math.pow(o.beta1(), (double) updates)));
    }
  }

  private static void update(Scope scope, Moments each, Coefficients c) {
    try (Scope inner = scope.child()) {
      PtNDArray value = each.parameter.value();
      PtNDArray stored = gradient(inner, each.parameter);
      if (stored == null) {
        return;
      }
      PtNDArray gradient = inner.own(JniUtils.mul(stored, c.clip));
      JniUtils.muli(value, c.decay);
      PtNDArray towards = inner.own(JniUtils.sub(gradient, each.mean));
      JniUtils.muli(towards, c.oneMinusBeta1);
      JniUtils.addi(each.mean, towards);
      PtNDArray square = inner.own(JniUtils.square(gradient));
      JniUtils.muli(square, c.oneMinusBeta2);
      JniUtils.muli(each.square, c.beta2);
      JniUtils.addi(each.square, square);
      PtNDArray root = inner.own(JniUtils.sqrt(each.square));
      JniUtils.divi(root, c.correction2);
      JniUtils.addi(root, c.epsilon);
      PtNDArray change = inner.own(JniUtils.div(each.mean, root));
      JniUtils.muli(change, c.step);
      JniUtils.subi(value, change);
      JniUtils.zeroGrad(value);
    }
  }
}
