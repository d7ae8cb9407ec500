package io.chasqui.benchmarks.lucene;

import java.io.IOException;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.KnnVectorsReader;
import org.apache.lucene.codecs.KnnVectorsWriter;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.index.SegmentWriteState;

/** One of Lucene's formats beyond the 1,024 dimensions that it allows on its own. */
final class WideVectors extends KnnVectorsFormat {
  private final KnnVectorsFormat format;

  WideVectors(KnnVectorsFormat format) {
    super(format.getName()); // by which the reader is found
    this.format = format;
  }

  @Override
  public KnnVectorsWriter fieldsWriter(SegmentWriteState state) throws IOException {
    return format.fieldsWriter(state);
  }

  @Override
  public KnnVectorsReader fieldsReader(SegmentReadState state) throws IOException {
    return format.fieldsReader(state);
  }

  @Override
  public int getMaxDimensions(String field) {
    return Integer.MAX_VALUE;
  }
}
