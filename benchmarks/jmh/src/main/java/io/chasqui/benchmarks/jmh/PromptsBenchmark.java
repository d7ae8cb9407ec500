package io.chasqui.benchmarks.jmh;

import io.chasqui.Passage;
import io.chasqui.checkpoint.JsonTokenizer;
import io.chasqui.checkpoint.PreparedInput;
import io.chasqui.checkpoint.Presets;
import io.chasqui.checkpoint.PromptEncoder;
import java.io.IOException;
import java.util.List;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** The prompts of 24 candidates of one query: with one prefix for all, and pair by pair. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PromptsBenchmark {
  private static final int CANDIDATES = 24;

  /** Words of the query. */
  @Param({"8", "60"})
  public int queryWords;

  private String query = "";
  private List<Passage> passages = List.of();
  private JsonTokenizer tokenizer;
  private PromptEncoder scorer;
  private PromptEncoder encoder;

  /** Opens the tokenizer. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    query = Texts.of(1, queryWords).get(0);
    passages = Texts.passages(CANDIDATES, 100);
    tokenizer = JsonTokenizer.open(Texts.model());
    scorer = PromptEncoder.of(tokenizer, Presets.named("rankllama-v1"));
    encoder = PromptEncoder.of(tokenizer, Presets.named("repllama-v1"));
  }

  /** Closes it. */
  @TearDown(Level.Trial)
  public void close() {
    tokenizer.close();
  }

  /** As a scorer does it: the query is tokenized once. */
  @Benchmark
  public List<PreparedInput> pairsOfOneQuery() {
    return scorer.pairs(query, passages);
  }

  /** One call a pair. */
  @Benchmark
  public void pairByPair(Blackhole blackhole) {
    for (Passage passage : passages) {
      blackhole.consume(scorer.pair(query, passage));
    }
  }

  /** The same passages as an encoder's. */
  @Benchmark
  public List<PreparedInput> passages() {
    return encoder.passages(passages);
  }
}
