package io.chasqui.examples.training;

import io.chasqui.Passage;
import io.chasqui.checkpoint.JsonTokenizer;
import io.chasqui.checkpoint.RoleTemplate;
import io.chasqui.spi.Tokenization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;

/**
 * What the maps of {@link WordMatching} are fitted to.
 *
 * @param vectors [tokens, hidden size]: inputs of the first layer, after its norm, of tokens that
 *     occur
 * @param words the word that each of them is a form of, numbers from 0
 * @param specials likewise, of BOS and EOS
 * @param queryInputs inputs of the second layer, after its norm, at tokens of queries that stand
 *     behind a passage
 * @param otherInputs likewise, at the EOS of such queries, at tokens of their prompt, and at the
 *     BOS before it
 * @param passageInputs likewise, at tokens of passages
 * @param queryStates as {@code queryInputs}, without the norm's weights
 * @param length of the embeddings, in the mean
 * @param logarithms of the inverse document frequency at {@code queryInputs}
 */
@SuppressWarnings("ArrayRecordComponent") // samples, compared by nobody
record WordSamples(
    DMatrixRMaj vectors,
    int[] words,
    DMatrixRMaj specials,
    DMatrixRMaj queryInputs,
    DMatrixRMaj otherInputs,
    DMatrixRMaj passageInputs,
    DMatrixRMaj queryStates,
    double length,
    DMatrixRMaj logarithms) {
  /** Places in each query that states are read at. */
  private static final int PLACES = 4;

  /** Words of passages, at most, before the place that states are read at. */
  private static final int WORDS = 48;

  /** A direction of the first layer's inputs that is 1 at all tokens. */
  double[] one() {
    DMatrixRMaj all = Matrices.below(vectors, specials);
    return Matrices.row(
        Regression.ridge(all, Matrices.ones(all.numRows), halves(all.numRows, 2)), 0, 1);
  }

  /** A direction of the first layer's inputs that is 1 at a BOS and 0 at other tokens. */
  double[] bos() {
    DMatrixRMaj all = Matrices.below(vectors, specials);
    DMatrixRMaj targets = new DMatrixRMaj(all.numRows, 1);
    targets.set(vectors.numRows, 0, 1);
    return Matrices.row(Regression.ridge(all, targets, halves(all.numRows, 2)), 0, 1);
  }

  /** Weights that give the last samples as much as all others together. */
  private static double[] halves(int samples, int last) {
    double[] weights = new double[samples];
    for (int i = 0; i < samples; i++) {
      weights[i] = 0.5 / (i < samples - last ? samples - last : last);
    }
    return weights;
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
      try (JsonTokenizer tokenizer = JsonTokenizer.open(states.base().directory())) {
        List<String> texts =
            passages.stream()
                .map(passage -> BehindPassages.passage(prompts, passage, Integer.MAX_VALUE))
                .toList();
        TreeMap<Integer, Integer> frequencies = new TreeMap<>();
        Map<Integer, String> spellings = new HashMap<>();
        for (String text : texts) {
          Tokenization tokenized = tokenizer.tokenize(text);
          SortedSet<Integer> tokens = new TreeSet<>();
          for (int i = 0; i < tokenized.size(); i++) {
            tokens.add(tokenized.ids()[i]);
            spellings.put(
                tokenized.ids()[i],
                text.substring(tokenized.starts()[i], tokenized.ends()[i])
                    .strip()
                    .toLowerCase(Locale.ROOT));
          }
          tokens.forEach(token -> frequencies.merge(token, 1, Integer::sum));
        }
        int[] occurring = frequencies.keySet().stream().mapToInt(token -> token).toArray();
        int size = passages.size();
        SplittableRandom random = new SplittableRandom(size);
        List<String> behind = new ArrayList<>();
        List<String> inside = new ArrayList<>();
        List<String> opening = new ArrayList<>();
        for (int i = 0; i < queries.size(); i++) {
          String text =
              BehindPassages.behind(prompts, passages.get((i + 1) % size), queries.get(i));
          behind.add(text);
          String[] words = text.split(" ", -1);
          int first = words.length - queries.get(i).split(" ", -1).length;
          for (int place = 0; place < PLACES; place++) {
            int cut = random.nextInt(first, words.length) + 1;
            inside.add(beginning(text, cut));
          }
          String prompt = beginning(text, first);
          opening.add(i % 2 == 0 ? prompt : prompt.substring(0, prompt.length() - 1));
        }
        List<String> cut = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
          cut.add(beginning(texts.get(i), 1 + i % WORDS));
        }
        Map<String, float[]> early = new HashMap<>(weights);
        early.put("norm.weight", norm(1));
        Path inputs = states.write("second", 1, early);
        float[] ones = new float[hidden];
        Arrays.fill(ones, 1);
        early.put("norm.weight", ones);
        Path unweighted = states.write("second-unweighted", 1, early);
        try (InnerStates.Reader open = states.prompts(inputs, List.of());
            InnerStates.Reader closed = states.prompts(inputs, List.of(BaseShape.EOS));
            InnerStates.Reader next =
                states.prompts(inputs, List.of(BaseShape.EOS, BaseShape.BOS));
            InnerStates.Reader raw = states.prompts(unweighted, List.of())) {
          DMatrixRMaj others =
              Matrices.below(
                  Matrices.below(closed.queries(behind), open.queries(opening)), next.queries(cut));
          return new WordSamples(
              inputs(occurring),
              words(spellings, occurring),
              inputs(new int[] {BaseShape.BOS, BaseShape.EOS}),
              open.queries(inside),
              others,
              open.queries(cut),
              raw.queries(inside),
              length(occurring),
              logarithms(tokenizer, inside, frequencies, texts.size()));
        }
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

    private static DMatrixRMaj logarithms(
        JsonTokenizer tokenizer, List<String> texts, Map<Integer, Integer> frequencies, int of) {
      DMatrixRMaj logarithms = new DMatrixRMaj(texts.size(), 1);
      IntStream.range(0, texts.size())
          .forEach(
              i -> {
                int[] ids = tokenizer.tokenize(texts.get(i)).ids();
                double in = frequencies.getOrDefault(ids[ids.length - 1], 0);
                logarithms.set(i, 0, Math.log(Math.log(1 + (of - in + 0.5) / (in + 0.5))));
              });
      return logarithms;
    }
  }
}
