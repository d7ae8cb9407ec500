package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class PyTorchIT {
  @Test
  void startsWithoutNetwork() {
    assertEquals("2.7.1", PyTorch.engine().getVersion());
    assertEquals("true", System.getProperty("ai.djl.offline"));
    assertEquals("true", System.getProperty("OPT_OUT_TRACKING"));
  }
}
