package io.chasqui.benchmarks.encode;

import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.onnx.PlainRuns;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Our graph. It packs tokens, so a padded batch costs what padding costs only if padding is made of
 * tokens; the results of such a call are worthless.
 */
final class OurModel implements RawModel {
  private final PlainRuns runs;

  OurModel(ModelBundle bundle, int threads, boolean prepacking) throws IOException {
    runs = PlainRuns.load(bundle, threads, prepacking);
  }

  @Override
  public List<float[]> run(String role, List<int[]> ids) {
    int longest = ids.stream().mapToInt(row -> row.length).max().orElseThrow();
    return runs.run(role, ids.stream().map(row -> Arrays.copyOf(row, longest)).toList());
  }

  @Override
  public List<float[]> results(String role, List<int[]> ids) {
    return runs.run(role, ids);
  }

  @Override
  public void close() {
    runs.close();
  }
}
