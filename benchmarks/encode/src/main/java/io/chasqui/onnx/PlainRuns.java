package io.chasqui.onnx;

import io.chasqui.Deadline;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Role;
import io.chasqui.spi.TokenBatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Our own graph in one native session without scheduler: each call of {@link #run} is one call of
 * ONNX Runtime by the caller's thread.
 */
public final class PlainRuns implements AutoCloseable {
  private final OnnxModelRunner runner;

  private PlainRuns(OnnxModelRunner runner) {
    this.runner = runner;
  }

  /**
   * Loads a bundle with all of its roles.
   *
   * @param threads within a call
   * @param prepacking whether weights are copied into the kernels' layout, ONNX Runtime's default
   */
  public static PlainRuns load(ModelBundle bundle, int threads, boolean prepacking)
      throws IOException {
    List<ServedRole> roles = new ArrayList<>();
    for (Role role : bundle.roles().values()) {
      roles.add(new ServedRole(role, bundle.adapter(role.name())));
    }
    return new PlainRuns(
        OnnxModelRunner.load(
            bundle.config(),
            bundle.weights(),
            roles,
            RunnerOptions.defaults().withIntraOpThreads(threads).withPrepacking(prepacking)));
  }

  /** One call: a row of floats for each row of ids. */
  public List<float[]> run(String role, List<int[]> ids) {
    float[] output = runner.run(new TokenBatch(role, ids, 0), Deadline.none());
    int width = output.length / ids.size();
    List<float[]> rows = new ArrayList<>();
    for (int row = 0; row < ids.size(); row++) {
      float[] values = new float[width];
      System.arraycopy(output, row * width, values, 0, width);
      rows.add(values);
    }
    return rows;
  }

  @Override
  public void close() {
    runner.close();
  }
}
