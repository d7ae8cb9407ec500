package io.chasqui.testkit;

import io.chasqui.spi.VectorGraphProvider;

class VectorGraphContractTest implements VectorGraphContract {
  @Override
  public VectorGraphProvider provider() {
    return new ExactGraphs();
  }
}
