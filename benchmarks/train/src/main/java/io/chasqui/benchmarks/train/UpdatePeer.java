package io.chasqui.benchmarks.train;

import io.chasqui.benchmarks.Peer;
import io.chasqui.benchmarks.PeerArguments;
import io.chasqui.benchmarks.PeerServer;
import io.chasqui.benchmarks.Vectors;
import io.chasqui.djl.MeasuredUpdates;
import io.chasqui.djl.MemoryUse;
import io.chasqui.djl.UpdateWorkspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Chasqui's training as a peer. Arguments: workspace; memory (a {@link MemoryUse}); block (tokens
 * at once); threads. The workload is a number of updates.
 */
final class UpdatePeer implements Peer {
  private final PeerArguments arguments;
  private final long loaded;
  private final long heap;
  private final MeasuredUpdates updates;

  private UpdatePeer(PeerArguments arguments) throws IOException {
    this.arguments = arguments;
    MeasuredUpdates.startEngine(arguments.number("threads"));
    this.updates =
        MeasuredUpdates.open(
            new UpdateWorkspace(arguments.path("workspace")),
            MemoryUse.valueOf(arguments.text("memory")),
            arguments.number("block"));
    this.loaded = kilobytes("VmRSS");
    this.heap = Runtime.getRuntime().totalMemory();
  }

  public static void main(String[] args) throws IOException {
    PeerArguments arguments = PeerArguments.of(args);
    PeerServer.serve(() -> new UpdatePeer(arguments));
  }

  @Override
  public String describe() {
    return "Chasqui on DJL, "
        + arguments.text("memory")
        + ", blocks of "
        + arguments.text("block")
        + " tokens, Java "
        + Runtime.version().feature();
  }

  @Override
  public void run(String workload) {
    for (int i = 0; i < Integer.parseInt(workload); i++) {
      updates.update();
    }
  }

  /** The losses of the updates, each in a row of its own. */
  @Override
  public void write(String workload, Path file) throws IOException {
    List<float[]> losses = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(workload); i++) {
      losses.add(new float[] {(float) updates.update()});
    }
    Vectors.write(file, losses);
  }

  /** The peak is that beside the Java heap, whose growth since the model was loaded is left out. */
  @Override
  public Map<String, Double> measure(String what) throws IOException {
    if (!what.equals("memory")) {
      throw new IllegalArgumentException("nothing to measure by the name " + what);
    }
    return Map.of(
        "peak",
        (kilobytes("VmHWM") - loaded) * 1024.0 - (Runtime.getRuntime().totalMemory() - heap),
        "estimate",
        (double) updates.estimatedBytes());
  }

  /** On Linux. */
  private static long kilobytes(String field) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(field + ":")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("no " + field);
  }

  @Override
  public void close() {
    updates.close();
  }
}
