package io.chasqui.index;

import io.chasqui.NoBackendException;
import io.chasqui.spi.VectorGraphProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** Finds the graph provider that an index names. */
final class Graphs {
  private Graphs() {}

  /**
   * The provider of this name; empty for the name "", which asks for exact search.
   *
   * @throws NoBackendException if there is none, saying what to add
   */
  static Optional<VectorGraphProvider> find(String name) {
    if (name.isEmpty()) {
      return Optional.empty();
    }
    List<String> found = new ArrayList<>();
    try {
      for (VectorGraphProvider provider : ServiceLoader.load(VectorGraphProvider.class)) {
        if (provider.name().equals(name)) {
          return Optional.of(provider);
        }
        found.add(provider.name());
      }
    } catch (ServiceConfigurationError e) {
      throw new NoBackendException("a graph provider on the class path can't be loaded", e);
    }
    throw new NoBackendException(
        "no provider of graph \""
            + name
            + "\" on the class path (found: "
            + found
            + "); add "
            + (name.equals(IndexOptions.DEFAULT_GRAPH)
                ? "io.chasqui:chasqui-index-hnsw"
                : "the artifact that brings it")
            + ", or create the index with IndexOptions.exact()");
  }
}
