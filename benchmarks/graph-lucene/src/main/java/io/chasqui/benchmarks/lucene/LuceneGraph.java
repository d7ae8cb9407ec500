package io.chasqui.benchmarks.lucene;

import io.chasqui.benchmarks.PeerArguments;
import io.chasqui.benchmarks.graph.GraphData;
import io.chasqui.benchmarks.graph.GraphPeer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.codecs.lucene104.Lucene104HnswScalarQuantizedVectorsFormat;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.Version;
import org.apache.lucene.util.quantization.QuantizedByteVectorValues.ScalarEncoding;

/**
 * Lucene's HNSW in one segment, of floats or of quantised numbers whose best candidates are scored
 * again by the floats.
 */
final class LuceneGraph implements GraphPeer.Library {
  private static final String FIELD = "v";

  private final boolean quantised;

  private LuceneGraph(boolean quantised) {
    this.quantised = quantised;
  }

  @Override
  public void build(float[][] base, Path cache) throws IOException {
    KnnVectorsFormat format =
        quantised
            ? new Lucene104HnswScalarQuantizedVectorsFormat(ScalarEncoding.SEVEN_BIT, 16, 200)
            : new Lucene99HnswVectorsFormat(16, 200);
    IndexWriterConfig config =
        new IndexWriterConfig()
            .setRAMBufferSizeMB(1900)
            .setUseCompoundFile(false)
            .setMergeScheduler(new SerialMergeScheduler())
            .setCodec(
                new Lucene104Codec() {
                  @Override
                  public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
                    return new WideVectors(format);
                  }
                });
    try (MMapDirectory directory = new MMapDirectory(cache);
        IndexWriter writer = new IndexWriter(directory, config)) {
      for (float[] row : base) {
        Document document = new Document();
        document.add(new KnnFloatVectorField(FIELD, row, VectorSimilarityFunction.DOT_PRODUCT));
        writer.addDocument(document);
      }
      writer.forceMerge(1);
      writer.commit();
    }
  }

  @Override
  public GraphPeer.Graph open(Path cache) throws IOException {
    MMapDirectory directory = new MMapDirectory(cache);
    DirectoryReader reader = DirectoryReader.open(directory);
    IndexSearcher searcher = new IndexSearcher(reader);
    return new GraphPeer.Graph() {
      @Override
      public String name() {
        return "Lucene " + Version.LATEST + (quantised ? ", 7 bit" : ", float");
      }

      @Override
      public int[] nearest(float[] query, int breadth) throws IOException {
        ScoreDoc[] found =
            searcher.search(new KnnFloatVectorQuery(FIELD, query, breadth), breadth).scoreDocs;
        return quantised ? rescored(reader, found, query) : first(found);
      }

      @Override
      public void close() throws IOException {
        reader.close();
        directory.close();
      }
    };
  }

  private static int[] first(ScoreDoc[] found) {
    int[] rows = new int[Math.min(GraphData.K, found.length)];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = found[i].doc;
    }
    return rows;
  }

  /** The best 30 of the list by their floats. */
  private static int[] rescored(DirectoryReader reader, ScoreDoc[] found, float[] query)
      throws IOException {
    var vectors = reader.leaves().get(0).reader().getFloatVectorValues(FIELD);
    ScoreDoc[] best = new ScoreDoc[Math.min(3 * GraphData.K, found.length)];
    for (int i = 0; i < best.length; i++) {
      float score =
          VectorSimilarityFunction.DOT_PRODUCT.compare(query, vectors.vectorValue(found[i].doc));
      best[i] = new ScoreDoc(found[i].doc, score);
    }
    Arrays.sort(best, (a, b) -> Float.compare(b.score, a.score));
    return first(best);
  }

  public static void main(String[] args) throws IOException {
    PeerArguments arguments = PeerArguments.of(args);
    boolean quantised = arguments.flag("quantised");
    GraphPeer.main(arguments, new LuceneGraph(quantised));
  }
}
