package io.chasqui.djl;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
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

  private static void setIfUnset(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
