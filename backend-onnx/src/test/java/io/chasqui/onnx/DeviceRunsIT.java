package io.chasqui.onnx;

import io.chasqui.Device;
import io.chasqui.ModelSession;
import io.chasqui.checkpoint.ModelBundle;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The runs of {@link CudaEnduranceIT}, fewer of them, on the CPU. */
class DeviceRunsIT {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(OnnxOptions.Batching.class)
  void eightThreadsGetWhatOneGets(OnnxOptions.Batching batching) throws Exception {
    ModelBundle bundle = TestBundles.tiny(directory);
    OnnxOptions options = OnnxOptions.defaults().withBatching(batching);
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu(2), options)) {
      DeviceRuns.runTogether(session, 8, 400, DeviceRuns.expected(bundle), 1e-5f);
    }
  }
}
