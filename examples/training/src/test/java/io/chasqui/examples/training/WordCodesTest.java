package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;

final class WordCodesTest {
  private static final int WORDS = 300;
  private static final int FORMS = 2;
  private static final int SIZE = 40;
  private static final int CODE = 20;

  /** Forms of a word differ by noise in some directions only, words in all of them. */
  private static DMatrixRMaj vectors() {
    Random random = new Random(3);
    DMatrixRMaj vectors = new DMatrixRMaj(WORDS * FORMS, SIZE);
    for (int word = 0; word < WORDS; word++) {
      for (int i = 0; i < SIZE; i++) {
        double own = random.nextGaussian();
        for (int form = 0; form < FORMS; form++) {
          double noise = i < 12 ? 2 * random.nextGaussian() : 0;
          vectors.set(word * FORMS + form, i, 5 + own + noise);
        }
      }
    }
    return vectors;
  }

  @Test
  void codesAreOfLengthOneAndFormsOfAWordAreAlike() {
    int[] words = new int[WORDS * FORMS];
    int[] alone = new int[WORDS * FORMS];
    for (int i = 0; i < words.length; i++) {
      words[i] = i / FORMS;
      alone[i] = i;
    }
    DMatrixRMaj coded = coded(words);
    double deviation = 0;
    double others = 0;
    for (int word = 0; word < WORDS; word++) {
      deviation += Math.pow(dot(coded, FORMS * word, FORMS * word) - 1, 2) / WORDS;
      others += Math.pow(dot(coded, FORMS * word, FORMS * ((word + 1) % WORDS)), 2) / WORDS;
    }
    double forms = forms(coded);
    double apart = forms(coded(alone));
    String seen =
        "lengths ± %.3f, forms %.3f (%.3f if they are words of their own), others ± %.3f"
            .formatted(Math.sqrt(deviation), forms, apart, Math.sqrt(others));
    assertTrue(Math.sqrt(deviation) < 0.2, seen);
    assertTrue(forms > apart + 0.03, seen);
    assertTrue(Math.sqrt(others) < 0.35, seen);
  }

  private static DMatrixRMaj coded(int[] words) {
    DMatrixRMaj vectors = vectors();
    WordCodes codes = WordCodes.fit(vectors, words, CODE, 4);
    for (int row = 0; row < vectors.numRows; row++) {
      for (int i = 0; i < SIZE; i++) {
        vectors.add(row, i, -codes.mean()[i]);
      }
    }
    return Matrices.timesTransposed(vectors, codes.map());
  }

  private static double forms(DMatrixRMaj coded) {
    double sum = 0;
    for (int word = 0; word < WORDS; word++) {
      sum += dot(coded, FORMS * word, FORMS * word + 1) / WORDS;
    }
    return sum;
  }

  private static double dot(DMatrixRMaj codes, int a, int b) {
    double sum = 0;
    for (int i = 0; i < codes.numCols; i++) {
      sum += codes.get(a, i) * codes.get(b, i);
    }
    return sum;
  }
}
