package io.chasqui.benchmarks.jvector;

import io.chasqui.benchmarks.PeerArguments;
import io.chasqui.benchmarks.graph.GraphData;
import io.chasqui.benchmarks.graph.GraphPeer;
import io.github.jbellis.jvector.disk.ReaderSupplier;
import io.github.jbellis.jvector.disk.ReaderSupplierFactory;
import io.github.jbellis.jvector.graph.GraphIndexBuilder;
import io.github.jbellis.jvector.graph.GraphSearcher;
import io.github.jbellis.jvector.graph.ImmutableGraphIndex;
import io.github.jbellis.jvector.graph.ListRandomAccessVectorValues;
import io.github.jbellis.jvector.graph.RandomAccessVectorValues;
import io.github.jbellis.jvector.graph.SearchResult;
import io.github.jbellis.jvector.graph.disk.OnDiskGraphIndex;
import io.github.jbellis.jvector.graph.similarity.BuildScoreProvider;
import io.github.jbellis.jvector.graph.similarity.DefaultSearchScoreProvider;
import io.github.jbellis.jvector.util.Bits;
import io.github.jbellis.jvector.vector.VectorSimilarityFunction;
import io.github.jbellis.jvector.vector.VectorizationProvider;
import io.github.jbellis.jvector.vector.types.VectorFloat;
import io.github.jbellis.jvector.vector.types.VectorTypeSupport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;

/**
 * JVector's graph, of as many links as the others have on level 0; its vectors lie in the heap,
 * where it is quickest, or in its file.
 */
final class JVectorGraph implements GraphPeer.Library {
  private static final int MAX_DEGREE = 32;
  private static final int BEAM_WIDTH = 200;
  private static final float OVERFLOW = 1.2f;
  private static final float ALPHA = 1.2f;
  private static final VectorTypeSupport VECTORS =
      VectorizationProvider.getInstance().getVectorTypeSupport();
  private static final VectorSimilarityFunction SIMILARITY = VectorSimilarityFunction.DOT_PRODUCT;

  private final PeerArguments arguments;

  private JVectorGraph(PeerArguments arguments) {
    this.arguments = arguments;
  }

  private static RandomAccessVectorValues values(float[][] rows) {
    List<VectorFloat<?>> vectors = new ArrayList<>();
    for (float[] row : rows) {
      vectors.add(VECTORS.createFloatVector(row));
    }
    return new ListRandomAccessVectorValues(vectors, rows[0].length);
  }

  @Override
  public void build(float[][] base, Path cache) throws IOException {
    RandomAccessVectorValues vectors = values(base);
    ForkJoinPool one = new ForkJoinPool(1);
    try (GraphIndexBuilder builder =
        GraphIndexBuilder.builder(
                BuildScoreProvider.randomAccessScoreProvider(vectors, SIMILARITY),
                base[0].length,
                MAX_DEGREE)
            .withBeamWidth(BEAM_WIDTH)
            .withNeighborOverflow(OVERFLOW)
            .withAlpha(ALPHA)
            .withSimdExecutor(one)
            .withParallelExecutor(one)
            .build()) {
      ImmutableGraphIndex built = builder.build(vectors);
      OnDiskGraphIndex.write(built, vectors, cache);
    } finally {
      one.shutdown();
    }
  }

  @Override
  public GraphPeer.Graph open(Path cache) throws IOException {
    ReaderSupplier file = ReaderSupplierFactory.open(cache);
    OnDiskGraphIndex graph = OnDiskGraphIndex.load(file);
    boolean heap = arguments.flag("heap");
    GraphSearcher searcher = new GraphSearcher(graph);
    RandomAccessVectorValues vectors =
        heap
            ? values(new GraphData(arguments.path("data")).base())
            : (RandomAccessVectorValues) searcher.getView();
    return new GraphPeer.Graph() {
      @Override
      public String name() {
        return "JVector 4.0.2, float, vectors in the "
            + (heap ? "heap" : "file")
            + (graph.isHierarchical() ? ", hierarchy, " : ", ")
            + VectorizationProvider.getInstance().getClass().getSimpleName();
      }

      @Override
      public int[] nearest(float[] query, int breadth) {
        VectorFloat<?> asked = VECTORS.createFloatVector(query);
        SearchResult found =
            searcher.search(
                DefaultSearchScoreProvider.exact(asked, SIMILARITY, vectors),
                GraphData.K,
                breadth,
                0f,
                0f,
                Bits.ALL);
        SearchResult.NodeScore[] nodes = found.getNodes();
        int[] rows = new int[nodes.length];
        for (int i = 0; i < rows.length; i++) {
          rows[i] = nodes[i].node;
        }
        return rows;
      }

      @Override
      public void close() throws IOException {
        searcher.close();
        graph.close();
        file.close();
      }
    };
  }

  public static void main(String[] args) throws IOException {
    PeerArguments arguments = PeerArguments.of(args);
    GraphPeer.main(arguments, new JVectorGraph(arguments));
  }
}
