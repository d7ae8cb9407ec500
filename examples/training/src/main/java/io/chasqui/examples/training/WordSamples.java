package io.chasqui.examples.training;

import io.chasqui.Passage;
import io.chasqui.checkpoint.JsonTokenizer;
import io.chasqui.checkpoint.RoleTemplate;
import io.chasqui.spi.Tokenization;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;

/**
 * What the maps of {@link WordMatching} are fitted to.
 *
 * @param vectors [tokens, hidden size]: inputs of the first layer, after its norm, of tokens that
 *     occur
 * @param words the word that each of them is a form of, numbers from 0
 * @param specials as {@code vectors}, of BOS and EOS
 * @param queryStates inputs of the second layer at tokens of queries that stand behind a passage,
 *     each divided by its root mean square
 * @param length of the embeddings, in the mean
 */
@SuppressWarnings("ArrayRecordComponent") // samples, compared by nobody
record WordSamples(
    DMatrixRMaj vectors,
    int[] words,
    DMatrixRMaj specials,
    DMatrixRMaj queryStates,
    double length) {
  /** Places in each query that states are read at. */
  private static final int PLACES = 4;

  /** A direction of the first layer's inputs that is 1 at all tokens. */
  double[] one() {
    DMatrixRMaj all = Matrices.below(vectors, specials);
    return Matrices.row(
        Regression.ridge(
            all, Matrices.ones(all.numRows), Regression.halves(vectors.numRows, specials.numRows)),
        0,
        1);
  }

  /** A direction of the first layer's inputs that is 1 at a BOS and 0 at other tokens. */
  double[] bos() {
    DMatrixRMaj all = Matrices.below(vectors, specials);
    DMatrixRMaj targets = new DMatrixRMaj(all.numRows, 1);
    targets.set(vectors.numRows, 0, 1);
    return Matrices.row(
        Regression.ridge(all, targets, Regression.halves(vectors.numRows, specials.numRows)), 0, 1);
  }

  /** Reads them. */
  static final class Reading {
    private final InnerStates states;
    private final RoleTemplate.Single prompts;
    private final Map<String, float[]> weights;
    private final int hidden;

    /**
     * @param states of the base under the retriever's prompts
     * @param weights those of the base and the retriever's adapter, by name without "model."
     */
    Reading(InnerStates states, Map<String, float[]> weights) {
      this.states = states;
      this.prompts = (RoleTemplate.Single) states.role().template();
      this.weights = weights;
      this.hidden = states.base().config().hiddenSize();
    }

    WordSamples of(List<String> queries, List<Passage> passages) throws IOException {
      Map<Integer, String> spellings = new TreeMap<>();
      try (JsonTokenizer tokenizer = JsonTokenizer.open(states.base().directory())) {
        for (Passage passage : passages) {
          spell(tokenizer, BehindPassages.passage(prompts, passage, Integer.MAX_VALUE), spellings);
        }
      }
      int[] occurring = spellings.keySet().stream().mapToInt(token -> token).toArray();
      SplittableRandom random = new SplittableRandom(passages.size());
      List<String> inside = new ArrayList<>();
      for (int i = 0; i < queries.size(); i++) {
        Passage before = passages.get((i + 1) % passages.size());
        String text = BehindPassages.behind(prompts, before, queries.get(i));
        int words = text.split(" ", -1).length;
        int first = words - queries.get(i).split(" ", -1).length;
        for (int place = 0; place < PLACES; place++) {
          inside.add(beginning(text, random.nextInt(first, words) + 1));
        }
      }
      Map<String, float[]> early = new HashMap<>(weights);
      float[] ones = new float[hidden];
      Arrays.fill(ones, 1);
      early.put("norm.weight", ones);
      try (InnerStates.Reader open = states.prompts(states.write("second", 1, early), List.of())) {
        return new WordSamples(
            inputs(occurring),
            words(spellings, occurring),
            inputs(new int[] {BaseShape.BOS, BaseShape.EOS}),
            open.queries(inside),
            length(occurring));
      }
    }

    private static void spell(
        JsonTokenizer tokenizer, String text, Map<Integer, String> spellings) {
      Tokenization tokenized = tokenizer.tokenize(text);
      for (int i = 0; i < tokenized.size(); i++) {
        String piece = text.substring(tokenized.starts()[i], tokenized.ends()[i]);
        spellings.put(tokenized.ids()[i], piece.strip().toLowerCase(Locale.ROOT));
      }
    }

    private static String beginning(String text, int words) {
      return Stream.of(text.split(" ", -1)).limit(words).collect(Collectors.joining(" "));
    }

    private float[] norm(int layer) {
      return Objects.requireNonNull(weights.get("layers." + layer + ".input_layernorm.weight"));
    }

    private double length(int[] tokens) {
      float[] table = Objects.requireNonNull(weights.get("embed_tokens.weight"));
      double sum = 0;
      for (int token : tokens) {
        double square = 0;
        for (int i = 0; i < hidden; i++) {
          square += Math.pow(table[token * hidden + i], 2);
        }
        sum += Math.sqrt(square) / tokens.length;
      }
      return sum;
    }

    /** Embeddings after the first layer's norm. */
    private DMatrixRMaj inputs(int[] tokens) {
      float[] table = Objects.requireNonNull(weights.get("embed_tokens.weight"));
      float[] norm = norm(0);
      DMatrixRMaj inputs = new DMatrixRMaj(tokens.length, hidden);
      for (int row = 0; row < tokens.length; row++) {
        double square = 1e-5 * hidden;
        for (int i = 0; i < hidden; i++) {
          square += Math.pow(table[tokens[row] * hidden + i], 2);
        }
        double root = Math.sqrt(square / hidden);
        for (int i = 0; i < hidden; i++) {
          inputs.set(row, i, table[tokens[row] * hidden + i] / root * norm[i]);
        }
      }
      return inputs;
    }

    /** Tokens that differ in case or in the space before them are of the same word. */
    private static int[] words(Map<Integer, String> spellings, int[] tokens) {
      Map<String, Integer> numbers = new HashMap<>();
      int[] words = new int[tokens.length];
      for (int i = 0; i < tokens.length; i++) {
        String word = Objects.requireNonNull(spellings.get(tokens[i]));
        numbers.putIfAbsent(word, numbers.size());
        words[i] = numbers.get(word);
      }
      return words;
    }
  }
}
