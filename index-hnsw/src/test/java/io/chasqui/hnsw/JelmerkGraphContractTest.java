package io.chasqui.hnsw;

import io.chasqui.spi.VectorGraphProvider;
import io.chasqui.testkit.VectorGraphContract;

class JelmerkGraphContractTest implements VectorGraphContract {
  @Override
  public VectorGraphProvider provider() {
    return new JelmerkGraphProvider();
  }
}
