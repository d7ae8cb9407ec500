package io.chasqui.benchmarks.jmh;

import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.SafetensorsFile;
import io.chasqui.checkpoint.SafetensorsWriter;
import io.chasqui.checkpoint.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

/** Opening a file of many tensors (mapped, not read), and widening one of 16 bits. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SafetensorsBenchmark {
  private static final int SIDE = 256;

  /** Tensors of the file; a 7B Llama has 291. */
  @Param({"291", "5000"})
  public int tensors;

  private Path file = Path.of("");
  private SafetensorsFile open;

  /** Writes the file. */
  @Setup(Level.Trial)
  public void write() throws IOException {
    file = Files.createTempFile("jmh", ".safetensors");
    Files.delete(file);
    List<TensorData> data = new ArrayList<>();
    data.add(
        TensorData.of(
            "wide", DType.F16, List.of((long) SIDE, (long) SIDE), new float[SIDE * SIDE]));
    for (int i = 1; i < tensors; i++) {
      String name = "model.layers." + i / 9 + ".self_attn.q_proj.weight." + i;
      data.add(TensorData.of(name, DType.F32, List.of(2L, 2L), new float[4]));
    }
    SafetensorsWriter.write(file, data);
    open = SafetensorsFile.read(file);
  }

  /** Deletes it. */
  @TearDown(Level.Trial)
  public void delete() throws IOException {
    Files.delete(file);
  }

  /** Header parsed and checked, data mapped. */
  @Benchmark
  public SafetensorsFile read() throws IOException {
    return SafetensorsFile.read(file);
  }

  /** 65,536 floats out of fp16. */
  @Benchmark
  public float[] widen() {
    return open.floats("wide");
  }
}
