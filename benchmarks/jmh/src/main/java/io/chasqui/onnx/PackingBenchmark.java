package io.chasqui.onnx;

import io.chasqui.checkpoint.Presets;
import io.chasqui.checkpoint.Role;
import io.chasqui.spi.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The indices that the graph reads, of a batch of 63 to 255 tokens a row. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PackingBenchmark {
  private static final int PREFIX = 33;

  /** Rows of the batch. */
  @Param({"1", "16"})
  public int rows;

  private TokenBatch apart;
  private TokenBatch shared;
  private Role encoder;
  private Role scorer;

  /** Makes the rows. */
  @Setup(Level.Trial)
  public void make() {
    Random random = new Random(1);
    List<int[]> ids = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      int[] each = random.ints(63 + random.nextInt(193), 3, 8000).toArray();
      Arrays.setAll(each, i -> i < PREFIX ? i : each[i]);
      ids.add(each);
    }
    encoder = Presets.named("repllama-v1");
    scorer = Presets.named("rankllama-v1");
    apart = new TokenBatch(encoder.name(), ids, 0);
    shared = new TokenBatch(scorer.name(), ids, PREFIX);
  }

  /** Passages. */
  @Benchmark
  public Object passages() {
    return new PackedBatch(apart, encoder, Integer.MAX_VALUE);
  }

  /** Candidates of one query, of which 33 tokens are there once. */
  @Benchmark
  public Object candidates() {
    return new PackedBatch(shared, scorer, Integer.MAX_VALUE);
  }
}
