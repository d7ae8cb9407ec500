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
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * An adapter of a reranker whose updates are made by hand, not trained. What replaces as many rows
 * or columns of a matrix as the rank has is exact in LoRA's form; what is left of the rank starts
 * as PEFT starts it: A small and random, B zero.
 *
 * <p>Modules are named as in {@link LoraAdapter#modules}. Each can be given once.
 */
final class LowRankUpdates {
  /** alpha / rank. */
  private static final double SCALE = 2;

  /** An update of nothing has factors as well. */
  private static final double SMALLEST = 1e-3;

  private final int rank;
  private final SplittableRandom random;
  private final SortedMap<String, Factors> updates = new TreeMap<>();

  /** B · A, without the scale: A is [rank, in], B is [out, rank]. */
  @SuppressWarnings("ArrayRecordComponent") // weights, compared by nobody
  private record Factors(float[] a, float[] b) {}

  /**
   * @param rank of all updates; alpha is twice that
   * @param seed of what starts random
   */
  LowRankUpdates(int rank, long seed) {
    this.rank = rank;
    this.random = new SplittableRandom(seed);
  }

  /**
   * Puts other rows in the place of some.
   *
   * @param weight [rows, columns]
   * @param rows by index, each of so many columns
   */
  void replaceRows(String module, float[] weight, SortedMap<Integer, double[]> rows) {
    requireRoom(module, rows.size());
    int columns = rows.values().iterator().next().length;
    float[] a = new float[rank * columns];
    float[] b = new float[weight.length / columns * rank];
    int used = 0;
    for (Map.Entry<Integer, double[]> row : rows.entrySet()) {
      double[] update = row.getValue().clone();
      for (int i = 0; i < columns; i++) {
        update[i] -= weight[row.getKey() * columns + i];
      }
      double half = half(update);
      for (int i = 0; i < columns; i++) {
        a[used * columns + i] = (float) (update[i] / half);
      }
      b[row.getKey() * rank + used] = (float) (half / SCALE);
      used++;
    }
    put(module, a, used * columns, columns, b);
  }

  /**
   * Adds to some columns.
   *
   * @param width all columns of the matrix
   * @param columns by index, each of as many numbers as the matrix has rows
   */
  void addColumns(String module, int width, SortedMap<Integer, double[]> columns) {
    requireRoom(module, columns.size());
    int height = columns.values().iterator().next().length;
    float[] a = new float[rank * width];
    float[] b = new float[height * rank];
    int used = 0;
    for (Map.Entry<Integer, double[]> column : columns.entrySet()) {
      double half = half(column.getValue());
      a[used * width + column.getKey()] = (float) half;
      for (int row = 0; row < height; row++) {
        b[row * rank + used] = (float) (column.getValue()[row] / half / SCALE);
      }
      used++;
    }
    put(module, a, used * width, width, b);
  }

  /** Another adapter's update, of no higher rank, unless the module has one. */
  void keep(String module, LoraAdapter.Update update) {
    if (updates.containsKey(module)) {
      return;
    }
    requireRoom(module, update.rank());
    float[] a = new float[rank * update.in()];
    update.a().get(a, 0, update.rank() * update.in());
    float[] b = new float[update.out() * rank];
    FloatBuffer from = update.b();
    for (int row = 0; row < update.out(); row++) {
      for (int r = 0; r < update.rank(); r++) {
        b[row * rank + r] = (float) (from.get(row * update.rank() + r) * update.scale() / SCALE);
      }
    }
    put(module, a, update.rank() * update.in(), update.in(), b);
  }

  private void requireRoom(String module, int needed) {
    if (needed > rank) {
      throw new IllegalArgumentException(
          "%s: rank %d is too low for %d".formatted(module, rank, needed));
    }
  }

  /** Both factors get the root of an update's length, so that neither is trained much faster. */
  private static double half(double[] update) {
    double square = 0;
    for (double value : update) {
      square += value * value;
    }
    return Math.max(SMALLEST, Math.sqrt(Math.sqrt(square)));
  }

  private void put(String module, float[] a, int free, int columns, float[] b) {
    double bound = 1 / Math.sqrt(columns);
    for (int i = free; i < a.length; i++) {
      a[i] = (float) ((2 * random.nextDouble() - 1) * bound);
    }
    updates.put(module, new Factors(a, b));
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
    updates.forEach(
        (module, factors) -> {
          long in = factors.a().length / rank;
          long out = factors.b().length / rank;
          tensors.add(tensor(module + ".lora_A.weight", rank, in, factors.a()));
          tensors.add(tensor(module + ".lora_B.weight", out, rank, factors.b()));
        });
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

  private static TensorData tensor(String name, long rows, long columns, float[] values) {
    return TensorData.of(name, DType.F32, List.of(rows, columns), values);
  }
}
