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
 * ones weighing more. Everything is trained afterwards.
 *
 * <ul>
 *   <li>The first layer tells tokens of a query that the prompt of a query stands before them.
 *   <li>In the next three all heads look only at tokens that have been told so, if there are any: a
 *       passage that stands before a query, as in a reranker's prompt, is not mixed into it.
 *   <li>The second and the third layer average, each half of the numbers.
 *   <li>What the {@link BaseShape} keeps spare is zero. As neither values nor outputs of these
 *       heads and units are anything, no gradient comes to them, and training the base leaves them
 *       so.
 * </ul>
 *
 * <p>Small random weights are added to all else. The last {@value #RESERVED} numbers of a state are
 * kept for marks, the others for the meaning of tokens.
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

  /** Query and key of the head that looks for a query's prompt: a logit of about 12. */
  private static final float OPENING = 2.5f;

  /** What a token is told that has one before it. */
  private static final float TOLD = 0.5f;

  /** Queries and keys of those marks, by layer; states get longer, their marks weaker. */
  private static final float[] INSIDE = {0, 7, 9, 12};

  private final ModelConfig config;
  private final TokenVectors tokens;
  private final SplittableRandom random;
  private final Map<String, float[]> weights = new TreeMap<>();
  private final int hidden;
  private final int headSize;

  /** Of heads that share keys, without spare ones. */
  private final int groups;

  private final int one;
  private final int rare;
  private final int bos;
  private final int eos;
  private final int opening;
  private final int inside;

  private StructuredStart(ModelConfig config, TokenVectors tokens, BaseShape shape, long seed) {
    this.config = config;
    this.tokens = tokens;
    this.random = new SplittableRandom(seed);
    this.hidden = config.hiddenSize();
    this.headSize = config.headDim();
    this.groups = config.keyValueHeads() - shape.spareGroups();
    this.one = hidden - RESERVED;
    this.rare = one + 1;
    this.bos = one + 2;
    this.eos = one + 3;
    this.opening = one + 4;
    this.inside = one + 5;
  }

  /**
   * Writes {@code model.safetensors} beside a {@code config.json}.
   *
   * @param tokens of dimension hidden size − {@link #RESERVED}
   * @param prompts tokens of prompts, which say nothing about a text
   * @param query the first of them that is in a query's alone
   * @param shape what the config was written from
   * @throws IllegalArgumentException if there are fewer than four layers
   */
  static void write(
      Path directory, TokenVectors tokens, int[] prompts, int query, BaseShape shape, long seed)
      throws IOException {
    ModelConfig config = ModelConfig.read(directory);
    if (config.layers() < LAYERS) {
      throw new IllegalArgumentException(
          "a structured start needs " + LAYERS + " layers, not " + config.layers());
    }
    StructuredStart start = new StructuredStart(config, tokens, shape, seed);
    start.noise();
    SpareParts.of(config, shape).clear(start.weights, config.layers());
    start.embeddings(prompts, query);
    start.whereQueriesBegin();
    start.queriesAlone();
    start.means();
    List<TensorData> tensors = new ArrayList<>();
    config
        .tensorShapes()
        .forEach(
            (name, dimensions) ->
                tensors.add(
                    TensorData.of("model." + name, DType.F32, dimensions, start.weights(name))));
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

  private float[] attention(int layer, String matrix) {
    return weights("layers." + layer + ".self_attn." + matrix + ".weight");
  }

  private void embeddings(int[] prompts, int query) {
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
    mark(table, BOS, bos);
    mark(table, EOS, eos);
    mark(table, query, opening);
    for (int token : prompts) {
      table[token * hidden + rare] = MARK * rarity(0);
    }
    // What all texts of a kind have alike says nothing about them.
    for (int alike : new int[] {eos, opening, inside}) {
      weights("norm.weight")[alike] = 0;
    }
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

  /** In layer 0 one head looks for a query's prompt; its last number is what it says. */
  private void whereQueriesBegin() {
    int slow = slowest(0);
    int says = headSize - 1;
    add(0, "k_proj", slow, opening, OPENING);
    add(0, "q_proj", slow, one, OPENING);
    // Loud, so that noise about it would be the same for all tokens of queries, and drown them.
    Arrays.fill(attention(0, "v_proj"), says * hidden, (says + 1) * hidden, 0);
    float[] outputs = attention(0, "o_proj");
    int columns = config.heads() * headSize;
    for (int row = 0; row < hidden; row++) {
      for (int head = 0; head < head(1); head++) {
        outputs[row * columns + head * headSize + says] = 0;
      }
    }
    add(0, "v_proj", says, opening, 1);
    add(0, "o_proj", inside, says, TOLD * MARK / MEANING);
  }

  /** In layers 1 to 3 all heads look at tokens of the query, if there is one. */
  private void queriesAlone() {
    int slow = slowest(1);
    for (int layer = 1; layer < LAYERS; layer++) {
      for (int group = 0; group < groups; group++) {
        add(layer, "k_proj", group * headSize + slow, inside, INSIDE[layer]);
      }
      for (int head = 0; head < head(groups); head++) {
        add(layer, "q_proj", head * headSize + slow, one, INSIDE[layer]);
      }
    }
  }

  /** Layers 1 and 2: the mean of what stands before, each layer for half of the numbers. */
  private void means() {
    int width = headSize - 2;
    int from = 0;
    for (int layer = 1; layer < 3; layer++) {
      for (int group = 0; group < groups; group++) {
        averaging(layer, group);
        for (int i = 0; i < width && from + i < one; i++) {
          add(layer, "v_proj", group * headSize + i, from + i, 1);
          add(layer, "o_proj", from + i, head(group) * headSize + i, 1);
        }
        from += width;
      }
    }
  }

  /** The first head of a group weighs tokens by their rarity. */
  private void averaging(int layer, int group) {
    int slow = slowest(0);
    add(layer, "k_proj", group * headSize + slow, rare, RARITY);
    add(layer, "q_proj", head(group) * headSize + slow, one, RARITY);
  }

  /** A dimension of a head that positions hardly turn; 0 is the one they turn least. */
  private int slowest(int index) {
    return headSize / 2 - 1 - index;
  }

  /** The first of the heads that share a key head. */
  private int head(int group) {
    return group * (config.heads() / config.keyValueHeads());
  }

  private void add(int layer, String matrix, int row, int column, float value) {
    int columns = matrix.equals("o_proj") ? config.heads() * headSize : hidden;
    attention(layer, matrix)[row * columns + column] += value;
  }

  private float[] weights(String name) {
    float[] found = weights.get(name);
    if (found == null) {
      throw new IllegalArgumentException("a Llama has no tensor " + name);
    }
    return found;
  }
}
