package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.LoraAdapters;
import io.chasqui.checkpoint.ModelConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LowRankUpdatesTest {
  private static final int HIDDEN = 16;
  private static final int RANK = 3;
  private static final String Q = "layers.0.self_attn.q_proj";
  private static final String O = "layers.0.self_attn.o_proj";
  private static final String GATE = "layers.0.mlp.gate_proj";

  @TempDir Path scratch;

  private final Random random = new Random(8);

  private float[] matrix(int values) {
    float[] matrix = new float[values];
    for (int i = 0; i < values; i++) {
      matrix[i] = (float) random.nextGaussian();
    }
    return matrix;
  }

  private double[] numbers(int count) {
    return random.doubles(count, -5, 5).toArray();
  }

  /** The adapter as the library reads it. */
  private LoraAdapter read(LowRankUpdates updates) throws IOException {
    Path base = Files.createDirectories(scratch.resolve("base"));
    new BaseShape(1, HIDDEN, 300).writeConfig(base, 300);
    Path adapter = Files.createDirectories(scratch.resolve("adapter"));
    updates.write(adapter, "base", new float[HIDDEN]);
    return LoraAdapters.read(adapter, ModelConfig.read(base));
  }

  private static double[] added(LoraAdapter adapter, String module) {
    LoraAdapter.Update update = Objects.requireNonNull(adapter.modules().get(module), module);
    double[] sum = new double[update.out() * update.in()];
    FloatBuffer a = update.a();
    FloatBuffer b = update.b();
    for (int row = 0; row < update.out(); row++) {
      for (int column = 0; column < update.in(); column++) {
        for (int r = 0; r < update.rank(); r++) {
          sum[row * update.in() + column] +=
              update.scale() * b.get(row * update.rank() + r) * a.get(r * update.in() + column);
        }
      }
    }
    return sum;
  }

  @Test
  void rowsAreReplacedAndOthersStay() throws IOException {
    float[] weight = matrix(HIDDEN * HIDDEN);
    TreeMap<Integer, double[]> rows = new TreeMap<>();
    rows.put(2, numbers(HIDDEN));
    rows.put(11, numbers(HIDDEN));
    LowRankUpdates updates = new LowRankUpdates(RANK, 1);
    updates.replaceRows(Q, weight, rows);
    double[] expected = new double[weight.length];
    rows.forEach(
        (row, values) -> {
          for (int i = 0; i < HIDDEN; i++) {
            expected[row * HIDDEN + i] = values[i] - weight[row * HIDDEN + i];
          }
        });
    assertArrayEquals(expected, added(read(updates), Q), 1e-5);
  }

  @Test
  void columnsGetWhatIsAdded() throws IOException {
    TreeMap<Integer, double[]> columns = new TreeMap<>();
    columns.put(0, numbers(HIDDEN));
    columns.put(7, numbers(HIDDEN));
    columns.put(15, numbers(HIDDEN));
    LowRankUpdates updates = new LowRankUpdates(RANK, 1);
    updates.addColumns(O, HIDDEN, columns);
    double[] expected = new double[HIDDEN * HIDDEN];
    columns.forEach(
        (column, values) -> {
          for (int row = 0; row < HIDDEN; row++) {
            expected[row * HIDDEN + column] = values[row];
          }
        });
    assertArrayEquals(expected, added(read(updates), O), 1e-5);
  }

  @Test
  void anothersUpdateIsKeptUnlessTheModuleHasOne() throws IOException {
    int units = 48;
    LoraAdapter.Update other =
        new LoraAdapter.Update(2, 0.5, buffer(matrix(2 * HIDDEN)), buffer(matrix(units * 2)));
    TreeMap<Integer, double[]> row = new TreeMap<>();
    row.put(4, new double[HIDDEN]);
    LowRankUpdates updates = new LowRankUpdates(RANK, 1);
    updates.replaceRows(Q, new float[HIDDEN * HIDDEN], row);
    updates.keep(Q, other);
    updates.keep(GATE, other);
    LoraAdapter read = read(updates);
    assertArrayEquals(new double[HIDDEN * HIDDEN], added(read, Q), 1e-6);
    TreeMap<String, LoraAdapter.Update> alone = new TreeMap<>();
    alone.put(GATE, other);
    double[] expected = added(new LoraAdapter("SEQ_CLS", alone, Map.of()), GATE);
    assertArrayEquals(expected, added(read, GATE), 1e-5);
  }

  private static FloatBuffer buffer(float[] values) {
    FloatBuffer buffer =
        ByteBuffer.allocateDirect(4 * values.length).order(ByteOrder.nativeOrder()).asFloatBuffer();
    return buffer.put(values).flip();
  }

  @Test
  void moreThanTheRankHoldsIsRefused() {
    TreeMap<Integer, double[]> rows = new TreeMap<>();
    for (int i = 0; i <= RANK; i++) {
      rows.put(i, new double[HIDDEN]);
    }
    LowRankUpdates updates = new LowRankUpdates(RANK, 1);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> updates.replaceRows(Q, new float[HIDDEN * HIDDEN], rows));
    assertEquals(Q + ": rank 3 is too low for 4", e.getMessage());
  }
}
