package io.chasqui.examples.training;

import io.chasqui.checkpoint.ModelConfig;
import java.util.Map;
import java.util.Objects;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * What a reranker's first two layers do so that it knows how many of a query's words a passage has:
 *
 * <ul>
 *   <li>In the first, a query's tokens look back for tokens that are as they are ({@link
 *       WordCodes}), one head of each spare group with codes of its own. The BOS between the texts
 *       takes the attention of those that find none, and says so.
 *   <li>In the second, the EOS at the end averages that over the query's tokens, weighed as the
 *       base weighs words, to be taken away from the score.
 * </ul>
 *
 * <p>It is what ColBERT computes, but of whether words are there, not of how similar they are.
 *
 * @see <a href="https://arxiv.org/abs/2004.12832">Khattab and Zaharia 2020</a>
 */
final class WordMatching {
  /** Pairs of a head's numbers that turn fastest: what tells a token from itself. */
  private static final int FAST = 10;

  /** The pair, of 32, that the BOS is told by; those behind it hardly turn, and hold codes. */
  private static final int SINK = 16;

  /** Tokens behind the query's, from which on it is to be told from itself. */
  private static final int NEAR = 8;

  private static final int FAR = 120;

  /** Logit of a token that is the same, of one that is at the same place, of the BOS. */
  private static final double SAME = 14;

  private static final double SELF = 12;

  private static final double NOTHING = 9;

  /** What a token that finds none gets, as a share of a state's length. */
  private static final double MISSING = 0.25;

  /** The share of a query's words that is missing, usually: nothing is written then. */
  private static final double USUAL = 0.5;

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
   * @param plain without it
   * @param written direction of a state, of length one, that the share of words missing is taken
   *     from
   * @param length what it takes for all words
   */
  void write(
      Map<String, float[]> base,
      Map<String, float[]> plain,
      double[] written,
      double length,
      long seed) {
    double[] missing = FreeDirections.least(samples.queryStates(), base, 1, config.layers());
    double added = MISSING * samples.length();
    look(seed);
    updates.add(
        module(0, "o_proj"),
        times(missing, added / spare.groups()),
        heads(queryRows(), spare::queryRow, 0));
    // After a norm a state's numbers have a root mean square of one.
    double read = added * Math.sqrt(missing.length) / samples.length();
    average(
        plain,
        over(missing, weights(base, "layers.1.input_layernorm.weight")),
        times(written, length / read));
  }

  private static float[] weights(Map<String, float[]> all, String name) {
    return Objects.requireNonNull(all.get(name), name);
  }

  private static double[] times(double[] values, double factor) {
    double[] result = new double[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = factor * values[i];
    }
    return result;
  }

  /** What reads a direction behind a norm. */
  private static double[] over(double[] direction, float[] norm) {
    double[] result = new double[direction.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = direction[i] / norm[i];
    }
    return result;
  }

  /** Layer 0. */
  private void look(long seed) {
    int size = spare.headSize();
    int half = size / 2;
    int pairs = half - SINK - 1;
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
        int number = SINK + 1 + i + (i < pairs ? 0 : SINK + 1);
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
      fixed[spare.queryRow(group, SINK)] = NOTHING * root;
      nothing[spare.keyRow(group, SINK)] = 1;
    }
    updates.add(query, fixed, one);
    updates.add(key, turning, others);
    updates.add(key, nothing, bos);
    double[] value = new double[one.length];
    for (int i = 0; i < one.length; i++) {
      value[i] = bos[i] - USUAL * one[i];
    }
    updates.add(module(0, "v_proj"), heads(keyRows(), spare::keyRow, 0), value);
  }

  /**
   * Layer 1: a spare head looks where the base's first head looks, which averages a query's words,
   * weighed as the base learnt to ({@link StructuredStart}).
   */
  private void average(Map<String, float[]> plain, double[] reading, double[] written) {
    float[] queries = weights(plain, module(1, "q_proj") + ".weight");
    float[] keys = weights(plain, module(1, "k_proj") + ".weight");
    int size = reading.length;
    for (int i = 0; i < spare.headSize(); i++) {
      updates.add(
          module(1, "q_proj"), unit(queryRows(), spare.queryRow(0, i), 1), row(queries, i, size));
      updates.add(module(1, "k_proj"), unit(keyRows(), spare.keyRow(0, i), 1), row(keys, i, size));
    }
    updates.add(module(1, "v_proj"), unit(keyRows(), spare.keyRow(0, 0), 1), times(reading, -1));
    updates.add(module(1, "o_proj"), written, unit(queryRows(), spare.queryRow(0, 0), 1));
  }

  private static double[] row(float[] matrix, int row, int size) {
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = matrix[row * size + i];
    }
    return values;
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
