package io.chasqui.lucene;

import io.chasqui.Filter;
import java.io.IOException;
import org.apache.lucene.index.BinaryDocValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.ConstantScoreScorer;
import org.apache.lucene.search.ConstantScoreWeight;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.TwoPhaseIterator;
import org.apache.lucene.search.Weight;
import org.jspecify.annotations.Nullable;

/**
 * Documents whose metadata a {@link Filter} accepts: the filter itself decides, so that Lucene
 * agrees with every other retriever. Asked only about documents that match the words.
 */
final class MetadataFilterQuery extends Query {
  /** About what decoding one document's metadata costs, in Lucene's unit: simple operations. */
  private static final float COST = 1_000;

  private final Filter filter;

  MetadataFilterQuery(Filter filter) {
    this.filter = filter;
  }

  @Override
  public Weight createWeight(IndexSearcher searcher, ScoreMode mode, float boost) {
    return new ConstantScoreWeight(this, boost) {
      @Override
      public @Nullable Scorer scorer(LeafReaderContext leaf) throws IOException {
        BinaryDocValues metadata = leaf.reader().getBinaryDocValues(PassageFields.METADATA);
        if (metadata == null) {
          return null; // Lucene's sign for "no document of this segment"
        }
        DocIdSetIterator all = DocIdSetIterator.all(leaf.reader().maxDoc());
        TwoPhaseIterator decide =
            new TwoPhaseIterator(all) {
              @Override
              public boolean matches() throws IOException {
                return metadata.advanceExact(approximation().docID())
                    && filter.matches(MetadataCodec.decode(metadata.binaryValue()));
              }

              @Override
              public float matchCost() {
                return COST;
              }
            };
        return new ConstantScoreScorer(this, score(), mode, decide);
      }

      @Override
      public boolean isCacheable(LeafReaderContext leaf) {
        return true;
      }
    };
  }

  @Override
  public void visit(QueryVisitor visitor) {
    visitor.visitLeaf(this);
  }

  @Override
  public String toString(String field) {
    return "metadata:" + filter;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof MetadataFilterQuery query && filter.equals(query.filter);
  }

  @Override
  public int hashCode() {
    return filter.hashCode();
  }
}
