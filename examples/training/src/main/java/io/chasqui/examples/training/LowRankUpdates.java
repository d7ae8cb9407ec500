package io.chasqui.examples.training;

import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.LoraAdapterWriter;
import io.chasqui.checkpoint.TensorData;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * An adapter of a reranker whose updates are made by hand, not trained: sums of products of two
 * vectors, exact in LoRA's form as long as there are no more of them than the rank. What is left of
 * the rank starts as PEFT starts it: A small and random, B zero.
 *
 * <p>Modules are named as in {@link LoraAdapter#modules}.
 */
final class LowRankUpdates {
  /** The matrices of a layer that an adapter changes. */
  static final List<String> MODULES =
      List.of(
          "self_attn.q_proj",
          "self_attn.k_proj",
          "self_attn.v_proj",
          "self_attn.o_proj",
          "mlp.gate_proj",
          "mlp.up_proj",
          "mlp.down_proj");

  /** alpha / rank. */
  private static final double SCALE = 2;

  /** An update of nothing has factors as well. */
  private static final double SMALLEST = 1e-3;

  private final int rank;
  private final SplittableRandom random;
  private final SortedMap<String, List<Product>> updates = new TreeMap<>();

  /** out · inᵀ, without the scale. */
  @SuppressWarnings("ArrayRecordComponent") // weights, compared by nobody
  private record Product(float[] out, float[] in) {}

  /**
   * @param rank of all updates; alpha is twice that
   * @param seed of what starts random
   */
  LowRankUpdates(int rank, long seed) {
    this.rank = rank;
    this.random = new SplittableRandom(seed);
  }

  /**
   * Adds the product of two vectors to a matrix.
   *
   * @param out as many numbers as the matrix has rows
   * @param in as many as it has columns
   * @throws IllegalArgumentException if the rank is used up
   */
  void add(String module, double[] out, double[] in) {
    // Both factors get the root of an update's length, so that neither is trained much faster.
    double lengthOut = Math.max(SMALLEST, length(out));
    double lengthIn = Math.max(SMALLEST, length(in));
    double root = Math.sqrt(lengthOut * lengthIn);
    put(module, new Product(scaled(out, root / lengthOut / SCALE), scaled(in, root / lengthIn)));
  }

  private static double length(double[] values) {
    double square = 0;
    for (double value : values) {
      square += value * value;
    }
    return Math.sqrt(square);
  }

  private static float[] scaled(double[] values, double factor) {
    float[] scaled = new float[values.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = (float) (factor * values[i]);
    }
    return scaled;
  }

  private void put(String module, Product product) {
    List<Product> products = updates.computeIfAbsent(module, m -> new ArrayList<>());
    if (products.size() == rank) {
      throw new IllegalArgumentException(
          "%s: rank %d is too low for what is put into it".formatted(module, rank));
    }
    products.add(product);
  }

  /**
   * Adds another adapter's update, but for rows and columns from some on.
   *
   * @param rows that are kept
   * @param columns that are kept
   * @throws IllegalArgumentException if the rank is used up
   */
  void keep(String module, LoraAdapter.Update update, int rows, int columns) {
    FloatBuffer a = update.a();
    FloatBuffer b = update.b();
    for (int r = 0; r < update.rank(); r++) {
      float[] out = new float[update.out()];
      for (int row = 0; row < Math.min(rows, out.length); row++) {
        out[row] = (float) (b.get(row * update.rank() + r) * update.scale() / SCALE);
      }
      float[] in = new float[update.in()];
      for (int column = 0; column < Math.min(columns, in.length); column++) {
        in[column] = a.get(r * update.in() + column);
      }
      put(module, new Product(out, in));
    }
  }

  /**
   * Writes the adapter.
   *
   * @param target existing folder
   * @param baseName what the adapter says it is for
   * @param head weights of the score
   */
  void write(Path target, String baseName, float[] head) throws IOException {
    List<TensorData> tensors = new ArrayList<>();
    updates.forEach((module, products) -> factors(module, products, tensors));
    tensors.add(tensor(LoraAdapterWriter.HEAD, 1, head.length, head));
    List<String> targets =
        updates.keySet().stream()
            .map(module -> module.substring(module.lastIndexOf('.') + 1))
            .distinct()
            .sorted()
            .toList();
    LoraAdapterWriter.write(
        target,
        new LoraAdapterWriter.Settings(
            LoraAdapterWriter.SCORER, baseName, rank, SCALE * rank, 0, false, targets),
        tensors);
  }

  private void factors(String module, List<Product> products, List<TensorData> tensors) {
    int in = products.get(0).in().length;
    int out = products.get(0).out().length;
    float[] a = new float[rank * in];
    float[] b = new float[out * rank];
    for (int r = 0; r < products.size(); r++) {
      System.arraycopy(products.get(r).in(), 0, a, r * in, in);
      for (int row = 0; row < out; row++) {
        b[row * rank + r] = products.get(r).out()[row];
      }
    }
    double bound = 1 / Math.sqrt(in);
    for (int i = products.size() * in; i < a.length; i++) {
      a[i] = (float) ((2 * random.nextDouble() - 1) * bound);
    }
    tensors.add(tensor(module + ".lora_A.weight", rank, in, a));
    tensors.add(tensor(module + ".lora_B.weight", out, rank, b));
  }

  private static TensorData tensor(String name, long rows, long columns, float[] values) {
    return TensorData.of(name, DType.F32, List.of(rows, columns), values);
  }
}
