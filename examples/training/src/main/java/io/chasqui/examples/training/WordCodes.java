package io.chasqui.examples.training;

import java.util.Arrays;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Short codes of tokens that are linear in their vectors: of nearly the same length for all, and as
 * far from each other as so few numbers allow, so that a product of two says whether they are of
 * the same word, or of one much like it. In what pieces and cases of a word differ (" left",
 * "left", "Left"), codes differ less.
 *
 * @param map [numbers of a code, numbers of a vector]
 * @param mean of the vectors, which is taken from them first
 */
@SuppressWarnings("ArrayRecordComponent") // weights, compared by nobody
record WordCodes(DMatrixRMaj map, double[] mean) {
  private static final int STEPS = 300;
  private static final double RATE = 0.25;

  /** What directions of unequal variance cost, beside unequal lengths. */
  private static final double EVENLY = 0.05;

  /** Share of the vectors' directions, those of most variance; the others are mostly noise. */
  private static final double DIRECTIONS = 0.8;

  /** Variance that is added to the variance within words. */
  private static final double WITHIN = 0.1;

  /**
   * Fits codes by gradient descent.
   *
   * @param vectors [tokens, numbers]
   * @param words the word of each token, numbers from 0
   * @param size numbers of a code
   * @param seed of where it starts: other seeds give other codes
   */
  static WordCodes fit(DMatrixRMaj vectors, int[] words, int size, long seed) {
    double[] mean = Regression.means(vectors);
    DMatrixRMaj centred = Regression.centred(vectors);
    int kept = (int) (DIRECTIONS * vectors.numCols);
    DMatrixRMaj whitening =
        CommonOps_DDRM.extract(Regression.directions(vectors), 0, kept, 0, vectors.numCols);
    DMatrixRMaj white = Matrices.timesTransposed(centred, whitening);
    for (int i = 0; i < kept; i++) {
      double square = 0;
      for (int row = 0; row < white.numRows; row++) {
        square += Math.pow(white.get(row, i), 2) / white.numRows;
      }
      double factor = 1 / Math.sqrt(Math.max(1e-12, square));
      for (int row = 0; row < white.numRows; row++) {
        white.set(row, i, white.get(row, i) * factor);
      }
      for (int j = 0; j < whitening.numCols; j++) {
        whitening.set(i, j, whitening.get(i, j) * factor);
      }
    }
    DMatrixRMaj alike = evenWithin(white, words);
    DMatrixRMaj even = Matrices.timesTransposed(white, alike);
    double unit = 1 / Matrices.rootMeanSquare(even);
    CommonOps_DDRM.scale(unit, alike);
    CommonOps_DDRM.scale(unit, even);
    DMatrixRMaj codes = evenLengths(even, size, new Random(seed));
    DMatrixRMaj ofWhite = new DMatrixRMaj(size, kept);
    CommonOps_DDRM.mult(codes, alike, ofWhite);
    DMatrixRMaj map = new DMatrixRMaj(size, vectors.numCols);
    CommonOps_DDRM.mult(ofWhite, whitening, map);
    return new WordCodes(map, mean);
  }

  /** A map after which tokens of a word differ alike in all directions, and so less from others. */
  private static DMatrixRMaj evenWithin(DMatrixRMaj white, int[] words) {
    int count = Arrays.stream(words).max().orElse(-1) + 1;
    DMatrixRMaj means = new DMatrixRMaj(count, white.numCols);
    int[] tokens = new int[count];
    for (int row = 0; row < words.length; row++) {
      tokens[words[row]]++;
      for (int i = 0; i < white.numCols; i++) {
        means.add(words[row], i, white.get(row, i));
      }
    }
    DMatrixRMaj within = new DMatrixRMaj(white.numCols, white.numCols);
    int several = 0;
    double[] difference = new double[white.numCols];
    for (int row = 0; row < words.length; row++) {
      int of = tokens[words[row]];
      if (of > 1) {
        several++;
        for (int i = 0; i < difference.length; i++) {
          difference[i] = white.get(row, i) - means.get(words[row], i) / of;
        }
        DMatrixRMaj column = new DMatrixRMaj(difference.length, 1, true, difference);
        CommonOps_DDRM.multAddTransB(column, column, within);
      }
    }
    CommonOps_DDRM.scale(1.0 / Math.max(1, several), within);
    DMatrixRMaj directions = Regression.eigenvectors(within);
    DMatrixRMaj scaled = directions.copy();
    for (int i = 0; i < scaled.numRows; i++) {
      DMatrixRMaj direction = CommonOps_DDRM.extractRow(directions, i, null);
      DMatrixRMaj product = new DMatrixRMaj(1, scaled.numCols);
      CommonOps_DDRM.mult(direction, within, product);
      double factor = 1 / Math.sqrt(Math.max(0, CommonOps_DDRM.dot(product, direction)) + WITHIN);
      for (int j = 0; j < scaled.numCols; j++) {
        scaled.set(i, j, scaled.get(i, j) * factor);
      }
    }
    DMatrixRMaj map = new DMatrixRMaj(scaled.numCols, scaled.numCols);
    CommonOps_DDRM.multTransA(directions, scaled, map);
    return map;
  }

  /** A map from white vectors, [size, numbers], to codes of length one, or nearly so. */
  private static DMatrixRMaj evenLengths(DMatrixRMaj white, int size, Random random) {
    int tokens = white.numRows;
    int numbers = white.numCols;
    DMatrixRMaj map = new DMatrixRMaj(size, numbers);
    for (int i = 0; i < map.getNumElements(); i++) {
      map.set(i, random.nextGaussian() / Math.sqrt((double) numbers * size));
    }
    DMatrixRMaj gradient = new DMatrixRMaj(size, numbers);
    DMatrixRMaj spread = new DMatrixRMaj(size, size);
    for (int step = 0; step < STEPS; step++) {
      DMatrixRMaj codes = Matrices.timesTransposed(white, map);
      CommonOps_DDRM.multInner(codes, spread);
      CommonOps_DDRM.scale(1.0 / tokens, spread);
      for (int i = 0; i < size; i++) {
        spread.add(i, i, -1.0 / size);
      }
      DMatrixRMaj slopes = new DMatrixRMaj(tokens, size);
      CommonOps_DDRM.mult(4 * size * EVENLY / tokens, codes, spread, slopes);
      for (int row = 0; row < tokens; row++) {
        double square = 0;
        for (int i = 0; i < size; i++) {
          square += codes.get(row, i) * codes.get(row, i);
        }
        double factor = 4 * (square - 1) / tokens;
        for (int i = 0; i < size; i++) {
          slopes.add(row, i, factor * codes.get(row, i));
        }
      }
      CommonOps_DDRM.multTransA(slopes, white, gradient);
      CommonOps_DDRM.addEquals(map, -RATE / Math.sqrt(size), gradient);
    }
    return map;
  }
}
