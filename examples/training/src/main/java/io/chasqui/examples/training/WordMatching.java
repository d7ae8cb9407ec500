package io.chasqui.examples.training;

import io.chasqui.checkpoint.ModelConfig;
import java.util.Map;
import java.util.Objects;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * What a reranker's first two layers do so that it knows how many of a query's words a passage has,
 * the rarer ones counting more:
 *
 * <ul>
 *   <li>In the first, a query's tokens look back for tokens that are as they are ({@link
 *       WordCodes}), one head of each spare group with codes of its own. The BOS between the texts
 *       takes the attention of those that find none, and says so.
 *   <li>In the second, the EOS at the end averages that over the query's tokens, weighed by inverse
 *       document frequency, and takes it away from the score.
 * </ul>
 *
 * <p>It is what ColBERT computes, but of whether words are there, not of how similar they are.
 *
 * @see <a href="https://arxiv.org/abs/2004.12832">Khattab and Zaharia 2020</a>
 */
final class WordMatching {
  /** Pairs of a head's numbers that turn fastest: what tells a token from itself. */
  private static final int FAST = 10;

  /** Tokens behind the query's, from which on it is to be told from itself. */
  private static final int NEAR = 8;

  private static final int FAR = 120;

  /** Logit of a token that is the same, of one that is at the same place, of the BOS. */
  private static final double SAME = 14;

  private static final double SELF = 12;

  private static final double NOTHING = 9;

  /** What a token that finds none gets, as a share of a state's length. */
  private static final double MISSING = 0.25;

  /** Logits in the second layer of what is no word of the query, and of the passage. */
  private static final double NO_WORD = -4;

  private static final double OUTSIDE = -6;

  private final ModelConfig config;
  private final SpareParts spare;
  private final LowRankUpdates updates;
  private final WordSamples samples;

  WordMatching(ModelConfig config, SpareParts spare, LowRankUpdates updates, WordSamples samples) {
    this.config = config;
    this.spare = spare;
    this.updates = updates;
    this.samples = samples;
  }

  /**
   * Writes both layers' updates.
   *
   * @param base weights with the retriever's adapter, by name without "model."
   * @param written direction of a state, of length one, that the share of words missing is taken
   *     from
   * @param length what it takes for all words
   */
  void write(Map<String, float[]> base, double[] written, double length, long seed) {
    double[] missing = FreeDirections.least(samples.queryStates(), base, 1, config.layers());
    look(seed);
    double[] reading = new double[missing.length];
    double[] writing = new double[missing.length];
    float[] norm = Objects.requireNonNull(base.get("layers.1.input_layernorm.weight"));
    double added = MISSING * samples.length();
    for (int i = 0; i < missing.length; i++) {
      writing[i] = added / spare.groups() * missing[i];
      reading[i] = -missing[i] / norm[i];
    }
    updates.add(
        module(0, "o_proj"), writing, heads(spare.heads() * spare.headSize(), spare::queryRow, 0));
    // After the norm a state's numbers have a root mean square of one.
    double read = added * Math.sqrt(missing.length) / samples.length();
    double[] shift = new double[missing.length];
    for (int i = 0; i < shift.length; i++) {
      shift[i] = read * missing[i] * norm[i];
    }
    average(reading, read, shift, written, length / read);
  }

  /** Layer 0. */
  private void look(long seed) {
    int size = spare.headSize();
    int half = size / 2;
    int sink = 6 + FAST;
    int pairs = half - sink - 1;
    double root = Math.sqrt(size);
    double[] one = samples.one();
    double[] bos = samples.bos();
    double[] others = new double[one.length];
    for (int i = 0; i < one.length; i++) {
      others[i] = one[i] - bos[i];
    }
    String query = module(0, "q_proj");
    String key = module(0, "k_proj");
    for (int group = 0; group < spare.groups(); group++) {
      WordCodes codes = WordCodes.fit(samples.vectors(), samples.words(), 2 * pairs, seed + group);
      for (int i = 0; i < 2 * pairs; i++) {
        double[] row = Matrices.row(codes.map(), i, 1);
        double offset = 0;
        for (int j = 0; j < row.length; j++) {
          offset += row[j] * codes.mean()[j];
        }
        for (int j = 0; j < row.length; j++) {
          row[j] -= offset * one[j];
        }
        int number = sink + 1 + i + (i < pairs ? 0 : sink + 1);
        updates.add(key, unit(keyRows(), spare.keyRow(group, number), 1), row);
        updates.add(query, unit(queryRows(), spare.queryRow(group, number), SAME * root), row);
      }
    }
    double[] notItself = notItself();
    double[] fixed = new double[queryRows()];
    double[] turning = new double[keyRows()];
    double[] nothing = new double[keyRows()];
    for (int group = 0; group < spare.groups(); group++) {
      for (int i = 0; i < FAST; i++) {
        fixed[spare.queryRow(group, i)] = -SELF * root * notItself[i];
        fixed[spare.queryRow(group, i + half)] = SELF * root * notItself[FAST + i];
        turning[spare.keyRow(group, i)] = 1;
      }
      fixed[spare.queryRow(group, sink)] = NOTHING * root;
      nothing[spare.keyRow(group, sink)] = 1;
    }
    updates.add(query, fixed, one);
    updates.add(key, turning, others);
    updates.add(key, nothing, bos);
    updates.add(module(0, "v_proj"), heads(keyRows(), spare::keyRow, 0), bos);
  }

  /** Samples, and the same once more as they are if they find nothing. */
  private static DMatrixRMaj both(DMatrixRMaj samples, double[] shift) {
    DMatrixRMaj shifted = samples.copy();
    for (int row = 0; row < shifted.numRows; row++) {
      for (int i = 0; i < shift.length; i++) {
        shifted.add(row, i, shift[i]);
      }
    }
    return Matrices.below(samples, shifted);
  }

  /** Layer 1. */
  private void average(
      double[] reading, double read, double[] shift, double[] written, double length) {
    double root = Math.sqrt(spare.headSize());
    int slowest = spare.headSize() / 2 - 1;
    DMatrixRMaj words = both(samples.queryInputs(), shift);
    DMatrixRMaj others = both(samples.otherInputs(), shift);
    DMatrixRMaj all = Matrices.below(Matrices.below(words, others), samples.passageInputs());
    DMatrixRMaj logits =
        Matrices.below(
            Matrices.below(samples.logarithms(), samples.logarithms()),
            filled(others.numRows, NO_WORD));
    logits = Matrices.below(logits, filled(samples.passageInputs().numRows, OUTSIDE));
    double[] weights = new double[all.numRows];
    for (int i = 0; i < weights.length; i++) {
      boolean word = i < words.numRows;
      boolean passage = i >= words.numRows + others.numRows;
      weights[i] =
          word
              ? 0.5 / words.numRows
              : passage ? 0.2 / samples.passageInputs().numRows : 0.3 / others.numRows;
    }
    double[] weighed = Matrices.row(Regression.ridge(all, logits, weights), 0, 1);
    double[] one = Matrices.row(Regression.ridge(all, Matrices.ones(all.numRows), weights), 0, 1);
    updates.add(module(1, "k_proj"), unit(keyRows(), spare.keyRow(0, slowest), 1), weighed);
    updates.add(module(1, "q_proj"), unit(queryRows(), spare.queryRow(0, slowest), root), one);
    // Half of a query's words are missing, say: that takes nothing, so that little is written.
    for (int i = 0; i < reading.length; i++) {
      reading[i] += read / 2 * one[i];
    }
    updates.add(module(1, "v_proj"), unit(keyRows(), spare.keyRow(0, 0), 1), reading);
    double[] out = new double[written.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = length * written[i];
    }
    updates.add(module(1, "o_proj"), out, unit(queryRows(), spare.queryRow(0, 0), 1));
  }

  private static DMatrixRMaj filled(int rows, double value) {
    DMatrixRMaj filled = new DMatrixRMaj(rows, 1);
    CommonOps_DDRM.fill(filled, value);
    return filled;
  }

  private int keyRows() {
    return config.keyValueHeads() * spare.headSize();
  }

  private int queryRows() {
    return config.heads() * spare.headSize();
  }

  private static double[] unit(int size, int which, double value) {
    double[] unit = new double[size];
    unit[which] = value;
    return unit;
  }

  private interface Place {
    int of(int group, int number);
  }

  private double[] heads(int size, Place place, int number) {
    double[] heads = new double[size];
    for (int group = 0; group < spare.groups(); group++) {
      heads[place.of(group, number)] = 1;
    }
    return heads;
  }

  private static String module(int layer, String matrix) {
    return "layers." + layer + ".self_attn." + matrix;
  }

  /**
   * Weights of the cosines and of the sines of the fast pairs' turns, whose sum is 1 at the same
   * place and near 0 from {@link #NEAR} tokens before on.
   */
  private double[] notItself() {
    int terms = 2 * FAST;
    DMatrixRMaj moments = new DMatrixRMaj(terms, terms);
    for (int distance = NEAR; distance < FAR; distance++) {
      double[] turns = turns(distance);
      for (int i = 0; i < terms; i++) {
        for (int j = 0; j < terms; j++) {
          moments.add(i, j, turns[i] * turns[j]);
        }
      }
    }
    for (int i = 0; i < terms; i++) {
      moments.add(i, i, 1e-3);
    }
    DMatrixRMaj here = new DMatrixRMaj(terms, 1, true, turns(0));
    DMatrixRMaj weights = new DMatrixRMaj(terms, 1);
    LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(terms);
    if (!solver.setA(moments)) {
      throw new IllegalStateException("the turns' moments are not positive definite");
    }
    solver.solve(here, weights);
    CommonOps_DDRM.scale(1 / CommonOps_DDRM.dot(here, weights), weights);
    return weights.getData();
  }

  private double[] turns(int distance) {
    double[] turns = new double[2 * FAST];
    for (int i = 0; i < FAST; i++) {
      double angle = distance * Math.pow(config.rope().theta(), -2.0 * i / spare.headSize());
      turns[i] = Math.cos(angle);
      turns[FAST + i] = Math.sin(angle);
    }
    return turns;
  }
}
