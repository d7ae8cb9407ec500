package io.chasqui.djl;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;

/** Losses over score matrices, each a mean over queries. */
final class Losses {
  /** Score of a place that holds no candidate: finite, so that its gradient is 0 and not NaN. */
  static final float NO_CANDIDATE = -1e30f;

  private Losses() {}

  /** Mean of a tensor's elements. */
  static PtNDArray mean(Ops ops, PtNDArray x) {
    return ops.scope().own(JniUtils.mean(x));
  }

  /**
   * Softmax cross-entropy.
   *
   * @param scores [queries, candidates]
   * @param targets index of each query's positive
   */
  static PtNDArray crossEntropy(Ops ops, PtNDArray scores, long[] targets) {
    PtNDArray index = ops.scope().longs(targets, targets.length, 1);
    PtNDArray chosen = ops.gather(ops.logSoftmax(scores, -1), index, 1);
    return ops.neg(mean(ops, chosen));
  }

  /**
   * Flat scores as a matrix, one row per group, padded with {@link #NO_CANDIDATE}.
   *
   * @param flat [candidates of all groups]
   * @param sizes candidates of each group
   */
  static PtNDArray byGroup(Ops ops, PtNDArray flat, int[] sizes) {
    int widest = 0;
    boolean ragged = false;
    for (int size : sizes) {
      ragged |= size != sizes[0];
      widest = Math.max(widest, size);
    }
    if (!ragged) {
      return ops.reshape(flat, sizes.length, widest);
    }
    long[] index = new long[sizes.length * widest];
    float[] hidden = new float[index.length];
    int next = 0;
    for (int i = 0; i < sizes.length; i++) {
      for (int j = 0; j < widest; j++) {
        boolean real = j < sizes[i];
        index[i * widest + j] = real ? next++ : 0;
        hidden[i * widest + j] = real ? 0 : NO_CANDIDATE;
      }
    }
    PtNDArray column = ops.reshape(flat, -1, 1);
    PtNDArray picked = ops.rows(column, ops.scope().longs(index, index.length));
    PtNDArray matrix = ops.reshape(picked, sizes.length, widest);
    return ops.add(matrix, ops.scope().floats(hidden, sizes.length, widest));
  }

  /**
   * KL(softmax(teacher) ‖ softmax(scores)) per group.
   *
   * @param scores [groups, widest]
   */
  static PtNDArray kl(Ops ops, PtNDArray scores, List<TrainingGroup> groups) {
    int widest = Math.toIntExact(scores.getShape().get(1));
    float[] shares = new float[groups.size() * widest];
    double entropy = 0;
    for (int i = 0; i < groups.size(); i++) {
      double[] p = softmax(groups.get(i).teacherScores());
      for (int j = 0; j < p.length; j++) {
        shares[i * widest + j] = (float) p[j];
        entropy -= p[j] == 0 ? 0 : p[j] * Math.log(p[j]);
      }
    }
    PtNDArray teacher = ops.scope().floats(shares, groups.size(), widest);
    PtNDArray cross = ops.neg(ops.sum(ops.mul(teacher, ops.logSoftmax(scores, -1))));
    return ops.mul(ops.sub(cross, ops.scope().scalar(entropy)), 1.0 / groups.size());
  }

  private static double[] softmax(float[] scores) {
    double top = Double.NEGATIVE_INFINITY;
    for (float score : scores) {
      top = Math.max(top, score);
    }
    double[] p = new double[scores.length];
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.exp(scores[i] - top);
      sum += p[i];
    }
    for (int i = 0; i < p.length; i++) {
      p[i] /= sum;
    }
    return p;
  }

  /**
   * Mean squared error between the student's and the teacher's margins, positive minus negative,
   * over all negatives.
   *
   * @param scores [groups, widest]
   * @throws IllegalArgumentException if no group has a negative
   */
  static PtNDArray marginMse(Ops ops, PtNDArray scores, List<TrainingGroup> groups) {
    int widest = Math.toIntExact(scores.getShape().get(1));
    float[] margins = new float[groups.size() * widest];
    float[] counts = new float[margins.length];
    int negatives = 0;
    for (int i = 0; i < groups.size(); i++) {
      float[] teacher = groups.get(i).teacherScores();
      for (int j = 1; j < teacher.length; j++) {
        margins[i * widest + j] = teacher[0] - teacher[j];
        counts[i * widest + j] = 1;
        negatives++;
      }
    }
    if (negatives == 0) {
      throw new IllegalArgumentException("margins need negatives: no group of the batch has one");
    }
    // Places without candidate are cleared before they are squared: 1e60 is no float.
    PtNDArray real = ops.scope().floats(counts, groups.size(), widest);
    PtNDArray positives = ops.slice(scores, 1, 0, 1);
    PtNDArray student = ops.mul(ops.sub(positives, scores), real);
    PtNDArray teacher = ops.scope().floats(margins, groups.size(), widest);
    return ops.mul(ops.sum(ops.square(ops.sub(student, teacher))), 1.0 / negatives);
  }
}
