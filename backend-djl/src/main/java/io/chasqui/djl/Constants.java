package io.chasqui.djl;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.HashMap;
import java.util.Map;

/** Scalars and tables that outlive every step. Confined to one thread. */
final class Constants {
  private final Scope scope;
  private final Map<Double, PtNDArray> scalars = new HashMap<>();

  Constants(Scope scope) {
    this.scope = scope;
  }

  PtNDArray scalar(double value) {
    return scalars.computeIfAbsent(value, scope::scalar);
  }
}
