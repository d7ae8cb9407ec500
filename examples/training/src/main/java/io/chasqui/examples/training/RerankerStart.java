package io.chasqui.examples.training;

import io.chasqui.Passage;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * An adapter that a reranker starts from instead of zeros: before it is trained it scores a pair
 * nearly by the cosine of the retriever's two vectors, in one pass.
 *
 * <p>The reranker reads the retriever's two prompts one behind the other ({@link
 * TinyModelRecipe#reranker}), so the state at the query's EOS is the retriever's, number by number,
 * and the one at the end is that of query and passage together, much like the passage's. All layers
 * but the last have the retriever's adapter. In the last one:
 *
 * <ul>
 *   <li>one group of heads looks from the EOS at the end to that of the query, and copies a linear
 *       map of its state (the query's vector, in its principal directions) to where passages differ
 *       least;
 *   <li>some units of the MLP multiply it with the same map of the passage's vector, direction by
 *       direction, and add the products up in one number, which the score head reads.
 * </ul>
 *
 * <p>All maps are fitted by ridge regression to what the retriever says of samples. A layer's
 * update that replaces {@code rank} rows or columns is exact in LoRA's form.
 */
final class RerankerStart {
  /** Pairs of a head's dimensions that turn fastest: what tells a token from itself. */
  private static final int FAST = 12;

  /** Logit of the query's EOS, and what each fast pair takes from a token that looks at itself. */
  private static final double SEEN = 60;

  private static final double SELF = 3;

  /**
   * How far gates of the MLP go from zero: silu is a straight line of slope 1/2 there, but for a
   * share of half of that, which is added to what is not the product.
   */
  private static final double SWING = 0.1;

  /** Standard deviation of what is added up, in root mean squares of a state. */
  private static final double LOUDNESS = 4;

  /**
   * Root mean square of a state's numbers before the last MLP, about: {@link StructuredStart}'s.
   */
  private static final double STATE = 0.85;

  /** How much longer what is written is, per number. */
  private static final double WRITTEN = 2;

  /** Makes logits of scores. */
  private static final double SHARPNESS = 4;

  private final ModelConfig config;
  private final int hidden;
  private final int headSize;
  private final int last;

  /** Of the base alone, by name without "model.". */
  private final Map<String, float[]> base = new LinkedHashMap<>();

  private final LowRankUpdates updates;

  private RerankerStart(InnerStates states, int rank, long seed) throws IOException {
    this.config = states.base().config();
    this.hidden = config.hiddenSize();
    this.headSize = config.headDim();
    this.last = config.layers() - 1;
    this.updates = new LowRankUpdates(rank, seed);
    Tensors weights = states.base().weights();
    for (String name : config.tensorShapes().keySet()) {
      base.put(name, weights.floats("model." + name));
    }
  }

  /**
   * Writes {@code adapter_config.json} and {@code adapter_model.safetensors}.
   *
   * @param states of the base under the retriever's prompts
   * @param retriever its adapter, of no higher rank
   * @param rank of the reranker's adapter, whose alpha is twice that
   * @param queries a thousand or two
   * @param passages a thousand or two
   * @param target existing folder
   * @throws IllegalArgumentException if the rank is below a head's dimensions or that of the
   *     retriever's adapter
   */
  static void write(
      InnerStates states,
      LoraAdapter retriever,
      int rank,
      List<String> queries,
      List<Passage> passages,
      long seed,
      Path target)
      throws IOException {
    RerankerStart start = new RerankerStart(states, rank, seed);
    RerankerSamples samples =
        new RerankerSamples.Reading(states, start.base, retriever).of(queries, passages);
    float[] head = start.compare(samples);
    // Layers before the last are the retriever's.
    retriever.modules().forEach(start.updates::keep);
    start.updates.write(target, states.base().directory().getFileName().toString(), head);
  }

  /** Updates of the last layer; the head. */
  private float[] compare(RerankerSamples samples) {
    int count = headSize;
    DMatrixRMaj principal =
        CommonOps_DDRM.extract(
            Regression.directions(samples.passageVectors()), 0, count, 0, hidden);
    DMatrixRMaj queryTargets = Matrices.timesTransposed(samples.queryVectors(), principal);
    DMatrixRMaj passageTargets = Matrices.timesTransposed(samples.passageVectors(), principal);
    DMatrixRMaj ofQuery = Regression.ridge(samples.queryInputs(), queryTargets);
    DMatrixRMaj ofPassage = Regression.ridge(samples.middles(), passageTargets);
    DMatrixRMaj one = Regression.ridge(samples.middles(), Matrices.ones(samples.middles().numRows));
    DMatrixRMaj spread = Regression.directions(samples.middles());
    // The narrowest direction but one takes the sum, those before it the query's vector.
    DMatrixRMaj written = CommonOps_DDRM.extract(spread, hidden - 1 - count, hidden - 1, 0, hidden);
    DMatrixRMaj sum = CommonOps_DDRM.extract(spread, hidden - 1, hidden, 0, hidden);

    double length =
        Matrices.rootMeanSquare(Matrices.timesTransposed(samples.queryInputs(), ofQuery));
    attend(isEos(samples));
    copy(ofQuery, written, WRITTEN * STATE / length);

    double grown = Math.sqrt(1 + WRITTEN * WRITTEN * count / hidden);
    double[] means = Regression.means(samples.middles());
    double deviation = deviation(queryTargets, passageTargets);
    multiply(
        ofPassage,
        written,
        one,
        means,
        grown,
        sum,
        2 * STATE * LOUDNESS * length / (SWING * deviation));
    float[] norm = Objects.requireNonNull(base.get("norm.weight"));
    float[] head = new float[hidden];
    for (int i = 0; i < hidden; i++) {
      head[i] = (float) (SHARPNESS * sum.get(0, i) / Math.max(0.05, norm[i]));
    }
    return head;
  }

  /** A direction of the last layer's inputs that is 1 at an EOS and 0 elsewhere. */
  private DMatrixRMaj isEos(RerankerSamples samples) {
    DMatrixRMaj inputs =
        Matrices.below(
            Matrices.below(samples.queryInputs(), samples.passageInputs()), samples.insideInputs());
    int ends = samples.queryInputs().numRows + samples.passageInputs().numRows;
    DMatrixRMaj targets = new DMatrixRMaj(inputs.numRows, 1);
    double[] weights = new double[inputs.numRows];
    for (int i = 0; i < weights.length; i++) {
      targets.set(i, 0, i < ends ? 1 : 0);
      weights[i] = 0.5 / (i < ends ? ends : inputs.numRows - ends);
    }
    return Regression.ridge(inputs, targets, weights);
  }

  /** The last group of heads looks to an EOS, but not to the one that it is at. */
  private void attend(DMatrixRMaj isEos) {
    int keys = config.keyValueHeads();
    int slowest = headSize / 2 - 1;
    SortedMap<Integer, double[]> key = new TreeMap<>();
    for (int i = 0; i < headSize; i++) {
      boolean used = i < FAST || i == slowest;
      key.put((keys - 1) * headSize + i, used ? Matrices.row(isEos, 0, 1) : new double[hidden]);
    }
    replaceRows("self_attn.k_proj", key);
    SortedMap<Integer, double[]> query = new TreeMap<>();
    double root = Math.sqrt(headSize);
    for (int head = config.heads() - group(); head < config.heads(); head++) {
      for (int i = 0; i < FAST; i++) {
        query.put(head * headSize + i, Matrices.row(isEos, 0, -SELF * root));
      }
      query.put(head * headSize + slowest, Matrices.row(isEos, 0, SEEN * root));
    }
    replaceRows("self_attn.q_proj", query);
  }

  /** Heads that share keys. */
  private int group() {
    return config.heads() / config.keyValueHeads();
  }

  /** Where outputs of the last group of heads begin. */
  private int firstColumn() {
    return (config.heads() - group()) * headSize;
  }

  /** What those heads take there, and where it is written. */
  private void copy(DMatrixRMaj ofQuery, DMatrixRMaj written, double factor) {
    int first = (config.keyValueHeads() - 1) * headSize;
    SortedMap<Integer, double[]> value = new TreeMap<>();
    for (int i = 0; i < headSize; i++) {
      value.put(first + i, Matrices.row(ofQuery, i, 1));
    }
    replaceRows("self_attn.v_proj", value);
    float[] o = base("self_attn.o_proj");
    int columns = o.length / hidden;
    SortedMap<Integer, double[]> output = new TreeMap<>();
    for (int i = 0; i < headSize; i++) {
      double[] update = new double[hidden];
      for (int row = 0; row < hidden; row++) {
        update[row] = factor * written.get(i, row);
        // All heads of the group see the same; what the base makes of it is taken back.
        for (int head = 0; head < group(); head++) {
          update[row] -= o[row * columns + firstColumn() + head * headSize + i];
        }
      }
      output.put(firstColumn() + i, update);
    }
    updates.addColumns(module("self_attn.o_proj"), columns, output);
  }

  /** Products of what was written with the passage's vector, and their sum. */
  private void multiply(
      DMatrixRMaj ofPassage,
      DMatrixRMaj written,
      DMatrixRMaj one,
      double[] means,
      double grown,
      DMatrixRMaj sum,
      double loudness) {
    float[] norm = base("post_attention_layernorm");
    int count = ofPassage.numRows;
    SortedMap<Integer, double[]> gate = new TreeMap<>();
    SortedMap<Integer, double[]> up = new TreeMap<>();
    double swing = SWING * grown / WRITTEN;
    for (int i = 0; i < count; i++) {
      double usual = 0;
      for (int j = 0; j < hidden; j++) {
        usual += means[j] / grown * written.get(i, j);
      }
      double[] open = new double[hidden];
      double[] factor = new double[hidden];
      for (int j = 0; j < hidden; j++) {
        open[j] = (swing * written.get(i, j) - usual * swing * grown * one.get(0, j)) / norm[j];
        factor[j] = grown * ofPassage.get(i, j) / norm[j];
      }
      gate.put(i, open);
      up.put(i, factor);
    }
    replaceRows("mlp.gate_proj", gate);
    replaceRows("mlp.up_proj", up);
    float[] down = base("mlp.down_proj");
    int units = config.intermediateSize();
    SortedMap<Integer, double[]> added = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      double[] update = new double[hidden];
      for (int row = 0; row < hidden; row++) {
        update[row] = loudness * sum.get(0, row) - down[row * units + i];
      }
      added.put(i, update);
    }
    updates.addColumns(module("mlp.down_proj"), units, added);
  }

  /** The base's weights of a module of the last layer. */
  private float[] base(String module) {
    return Objects.requireNonNull(base.get(name(module)), module);
  }

  private String name(String module) {
    return module(module) + ".weight";
  }

  private String module(String module) {
    return "layers." + last + "." + module;
  }

  private void replaceRows(String module, SortedMap<Integer, double[]> rows) {
    updates.replaceRows(module(module), base(module), rows);
  }

  /** Standard deviation of the products of any query with any passage. */
  private static double deviation(DMatrixRMaj queries, DMatrixRMaj passages) {
    DMatrixRMaj products = Matrices.timesTransposed(queries, passages);
    double mean = CommonOps_DDRM.elementSum(products) / products.getNumElements();
    return Math.sqrt(Math.pow(Matrices.rootMeanSquare(products), 2) - mean * mean);
  }
}
