package io.chasqui.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A peer that burns CPU time for "work", fails for "fail" and ends the JVM for "die". */
final class EchoPeer implements Peer {
  private final float scale;

  EchoPeer(float scale) {
    this.scale = scale;
  }

  public static void main(String[] args) throws IOException {
    PeerServer.serve(
        () -> {
          System.out.println("libraries print here"); // must not reach the protocol
          if (args[0].equals("broken")) {
            throw new IllegalStateException("broken\non purpose");
          }
          return new EchoPeer(Float.parseFloat(args[0]));
        });
  }

  @Override
  public String describe() {
    return "echo " + scale;
  }

  @Override
  public void run(String workload) {
    switch (workload) {
      case "work", "narrow" -> burn(0.05);
      case "die" -> Runtime.getRuntime().halt(3);
      default -> throw new IllegalArgumentException("no workload " + workload);
    }
  }

  private static void burn(double seconds) {
    long start = System.nanoTime();
    while (System.nanoTime() - start < seconds * 1e9) {
      Thread.onSpinWait();
    }
  }

  @Override
  public void write(String workload, Path file) throws IOException {
    List<float[]> rows = List.of(new float[] {scale, 2}, new float[] {3, 4});
    Vectors.write(file, workload.equals("narrow") ? List.of(new float[] {scale}) : rows);
  }

  @Override
  public Map<String, Double> measure(String what) {
    if (!what.equals("scale")) {
      throw new IllegalArgumentException("cannot measure " + what);
    }
    return Map.of("value", (double) scale);
  }

  @Override
  public void close() {}
}
