package io.chasqui.examples.training;

import io.chasqui.Passage;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Tensors;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * An adapter that a reranker starts from instead of zeros: before it is trained it scores a pair by
 * the cosine of the retriever's two vectors, nearly, and by how many of the query's words the
 * passage has ({@link WordMatching}), in one pass.
 *
 * <p>The reranker reads the passage's prompt and then the query's ({@link
 * TinyModelRecipe#reranker}), so the state at the passage's EOS is the retriever's, but for what is
 * added here, and the one at the end is nearly that of the query. All layers but the last have the
 * retriever's adapter; what is added uses the base's {@link SpareParts}. In the last layer
 *
 * <ul>
 *   <li>a head of each spare group looks from the EOS at the end to that of the passage, and copies
 *       its state, in the principal directions of passages, to where queries differ least;
 *   <li>spare units of the MLP multiply it with the query's, direction by direction, and add the
 *       products up in one number, which the score head reads.
 * </ul>
 *
 * <p>These are the states that the last layer gets; their products order nearly as the vectors' do.
 * Maps are fitted by ridge regression to samples.
 */
final class RerankerStart {
  /** Pairs of a head's dimensions that turn fastest: what tells a token from itself. */
  private static final int FAST = 12;

  /**
   * Logit of the passage's EOS, and what each fast pair takes from a token that looks at itself.
   */
  private static final double SEEN = 60;

  private static final double SELF = 3;

  /**
   * How far gates of the MLP go from zero: silu is a straight line of slope 1/2 there, but for a
   * share of half of that, which is added to what is not the product.
   */
  private static final double SWING = 0.05;

  /** Standard deviation of what is added up, in root mean squares of a state. */
  private static final double LOUDNESS = 4;

  /**
   * Root mean square of a state's numbers before the last MLP, about: {@link StructuredStart}'s.
   */
  private static final double STATE = 0.85;

  /** How much longer what is written is, per number. */
  private static final double WRITTEN = 2;

  /** What words that are missing take away if all are, in root mean squares of a state. */
  private static final double MISSING = 12;

  /** How much a word counts in the score, against the cosine's sum. */
  private static final double WORDS = 0.3;

  /** Makes logits of scores. */
  private static final double SHARPNESS = 4;

  private final ModelConfig config;
  private final SpareParts spare;
  private final int hidden;
  private final int headSize;
  private final int last;

  /** Of the base alone, by name without "model.". */
  private final Map<String, float[]> base = new LinkedHashMap<>();

  /** With the retriever's adapter, but without what that makes of spare parts. */
  private final Map<String, float[]> adapted = new LinkedHashMap<>();

  private final LowRankUpdates updates;

  private RerankerStart(
      InnerStates states, SpareParts spare, LoraAdapter retriever, int rank, long seed)
      throws IOException {
    this.config = states.base().config();
    this.spare = spare;
    this.hidden = config.hiddenSize();
    this.headSize = config.headDim();
    this.last = config.layers() - 1;
    this.updates = new LowRankUpdates(rank, seed);
    Tensors weights = states.base().weights();
    for (String name : config.tensorShapes().keySet()) {
      base.put(name, weights.floats("model." + name));
      adapted.put(name, weights.floats("model." + name));
    }
    retriever.modules().forEach(this::merge);
    spare.clear(adapted, config.layers());
    // The last layer has no room for both adapters.
    retriever
        .modules()
        .forEach(
            (module, update) -> {
              if (!module.startsWith("layers." + last + ".")) {
                String matrix = module.substring(module.lastIndexOf('.') + 1);
                updates.keep(
                    module, update, spare.firstFreeRow(matrix), spare.firstFreeColumn(matrix));
              }
            });
  }

  private void merge(String module, LoraAdapter.Update update) {
    float[] weight = Objects.requireNonNull(adapted.get(module + ".weight"));
    FloatBuffer a = update.a();
    FloatBuffer b = update.b();
    int rank = update.rank();
    for (int row = 0; row < update.out(); row++) {
      for (int r = 0; r < rank; r++) {
        float factor = (float) (update.scale() * b.get(row * rank + r));
        for (int column = 0; column < update.in(); column++) {
          weight[row * update.in() + column] += factor * a.get(r * update.in() + column);
        }
      }
    }
  }

  /**
   * Writes {@code adapter_config.json} and {@code adapter_model.safetensors}.
   *
   * @param states of the base under the retriever's prompts
   * @param spare what the base keeps free
   * @param retriever its adapter
   * @param rank of the reranker's adapter, whose alpha is twice that
   * @param queries a thousand or two
   * @param passages a thousand or two
   * @param target existing folder
   * @throws IllegalArgumentException if the rank is too low for what is put into a matrix
   */
  static void write(
      InnerStates states,
      SpareParts spare,
      LoraAdapter retriever,
      int rank,
      List<String> queries,
      List<Passage> passages,
      long seed,
      Path target)
      throws IOException {
    RerankerStart start = new RerankerStart(states, spare, retriever, rank, seed);
    RerankerSamples samples =
        new RerankerSamples.Reading(states, start.base, start.adapted).of(queries, passages);
    WordSamples words = new WordSamples.Reading(states, start.adapted).of(queries, passages);
    float[] head = start.compare(samples, words, seed);
    start.updates.write(target, states.base().directory().getFileName().toString(), head);
  }

  /** All updates; the head. */
  private float[] compare(RerankerSamples samples, WordSamples words, long seed) {
    int count = spare.freeUnits();
    DMatrixRMaj isEos = isEos(samples);
    DMatrixRMaj principal =
        CommonOps_DDRM.extract(Regression.directions(samples.passageInputs()), 0, count, 0, hidden);
    DMatrixRMaj queryTargets = Matrices.timesTransposed(samples.queryInputs(), principal);
    DMatrixRMaj ofPassages = Matrices.timesTransposed(samples.passageInputs(), principal);
    double[] passageMeans = Regression.means(ofPassages);
    DMatrixRMaj passageTargets = Regression.centred(ofPassages);
    double[] missing = FreeDirections.least(samples.middles(), adapted, 2, config.layers());
    DMatrixRMaj spread =
        Regression.moments(Matrices.below(samples.middles(), taken(missing, samples.middles())));
    // The direction used least takes the sum, those before it the passage's vector.
    DMatrixRMaj written = CommonOps_DDRM.extract(spread, hidden - 1 - count, hidden - 1, 0, hidden);
    double[] sum = Matrices.row(spread, hidden - 1, 1);
    // What is written must not be taken for the query's.
    DMatrixRMaj middles =
        onto(CommonOps_DDRM.extract(spread, 1, hidden - 1 - count, 0, hidden), samples.middles());
    DMatrixRMaj ofQuery = Regression.ridge(middles, Matrices.below(queryTargets, queryTargets));
    DMatrixRMaj one = Regression.ridge(middles, Matrices.ones(middles.numRows));

    double length = Matrices.rootMeanSquare(passageTargets);
    attend(isEos);
    copy(principal, written, WRITTEN * STATE / length);

    double grown = Math.sqrt(1 + WRITTEN * WRITTEN * count / hidden);
    DMatrixRMaj usual = Matrices.timesTransposed(samples.middles(), written);
    double[] means = Regression.means(usual);
    for (int i = 0; i < count; i++) {
      means[i] = (means[i] + WRITTEN * passageMeans[i] / length) / grown;
    }
    double deviation = deviation(queryTargets, passageTargets);
    multiply(
        ofQuery,
        written,
        one,
        means,
        grown,
        sum,
        2 * STATE * LOUDNESS * length / (SWING * deviation));
    new WordMatching(config, spare, updates, words)
        .write(adapted, base, missing, MISSING * STATE, seed);
    float[] norm = Objects.requireNonNull(base.get("norm.weight"));
    float[] head = new float[hidden];
    for (int i = 0; i < hidden; i++) {
      head[i] = (float) (SHARPNESS * (sum[i] + WORDS * missing[i]) / Math.max(0.05, norm[i]));
    }
    return head;
  }

  /** Samples with nothing but what they have in some directions. */
  private static DMatrixRMaj onto(DMatrixRMaj directions, DMatrixRMaj samples) {
    DMatrixRMaj parts = Matrices.timesTransposed(samples, directions);
    DMatrixRMaj result = new DMatrixRMaj(samples.numRows, samples.numCols);
    CommonOps_DDRM.mult(parts, directions, result);
    return result;
  }

  /** A sample that makes a direction the one that is used most. */
  private static DMatrixRMaj taken(double[] direction, DMatrixRMaj samples) {
    DMatrixRMaj sample = new DMatrixRMaj(1, direction.length, true, direction);
    CommonOps_DDRM.scale(1e3 * Math.sqrt(samples.getNumElements()), sample);
    return sample;
  }

  /** A direction of the last layer's inputs that is 1 at an EOS and 0 elsewhere. */
  private static DMatrixRMaj isEos(RerankerSamples samples) {
    DMatrixRMaj inputs =
        Matrices.below(
            Matrices.below(samples.queryInputs(), samples.passageInputs()), samples.insideInputs());
    int ends = samples.queryInputs().numRows + samples.passageInputs().numRows;
    DMatrixRMaj targets = new DMatrixRMaj(inputs.numRows, 1);
    for (int i = 0; i < ends; i++) {
      targets.set(i, 0, 1);
    }
    return Regression.ridge(inputs, targets, Regression.halves(ends, inputs.numRows - ends));
  }

  /** A head of each spare group looks to an EOS, but not to the one that it is at. */
  private void attend(DMatrixRMaj isEos) {
    int slowest = headSize / 2 - 1;
    double root = Math.sqrt(headSize);
    double[] keys = new double[config.keyValueHeads() * headSize];
    double[] queries = new double[config.heads() * headSize];
    for (int group = 0; group < spare.groups(); group++) {
      for (int i = 0; i < FAST; i++) {
        keys[spare.keyRow(group, i)] = 1;
        queries[spare.queryRow(group, i)] = -SELF * root;
      }
      keys[spare.keyRow(group, slowest)] = 1;
      queries[spare.queryRow(group, slowest)] = SEEN * root;
    }
    updates.add(module("self_attn.k_proj"), keys, Matrices.row(isEos, 0, 1));
    updates.add(module("self_attn.q_proj"), queries, Matrices.row(isEos, 0, 1));
  }

  /** What those heads take there, and where it is written. */
  private void copy(DMatrixRMaj ofPassage, DMatrixRMaj written, double factor) {
    for (int i = 0; i < ofPassage.numRows; i++) {
      int group = i / headSize;
      int number = i % headSize;
      double[] value = new double[config.keyValueHeads() * headSize];
      value[spare.keyRow(group, number)] = 1;
      updates.add(module("self_attn.v_proj"), value, Matrices.row(ofPassage, i, 1));
      double[] output = new double[config.heads() * headSize];
      output[spare.queryRow(group, number)] = 1;
      updates.add(module("self_attn.o_proj"), Matrices.row(written, i, factor), output);
    }
  }

  /** Products of what was written with the query's vector, and their sum. */
  private void multiply(
      DMatrixRMaj ofQuery,
      DMatrixRMaj written,
      DMatrixRMaj one,
      double[] usual,
      double grown,
      double[] sum,
      double loudness) {
    float[] norm = base("post_attention_layernorm");
    double swing = SWING * grown / WRITTEN;
    double[] all = new double[config.intermediateSize()];
    for (int i = 0; i < ofQuery.numRows; i++) {
      double[] gate = new double[hidden];
      double[] up = new double[hidden];
      for (int j = 0; j < hidden; j++) {
        gate[j] = (swing * written.get(i, j) - usual[i] * swing * grown * one.get(0, j)) / norm[j];
        up[j] = grown * ofQuery.get(i, j) / norm[j];
      }
      double[] unit = new double[config.intermediateSize()];
      unit[spare.unit(i)] = 1;
      updates.add(module("mlp.gate_proj"), unit, gate);
      updates.add(module("mlp.up_proj"), unit, up);
      all[spare.unit(i)] = 1;
    }
    double[] loud = new double[hidden];
    for (int i = 0; i < hidden; i++) {
      loud[i] = loudness * sum[i];
    }
    updates.add(module("mlp.down_proj"), loud, all);
  }

  /** The base's weights of a module of the last layer. */
  private float[] base(String module) {
    return Objects.requireNonNull(base.get(module(module) + ".weight"), module);
  }

  private String module(String module) {
    return "layers." + last + "." + module;
  }

  /** Standard deviation of the products of any query with any passage. */
  private static double deviation(DMatrixRMaj queries, DMatrixRMaj passages) {
    DMatrixRMaj products = Matrices.timesTransposed(queries, passages);
    double mean = CommonOps_DDRM.elementSum(products) / products.getNumElements();
    return Math.sqrt(Math.pow(Matrices.rootMeanSquare(products), 2) - mean * mean);
  }
}
