package io.chasqui.benchmarks.jmh;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.chasqui.checkpoint.JsonTokenizer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
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

/** One text through our tokenizer, and through the library below it on the file as it is. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TokenizingBenchmark {
  /** Words of a text. */
  @Param({"10", "150"})
  public int words;

  private List<String> texts = List.of();
  private int next;
  private JsonTokenizer ours;
  private HuggingFaceTokenizer library;

  /** Opens both. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    texts = Texts.of(256, words);
    ours = JsonTokenizer.open(Texts.model());
    library =
        HuggingFaceTokenizer.newInstance(
            Texts.model().resolve("tokenizer.json"),
            Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false"));
  }

  /** Closes both. */
  @TearDown(Level.Trial)
  public void close() {
    ours.close();
    library.close();
  }

  private String text() {
    next = (next + 1) % texts.size();
    return texts.get(next);
  }

  /** Ids and places, special tokens out of reach. */
  @Benchmark
  public Object chasqui() {
    return ours.tokenize(text());
  }

  /** As an encoder asks for a passage: the first 512 tokens. */
  @Benchmark
  public Object chasquiLimited() {
    return ours.tokenize(text(), 512);
  }

  /** Without our checks, cuts and places. */
  @Benchmark
  public Object djl() {
    return library.encode(text(), false, false).getIds();
  }
}
