package io.chasqui.benchmarks.graph;

import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Passage;
import io.chasqui.benchmarks.PeerArguments;
import io.chasqui.index.ElementType;
import io.chasqui.index.IndexOptions;
import io.chasqui.index.OpenedIndex;
import io.chasqui.index.PassageIndex;
import io.chasqui.spi.GraphOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** An index of ours, to the ids of the nearest passages. */
final class ChasquiGraph implements GraphPeer.Library {
  private final String graph;
  private final ElementType elements;

  private ChasquiGraph(String graph, ElementType elements) {
    this.graph = graph;
    this.elements = elements;
  }

  @Override
  public void build(float[][] base, Path cache) throws IOException {
    IndexOptions options =
        IndexOptions.defaults()
            .withGraph(graph)
            .withElements(elements)
            .withGraphOptions(GraphOptions.defaults().withThreads(1));
    EmbeddingSpace space = EmbeddingSpace.named("benchmark", base[0].length);
    try (PassageIndex index = PassageIndex.create(cache, space, options)) {
      for (int row = 0; row < base.length; row++) {
        // Ordinals are in order of id.
        index.add(
            List.of(Passage.of(String.format("%08d", row), "")),
            Embeddings.of(base[row].length, base[row]));
      }
      index.commit();
    }
  }

  @Override
  public GraphPeer.Graph open(Path cache) throws IOException {
    OpenedIndex opened = OpenedIndex.open(cache);
    return new GraphPeer.Graph() {
      @Override
      public String name() {
        return "Chasqui " + graph + " " + elements;
      }

      @Override
      public int[] nearest(float[] query, int breadth) {
        return opened.nearest(query, GraphData.K, breadth).stream()
            .mapToInt(Integer::parseInt)
            .toArray();
      }

      @Override
      public void close() {}
    };
  }

  public static void main(String[] args) throws IOException {
    PeerArguments arguments = PeerArguments.of(args);
    ChasquiGraph library =
        new ChasquiGraph(arguments.text("graph"), ElementType.valueOf(arguments.text("elements")));
    GraphPeer.main(arguments, library);
  }
}
