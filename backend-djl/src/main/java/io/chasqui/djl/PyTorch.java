package io.chasqui.djl;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import io.chasqui.Device;
import io.chasqui.NoBackendException;

/** DJL's PyTorch engine, kept from the network. */
final class PyTorch {
  private static final String NAME = "PyTorch";

  private PyTorch() {}

  /**
   * The engine, loaded on first use.
   *
   * @throws NoBackendException if its native library is not there
   */
  static Engine engine() {
    // DJL asks a metadata service and may download a library unless told before its first use.
    setIfUnset("ai.djl.offline", "true");
    setIfUnset("OPT_OUT_TRACKING", "true");
    try {
      return Engine.getEngine(NAME);
    } catch (LinkageError | EngineException | IllegalArgumentException | IllegalStateException e) {
      throw new NoBackendException(
          "PyTorch's native library can't be loaded on "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + ": "
              + e.getMessage()
              + "; ai.djl.pytorch:pytorch-native-cpu:2.7.1 has it for the classifiers"
              + " linux-x86_64, linux-aarch64, osx-aarch64 and win-x86_64",
          e);
    }
  }

  /**
   * A device as DJL names it.
   *
   * @throws NoBackendException if CUDA was asked for and these natives have none; there is no
   *     silent fall-back
   */
  static ai.djl.Device device(Device wish) {
    int found = engine().getGpuCount();
    if (wish instanceof Device.Cuda cuda) {
      if (cuda.ordinals().size() > 1) {
        throw new NoBackendException(
            "training runs on one CUDA device, but " + cuda.ordinals() + " were asked for");
      }
      int ordinal = cuda.ordinals().get(0);
      if (ordinal >= found) {
        throw new NoBackendException(
            "CUDA device %d was asked for, but PyTorch %s sees %d; pytorch-native-cpu has no CUDA: give a CUDA build's directory in PYTORCH_LIBRARY_PATH"
                .formatted(ordinal, engine().getVersion(), found));
      }
      return ai.djl.Device.gpu(ordinal);
    }
    return wish instanceof Device.Auto && found > 0 ? ai.djl.Device.gpu(0) : ai.djl.Device.cpu();
  }

  private static void setIfUnset(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
