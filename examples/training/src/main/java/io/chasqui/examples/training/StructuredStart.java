package io.chasqui.examples.training;

import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.SafetensorsWriter;
import io.chasqui.checkpoint.TensorData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Weights that a small Llama starts from instead of noise alone, so that it is a bag of words
 * before it is trained: the state of the closing token is the mean of all tokens' vectors, rare
 * ones weighing more (first and second layer); states of the third layer look for tokens that mean
 * the same, and tell whether they found them before or after the last BOS, which is in the query or
 * in the document of a reranker's prompt; the fourth averages what they found. Everything is
 * trained afterwards.
 *
 * <p>Small random weights are added to all of it. The last {@value #RESERVED} numbers of a state
 * are kept for marks, the others for the meaning of tokens.
 */
final class StructuredStart {
  /** Numbers of a state that hold no meaning. */
  static final int RESERVED = 8;

  private static final int LAYERS = 4;

  private static final int BOS = 1;
  private static final int EOS = 2;

  private static final double NOISE = 0.015;

  /** Length of a token's vector: RMS norm brings its marks of a quarter to about one. */
  private static final float MEANING = 4;

  private static final float MARK = 0.25f;

  /** Square roots of how much rarity counts in the softmax, before the division by 8. */
  private static final float RARITY = 3.1f;

  private static final float MATCH = 2.5f;

  private final ModelConfig config;
  private final TokenVectors tokens;
  private final SplittableRandom random;
  private final Map<String, float[]> weights = new TreeMap<>();
  private final int hidden;
  private final int headSize;
  private final int keyHeads;
  private final int one;
  private final int rare;
  private final int bos;
  private final int eos;
  private final int seen;
  private final int inside;
  private final int found;

  private StructuredStart(ModelConfig config, TokenVectors tokens, long seed) {
    this.config = config;
    this.tokens = tokens;
    this.random = new SplittableRandom(seed);
    this.hidden = config.hiddenSize();
    this.headSize = config.headDim();
    this.keyHeads = config.keyValueHeads();
    this.one = hidden - RESERVED;
    this.rare = one + 1;
    this.bos = one + 2;
    this.eos = one + 3;
    this.seen = one + 4;
    this.inside = one + 5;
    this.found = one + 6;
  }

  /**
   * Writes {@code model.safetensors} beside a {@code config.json}.
   *
   * @param tokens of dimension hidden size − {@link #RESERVED}
   * @param prompts tokens of prompts, which say nothing about a text
   * @throws IllegalArgumentException if there are fewer than four layers
   */
  static void write(Path directory, TokenVectors tokens, int[] prompts, long seed)
      throws IOException {
    ModelConfig config = ModelConfig.read(directory);
    if (config.layers() < LAYERS) {
      throw new IllegalArgumentException(
          "a structured start needs " + LAYERS + " layers, not " + config.layers());
    }
    StructuredStart start = new StructuredStart(config, tokens, seed);
    start.noise();
    start.embeddings(prompts);
    start.means();
    start.whereDocumentsBegin();
    start.matches();
    List<TensorData> tensors = new ArrayList<>();
    config
        .tensorShapes()
        .forEach(
            (name, shape) ->
                tensors.add(TensorData.of("model." + name, DType.F32, shape, start.weights(name))));
    SafetensorsWriter.writeCheckpoint(directory, tensors, Long.MAX_VALUE);
  }

  private void noise() {
    config
        .tensorShapes()
        .forEach(
            (name, shape) -> {
              long count = shape.stream().reduce(1L, Math::multiplyExact);
              float[] values = new float[Math.toIntExact(count)];
              if (name.endsWith("norm.weight")) {
                Arrays.fill(values, 1);
              } else {
                for (int i = 0; i < values.length; i++) {
                  values[i] = (float) (random.nextGaussian() * NOISE);
                }
              }
              weights.put(name, values);
            });
  }

  private void embeddings(int[] prompts) {
    float[] table = weights("embed_tokens.weight");
    for (int token = 0; token < tokens.size(); token++) {
      float[] vector = tokens.vector(token);
      int row = token * hidden;
      Arrays.fill(table, row, row + hidden, 0);
      for (int i = 0; i < vector.length; i++) {
        table[row + i] = MEANING * vector[i];
      }
      table[row + one] = MARK;
      table[row + rare] = MARK * rarity(tokens.rarity(token));
    }
    for (int token : prompts) {
      table[token * hidden + rare] = MARK * rarity(0);
    }
    mark(table, BOS, bos);
    mark(table, EOS, eos);
    // What closes every text alike says nothing about it.
    weights("norm.weight")[eos] = 0;
  }

  /** Pieces of rare names are rare as well, and say little: rarity is capped. */
  private static float rarity(double logarithm) {
    return (float) Math.max(-3, Math.min(1.2, (logarithm - 5.5) / 2));
  }

  private void mark(float[] table, int token, int dimension) {
    int row = token * hidden;
    Arrays.fill(table, row, row + hidden, 0);
    table[row + dimension] = MEANING;
    table[row + one] = MARK;
  }

  /** Layers 0 and 1: the mean of what stands before, each layer for half of the numbers. */
  private void means() {
    int width = headSize - 2;
    int from = 0;
    for (int layer = 0; layer < 2; layer++) {
      for (int group = 0; group < keyHeads; group++) {
        averaging(layer, group, RARITY);
        for (int i = 0; i < width && from + i < one; i++) {
          add(layer, "v_proj", group * headSize + i, from + i, 1);
          add(layer, "o_proj", from + i, head(group) * headSize + i, 1);
        }
        from += width;
      }
    }
  }

  /** The first head of a group weighs tokens by their rarity. */
  private void averaging(int layer, int group, float strength) {
    int slow = slowest(0);
    add(layer, "k_proj", group * headSize + slow, rare, strength);
    add(layer, "q_proj", head(group) * headSize + slow, one, strength);
  }

  /**
   * Whether there was a BOS with words before it. BOS alone is looked at by the second head of the
   * second layer; the first layer has told it whether it saw words.
   */
  private void whereDocumentsBegin() {
    int words = headSize - 2;
    add(0, "v_proj", words, one, 1);
    add(0, "v_proj", words, bos, -1 / 16f);
    add(0, "o_proj", seen, words, MARK);
    int slow = slowest(1);
    add(1, "k_proj", slow, bos, 1.5f);
    add(1, "q_proj", headSize + slow, one, 4);
    add(1, "v_proj", headSize - 1, seen, 1);
    add(1, "o_proj", inside, headSize + headSize - 1, 1);
  }

  /** Layer 2 looks for tokens of the same meaning, layer 3 averages what it found. */
  private void matches() {
    int slowPairs = headSize / 2 * 3 / 8;
    for (int group = 0; group < keyHeads; group++) {
      for (int i = 0; i < 2 * slowPairs; i++) {
        int dimension = i < slowPairs ? slowest(i) : headSize / 2 + slowest(i - slowPairs);
        int meaning = (group + keyHeads * i) % one;
        add(2, "k_proj", group * headSize + dimension, meaning, MATCH);
        add(2, "q_proj", head(group) * headSize + dimension, meaning, MATCH);
        add(2, "q_proj", (head(group) + 1) * headSize + dimension, meaning, MATCH / 2);
      }
      int result = found + group % 2;
      add(2, "v_proj", group * headSize, inside, 1);
      add(2, "o_proj", result, head(group) * headSize, -1);
      averaging(3, group, 1.5f * RARITY);
      add(3, "v_proj", group * headSize, result, 1);
      add(3, "o_proj", result, head(group) * headSize, 1);
    }
  }

  /** A dimension of a head that positions hardly turn; 0 is the one they turn least. */
  private int slowest(int index) {
    return headSize / 2 - 1 - index;
  }

  /** The first of the heads that share a key head. */
  private int head(int group) {
    return group * (config.heads() / keyHeads);
  }

  private void add(int layer, String matrix, int row, int column, float value) {
    int columns = matrix.equals("o_proj") ? config.heads() * headSize : hidden;
    weights("layers." + layer + ".self_attn." + matrix + ".weight")[row * columns + column] +=
        value;
  }

  private float[] weights(String name) {
    float[] found = weights.get(name);
    if (found == null) {
      throw new IllegalArgumentException("a Llama has no tensor " + name);
    }
    return found;
  }
}
