package io.chasqui.djl;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;

/** Next-token prediction: cross-entropy over the vocabulary, mean over all predicted tokens. */
final class LanguageLearner implements Learner<int[]> {
  /** Tokens whose logits exist at the same time. */
  static final int TOKENS_AT_ONCE = 1024;

  private final TrainedModel model;
  private final Batching batching;
  private final Ops ops;

  LanguageLearner(TrainedModel model, Batching batching, Ops ops) {
    this.model = model;
    this.batching = batching;
    this.ops = ops;
  }

  /**
   * Which tokens of a block predict which.
   *
   * @param at index in the flattened block
   * @param next the id that follows
   */
  @SuppressWarnings("ArrayRecordComponent") // local carrier
  private record Predictions(long[] at, long[] next) {
    static Predictions of(TokenBlock block) {
      int count = block.rows().stream().mapToInt(row -> row.length - 1).sum();
      long[] at = new long[count];
      long[] next = new long[count];
      int done = 0;
      for (int i = 0; i < block.size(); i++) {
        int[] row = block.rows().get(i);
        for (int j = 0; j + 1 < row.length; j++) {
          at[done] = (long) i * block.longest() + j;
          next[done++] = row[j + 1];
        }
      }
      return new Predictions(at, next);
    }
  }

  @Override
  public MicroBatch learn(List<int[]> batch, double weight, Dropout dropout) {
    Blocks blocks = blocks(batch);
    long predicted = batch.stream().mapToLong(row -> row.length - 1).sum();
    double loss = 0;
    for (TokenBlock block : blocks.blocks()) {
      try (Scope inner = ops.scope().child();
          BlockPass pass =
              BlockPass.forward(
                  model.decoder(),
                  block,
                  Readout.ALL,
                  dropout,
                  model.trainsEmbeddings(),
                  batching.memory().recompute(),
                  ops.in(inner))) {
        Predictions predictions = Predictions.of(block);
        for (int from = 0; from < predictions.at.length; from += TOKENS_AT_ONCE) {
          loss += backToOutput(inner, pass.output(), predictions, from, weight / predicted);
        }
        pass.backward(inner.own(JniUtils.getGradient(pass.output())));
      }
    }
    return new MicroBatch(loss / predicted, batch.stream().mapToLong(row -> row.length).sum());
  }

  /** Goes back to the block's states from a part of its predictions; returns their summed loss. */
  private double backToOutput(
      Scope scope, PtNDArray states, Predictions predictions, int from, double weight) {
    try (Scope inner = scope.child()) {
      Ops own = ops.in(inner);
      return GradMode.on(
          () -> {
            PtNDArray sum = summedLoss(own, states, predictions, from);
            JniUtils.backward(
                own.mul(sum, own.scope().scalar(weight)), inner.scalar(1), false, false);
            return (double) Ops.value(sum);
          });
    }
  }

  private PtNDArray summedLoss(Ops own, PtNDArray states, Predictions predictions, int from) {
    int count = Math.min(TOKENS_AT_ONCE, predictions.at.length - from);
    long[] at = new long[count];
    long[] next = new long[count];
    System.arraycopy(predictions.at, from, at, 0, count);
    System.arraycopy(predictions.next, from, next, 0, count);
    PtNDArray flat = own.reshape(states, -1, states.getShape().get(2));
    PtNDArray chosen = own.rows(flat, own.scope().longs(at, count));
    PtNDArray logits = own.linear(chosen, model.languageHead(), null); // [count, vocabulary]
    var cap = model.task().base().config().block().finalSoftCap();
    if (cap.isPresent()) {
      logits = own.softCap(logits, cap.getAsDouble());
    }
    PtNDArray index = own.scope().longs(next, count, 1);
    return own.neg(own.sum(own.gather(own.logSoftmax(logits, -1), index, 1)));
  }

  @Override
  public void evaluate(List<int[]> batch, Tally tally) {
    GradMode.off(
        () -> {
          for (TokenBlock block : blocks(batch).blocks()) {
            try (Scope inner = ops.scope().child()) {
              Ops own = ops.in(inner);
              PtNDArray states =
                  BlockPass.output(model.decoder(), block, Readout.ALL, Dropout.off(), own);
              Predictions predictions = Predictions.of(block);
              for (int from = 0; from < predictions.at.length; from += TOKENS_AT_ONCE) {
                int count = Math.min(TOKENS_AT_ONCE, predictions.at.length - from);
                double sum = Ops.value(summedLoss(own, states, predictions, from));
                tally.loss(sum / count, count);
              }
            }
          }
          return tally;
        });
  }

  private Blocks blocks(List<int[]> batch) {
    return Blocks.pack(batch, batching.tokensPerBlock(), model.padId(), 0);
  }
}
