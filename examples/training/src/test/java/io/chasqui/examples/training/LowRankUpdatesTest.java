package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
  void productsAreAddedUp() throws IOException {
    LowRankUpdates updates = new LowRankUpdates(RANK, 1);
    double[] expected = new double[HIDDEN * HIDDEN];
    for (int i = 0; i < 2; i++) {
      double[] out = numbers(HIDDEN);
      double[] in = numbers(HIDDEN);
      updates.add(Q, out, in);
      for (int j = 0; j < expected.length; j++) {
        expected[j] += out[j / HIDDEN] * in[j % HIDDEN];
      }
    }
    assertArrayEquals(expected, added(read(updates), Q), 1e-4);
  }

  @Test
  void bothFactorsOfAProductAreOfTheSameLengthButForTheScale() throws IOException {
    LowRankUpdates updates = new LowRankUpdates(1, 1);
    double[] out = new double[HIDDEN];
    double[] in = new double[HIDDEN];
    out[3] = 1e4;
    in[5] = 1e-2;
    updates.add(Q, out, in);
    LoraAdapter.Update update = Objects.requireNonNull(read(updates).modules().get(Q));
    assertEquals(10, update.a().get(5), 1e-4);
    assertEquals(10, update.scale() * update.b().get(3), 1e-4);
  }

  @Test
  void anothersUpdateIsKeptBesidesButForRowsAndColumnsFromSomeOn() throws IOException {
    int units = 48;
    LoraAdapter.Update other =
        new LoraAdapter.Update(2, 0.5, buffer(matrix(2 * HIDDEN)), buffer(matrix(units * 2)));
    TreeMap<String, LoraAdapter.Update> alone = new TreeMap<>();
    alone.put(GATE, other);
    double[] expected = added(new LoraAdapter("SEQ_CLS", alone, Map.of()), GATE);
    double[] out = numbers(units);
    double[] in = numbers(HIDDEN);
    for (int row = 0; row < units; row++) {
      for (int column = 0; column < HIDDEN; column++) {
        int i = row * HIDDEN + column;
        expected[i] = (row < 40 && column < 9 ? expected[i] : 0) + out[row] * in[column];
      }
    }
    LowRankUpdates updates = new LowRankUpdates(RANK, 1);
    updates.keep(GATE, other, 40, 9);
    updates.add(GATE, out, in);
    assertArrayEquals(expected, added(read(updates), GATE), 1e-4);
  }

  @Test
  void whatIsLeftOfTheRankStartsAsPeftStartsIt() throws IOException {
    LowRankUpdates updates = new LowRankUpdates(RANK, 1);
    updates.add(Q, numbers(HIDDEN), numbers(HIDDEN));
    LoraAdapter.Update update = Objects.requireNonNull(read(updates).modules().get(Q));
    for (int i = 0; i < HIDDEN; i++) {
      assertEquals(0, update.b().get(i * RANK + 1));
      float a = update.a().get(HIDDEN + i);
      assertTrue(a != 0 && Math.abs(a) <= 0.25, "" + a);
    }
  }

  private static FloatBuffer buffer(float[] values) {
    FloatBuffer buffer =
        ByteBuffer.allocateDirect(4 * values.length).order(ByteOrder.nativeOrder()).asFloatBuffer();
    return buffer.put(values).flip();
  }

  @Test
  void moreThanTheRankHoldsIsRefused() {
    LowRankUpdates updates = new LowRankUpdates(RANK, 1);
    for (int i = 0; i < RANK; i++) {
      updates.add(Q, numbers(HIDDEN), numbers(HIDDEN));
    }
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> updates.add(Q, numbers(HIDDEN), numbers(HIDDEN)));
    assertEquals(
        "layers.0.self_attn.q_proj: rank 3 is too low for what is put into it", e.getMessage());
  }
}
