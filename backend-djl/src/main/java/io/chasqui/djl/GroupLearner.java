package io.chasqui.djl;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.chasqui.checkpoint.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Retrieval, reranking and distillation: pooled states of all texts of a micro-batch, a matrix of
 * scores over them, a loss over that.
 */
final class GroupLearner implements Learner<TrainingGroup> {
  private final TrainedModel model;
  private final Objective objective;
  private final Role role;
  private final Batching batching;
  private final Ops ops;

  GroupLearner(TrainedModel model, Batching batching, Ops ops) {
    this.model = model;
    this.objective = model.task().objective();
    this.role = model.task().convention().orElseThrow();
    this.batching = batching;
    this.ops = ops;
  }

  /**
   * Scores and where the positives are.
   *
   * @param matrix [queries, candidates]
   * @param targets index of each query's positive
   */
  @SuppressWarnings("ArrayRecordComponent") // local carrier
  private record Scores(PtNDArray matrix, long[] targets) {}

  @Override
  public MicroBatch learn(List<TrainingGroup> batch, double weight, Dropout dropout) {
    Blocks blocks = blocks(batch);
    try (Scope inner = ops.scope().child()) {
      Ops own = ops.in(inner);
      List<BlockPass> passes = new ArrayList<>();
      List<PtNDArray> outputs = new ArrayList<>();
      for (TokenBlock block : blocks.blocks()) {
        if (batching.memory().cachesGradients()) {
          outputs.add(own.leaf(first(own, block, dropout)));
        } else {
          BlockPass pass = again(own, block, dropout);
          passes.add(pass);
          outputs.add(pass.output());
        }
      }
      double loss = backToOutputs(own, batch, blocks, outputs, weight);
      for (int i = 0; i < outputs.size(); i++) {
        PtNDArray gradient = inner.own(JniUtils.getGradient(outputs.get(i)));
        try (BlockPass pass =
            passes.isEmpty() ? again(own, blocks.blocks().get(i), dropout) : passes.get(i)) {
          pass.backward(gradient);
        }
      }
      return new MicroBatch(loss, tokens(blocks));
    }
  }

  private double backToOutputs(
      Ops own, List<TrainingGroup> batch, Blocks blocks, List<PtNDArray> outputs, double weight) {
    return GradMode.on(
        () -> {
          PtNDArray loss = loss(own, scores(own, batch, blocks, outputs), batch);
          JniUtils.backward(own.mul(loss, weight), own.scope().scalar(1), false, false);
          return (double) Ops.value(loss);
        });
  }

  private BlockPass again(Ops own, TokenBlock block, Dropout dropout) {
    return BlockPass.forward(
        model.decoder(),
        block,
        model.readout(),
        dropout,
        model.trainsEmbeddings(),
        batching.memory().recompute(),
        own);
  }

  private PtNDArray first(Ops own, TokenBlock block, Dropout dropout) {
    return BlockPass.output(model.decoder(), block, model.readout(), dropout, own);
  }

  @Override
  public void evaluate(List<TrainingGroup> batch, Tally tally) {
    GradMode.off(
        () -> {
          try (Scope inner = ops.scope().child()) {
            Ops own = ops.in(inner);
            Blocks blocks = blocks(batch);
            List<PtNDArray> outputs = new ArrayList<>();
            for (TokenBlock block : blocks.blocks()) {
              outputs.add(first(own, block, Dropout.off()));
            }
            Scores scores = scores(own, batch, blocks, outputs);
            tally.loss(Ops.value(loss(own, scores, batch)), batch.size());
            rank(scores, tally);
            return tally;
          }
        });
  }

  private static void rank(Scores scores, Tally tally) {
    float[] all = Ops.floats(scores.matrix);
    int columns = all.length / scores.targets.length;
    for (int i = 0; i < scores.targets.length; i++) {
      float target = all[i * columns + (int) scores.targets[i]];
      int above = 0;
      int equal = 0;
      for (int j = 0; j < columns; j++) {
        float other = all[i * columns + j];
        above += other > target ? 1 : 0;
        equal += other == target ? 1 : 0;
      }
      tally.rank(1 + above + (equal - 1) / 2.0);
    }
  }

  private Blocks blocks(List<TrainingGroup> batch) {
    List<int[]> rows = new ArrayList<>();
    if (!role.isScorer()) {
      batch.forEach(group -> rows.add(group.query()));
    }
    batch.forEach(group -> rows.addAll(group.passages()));
    return Blocks.pack(rows, batching.tokensPerBlock(), model.padId(), 0);
  }

  private static long tokens(Blocks blocks) {
    return blocks.blocks().stream()
        .flatMap(block -> block.rows().stream())
        .mapToLong(row -> row.length)
        .sum();
  }

  private Scores scores(
      Ops own, List<TrainingGroup> batch, Blocks blocks, List<PtNDArray> outputs) {
    PtNDArray joined = own.cat(0, outputs.toArray(PtNDArray[]::new));
    long[] places = blocks.places();
    PtNDArray states = own.rows(joined, own.scope().longs(places, places.length));
    int[] sizes = batch.stream().mapToInt(group -> group.passages().size()).toArray();
    if (role.isScorer()) {
      PtNDArray flat = own.reshape(own.linear(states, model.head(), null), places.length);
      return new Scores(Losses.byGroup(own, flat, sizes), new long[batch.size()]);
    }
    PtNDArray vectors = vectors(own, states);
    PtNDArray queries = own.slice(vectors, 0, 0, batch.size());
    PtNDArray passages = own.slice(vectors, 0, batch.size(), places.length);
    return objective instanceof Objective.Retrieval retrieval
            && retrieval.negatives() == Objective.Negatives.IN_BATCH
        ? inBatch(own, queries, passages, sizes)
        : inGroup(own, queries, passages, sizes);
  }

  private Scores inBatch(Ops own, PtNDArray queries, PtNDArray passages, int[] sizes) {
    long[] targets = new long[sizes.length];
    for (int i = 1; i < sizes.length; i++) {
      targets[i] = targets[i - 1] + sizes[i - 1];
    }
    PtNDArray cosines = own.matmul(queries, own.transpose(passages, 0, 1));
    return new Scores(own.mul(cosines, 1 / temperature()), targets);
  }

  private Scores inGroup(Ops own, PtNDArray queries, PtNDArray passages, int[] sizes) {
    long[] owners = new long[IntStream.of(sizes).sum()];
    for (int i = 0, next = 0; i < sizes.length; i++) {
      Arrays.fill(owners, next, next + sizes[i], i);
      next += sizes[i];
    }
    PtNDArray repeated = own.rows(queries, own.scope().longs(owners, owners.length));
    PtNDArray cosines = own.sum(own.mul(repeated, passages), -1, false);
    PtNDArray flat = own.mul(cosines, 1 / temperature());
    return new Scores(Losses.byGroup(own, flat, sizes), new long[sizes.length]);
  }

  private double temperature() {
    return objective instanceof Objective.Distillation distillation
        ? distillation.temperature()
        : ((Objective.Retrieval) objective).temperature();
  }

  private PtNDArray vectors(Ops own, PtNDArray states) {
    int width = role.output().dimensions().orElse(Math.toIntExact(states.getShape().get(1)));
    PtNDArray cut = own.slice(states, 1, 0, width);
    return role.output().normalise() ? own.unit(cut) : cut;
  }

  private PtNDArray loss(Ops own, Scores scores, List<TrainingGroup> batch) {
    if (!(objective instanceof Objective.Distillation distillation)) {
      return Losses.crossEntropy(own, scores.matrix, scores.targets);
    }
    PtNDArray teacher =
        switch (distillation.divergence()) {
          case KL -> Losses.kl(own, scores.matrix, batch);
          case MARGIN_MSE -> Losses.marginMse(own, scores.matrix, batch);
        };
    double share = distillation.labelWeight();
    if (share == 0) {
      return teacher;
    }
    PtNDArray labels = Losses.crossEntropy(own, scores.matrix, scores.targets);
    return own.add(own.mul(teacher, 1 - share), own.mul(labels, share));
  }
}
