package io.chasqui.hnsw;

import io.chasqui.spi.VectorGraphProvider;
import io.chasqui.testkit.VectorGraphContract;

class SeededGraphContractTest implements VectorGraphContract {
  @Override
  public VectorGraphProvider provider() {
    return new SeededGraphProvider();
  }
}
