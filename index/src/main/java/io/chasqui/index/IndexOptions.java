package io.chasqui.index;

import io.chasqui.spi.GraphOptions;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * How an index is laid out; written into its manifest when it is created. Immutable.
 *
 * @param graph name of the {@link io.chasqui.spi.VectorGraphProvider} that larger segments are
 *     searched with; "" for exact search only
 * @param graphOptions how graphs are built and, unless they say otherwise, searched
 * @param graphFrom segments of fewer vectors get no graph: they are searched exactly, which is
 *     faster there
 * @param elements how the numbers of vectors are stored
 * @param userMetadata what the application wants to know of its index
 */
public record IndexOptions(
    String graph,
    GraphOptions graphOptions,
    int graphFrom,
    ElementType elements,
    Map<String, String> userMetadata) {
  /** The graph that {@code chasqui-index-hnsw} brings. */
  public static final String DEFAULT_GRAPH = "jelmerk-hnsw";

  private static final int DEFAULT_GRAPH_FROM = 2_000;

  public IndexOptions {
    Objects.requireNonNull(graph, "graph");
    Objects.requireNonNull(graphOptions, "graphOptions");
    Objects.requireNonNull(elements, "elements");
    if (graphFrom < 1) {
      throw new IllegalArgumentException("graphFrom must be positive: " + graphFrom);
    }
    userMetadata = Collections.unmodifiableMap(new TreeMap<>(userMetadata));
  }

  /** A {@value #DEFAULT_GRAPH} graph for segments of at least 2,000 vectors. */
  public static IndexOptions defaults() {
    return new IndexOptions(
        DEFAULT_GRAPH, GraphOptions.defaults(), DEFAULT_GRAPH_FROM, ElementType.FLOAT32, Map.of());
  }

  /** No graph: each search compares with every vector. */
  public static IndexOptions exact() {
    return defaults().withGraph("");
  }

  public IndexOptions withGraph(String graph) {
    return new IndexOptions(graph, graphOptions, graphFrom, elements, userMetadata);
  }

  public IndexOptions withGraphOptions(GraphOptions graphOptions) {
    return new IndexOptions(graph, graphOptions, graphFrom, elements, userMetadata);
  }

  public IndexOptions withGraphFrom(int graphFrom) {
    return new IndexOptions(graph, graphOptions, graphFrom, elements, userMetadata);
  }

  public IndexOptions withElements(ElementType elements) {
    return new IndexOptions(graph, graphOptions, graphFrom, elements, userMetadata);
  }

  public IndexOptions withUserMetadata(Map<String, String> userMetadata) {
    return new IndexOptions(graph, graphOptions, graphFrom, elements, userMetadata);
  }
}
