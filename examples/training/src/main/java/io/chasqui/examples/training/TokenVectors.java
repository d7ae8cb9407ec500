package io.chasqui.examples.training;

import io.chasqui.checkpoint.JsonTokenizer;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import io.chasqui.examples.Terminal;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;

/**
 * A vector for each token, from the company it keeps: positive pointwise mutual information of
 * tokens that stand near each other or in a query and its passage, factorised to few dimensions.
 * Immutable.
 *
 * @see <a href="https://aclanthology.org/Q15-1016/">Levy, Goldberg and Dagan 2015</a>
 */
final class TokenVectors {
  private static final int WINDOW = 6;
  private static final int QUERY_TOKENS = 32;
  private static final int PASSAGE_TOKENS = 64;

  /** Of a token in a query and one in its passage; neighbours count from 1 down to 1/6. */
  private static final float ACROSS = 0.05f;

  /** Frequent contexts count less than they come. */
  private static final double SMOOTHING = 0.75;

  private final float[][] vectors;
  private final double[] rarity;

  private TokenVectors(float[][] vectors, double[] rarity) {
    this.vectors = vectors;
    this.rarity = rarity;
  }

  int size() {
    return vectors.length;
  }

  /** A token's vector, of length one. */
  float[] vector(int token) {
    return vectors[token].clone();
  }

  /** The logarithm of the number of passages over that of passages that have the token. */
  double rarity(int token) {
    return rarity[token];
  }

  /**
   * Counts and factorises.
   *
   * @param pairs queries with their positives
   * @param dimension of the vectors
   */
  static TokenVectors of(
      JsonTokenizer tokenizer, TrainingData<TrainingExample> pairs, int dimension, long seed)
      throws IOException {
    int size = tokenizer.vocabularySize();
    float[][] near = new float[size][size];
    int[] passagesWith = new int[size];
    long passages = 0;
    try (Stream<TrainingExample> examples = pairs.epoch(seed, 0);
        ProgressBar bar = Terminal.progressBar("counting", pairs.size()).build()) {
      for (TrainingExample example : (Iterable<TrainingExample>) examples::iterator) {
        int[] query = tokenizer.tokenize(example.query(), QUERY_TOKENS).ids();
        var positive = example.positives().get(0);
        int[] passage =
            tokenizer.tokenize(positive.title() + " " + positive.text(), PASSAGE_TOKENS).ids();
        countNeighbours(query, near);
        countNeighbours(passage, near);
        for (int a : query) {
          for (int b : passage) {
            near[a][b] += ACROSS;
            near[b][a] += ACROSS;
          }
        }
        Arrays.stream(passage).distinct().forEach(token -> passagesWith[token]++);
        passages++;
        bar.step();
      }
    }
    double[] rarity = new double[size];
    for (int token = 0; token < size; token++) {
      rarity[token] = Math.log((passages + 1.0) / (passagesWith[token] + 1.0));
    }
    Random random = new Random(seed);
    float[][] vectors = information(near).factors(dimension, random);
    for (float[] vector : vectors) {
      normalise(vector, random);
    }
    return new TokenVectors(vectors, rarity);
  }

  private static void countNeighbours(int[] tokens, float[][] near) {
    for (int i = 0; i < tokens.length; i++) {
      for (int j = i + 1; j < Math.min(tokens.length, i + 1 + WINDOW); j++) {
        near[tokens[i]][tokens[j]] += 1f / (j - i);
        near[tokens[j]][tokens[i]] += 1f / (j - i);
      }
    }
  }

  private static SymmetricMatrix information(float[][] near) {
    int size = near.length;
    double[] sums = new double[size];
    double[] smoothed = new double[size];
    for (int a = 0; a < size; a++) {
      for (float count : near[a]) {
        sums[a] += count;
      }
      smoothed[a] = Math.pow(sums[a], SMOOTHING);
    }
    double all = Arrays.stream(smoothed).sum();
    int[][] columns = new int[size][];
    float[][] values = new float[size][];
    int[] found = new int[size];
    float[] kept = new float[size];
    for (int a = 0; a < size; a++) {
      int count = 0;
      for (int b = 0; b < size; b++) {
        if (near[a][b] > 0) {
          // Symmetric: the mean of both directions.
          double forth = Math.log(near[a][b] * all / (sums[a] * smoothed[b]));
          double back = Math.log(near[a][b] * all / (sums[b] * smoothed[a]));
          double mean = (forth + back) / 2;
          if (mean > 0) {
            found[count] = b;
            kept[count++] = (float) mean;
          }
        }
      }
      columns[a] = Arrays.copyOf(found, count);
      values[a] = Arrays.copyOf(kept, count);
    }
    return new SymmetricMatrix(columns, values);
  }

  /** To length one; a token that never came gets a random direction. */
  private static void normalise(float[] vector, Random random) {
    double length = length(vector);
    if (length < 1e-3) {
      for (int i = 0; i < vector.length; i++) {
        vector[i] = (float) random.nextGaussian();
      }
      length = length(vector);
    }
    for (int i = 0; i < vector.length; i++) {
      vector[i] /= (float) length;
    }
  }

  private static double length(float[] vector) {
    double sum = 0;
    for (float value : vector) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }
}
