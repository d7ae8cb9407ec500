package io.chasqui.benchmarks.graph;

import com.github.jelmerk.hnswlib.core.DistanceFunctions;
import com.github.jelmerk.hnswlib.core.Item;
import com.github.jelmerk.hnswlib.core.SearchResult;
import com.github.jelmerk.hnswlib.core.hnsw.HnswIndex;
import io.chasqui.benchmarks.PeerArguments;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** jelmerk's hnswlib as it comes: its own distance, its own search. */
final class JelmerkGraph implements GraphPeer.Library {
  @SuppressWarnings("ArrayRecordComponent") // what the library takes for a vector
  private record Row(Integer id, float[] vector) implements Item<Integer, float[]> {
    private static final long serialVersionUID = 1L;

    @Override
    public int dimensions() {
      return vector.length;
    }
  }

  @Override
  public void build(float[][] base, Path cache) throws IOException {
    HnswIndex<Integer, float[], Row, Float> index =
        HnswIndex.<float[], Float>newBuilder(
                base[0].length, DistanceFunctions.FLOAT_INNER_PRODUCT, base.length)
            .withM(16)
            .withEfConstruction(200)
            .build();
    for (int row = 0; row < base.length; row++) {
      index.add(new Row(row, base[row]));
    }
    index.save(cache.toFile());
  }

  @Override
  public GraphPeer.Graph open(Path cache) throws IOException {
    HnswIndex<Integer, float[], Row, Float> index = HnswIndex.load(cache.toFile());
    return new GraphPeer.Graph() {
      @Override
      public String name() {
        return "jelmerk hnswlib 1.2.1";
      }

      @Override
      public int[] nearest(float[] query, int breadth) {
        index.setEf(breadth);
        List<SearchResult<Row, Float>> found = index.findNearest(query, GraphData.K);
        return found.stream().mapToInt(hit -> hit.item().id()).toArray();
      }

      @Override
      public void close() {}
    };
  }

  public static void main(String[] args) throws IOException {
    PeerArguments arguments = PeerArguments.of(args);
    GraphPeer.main(arguments, new JelmerkGraph());
  }
}
