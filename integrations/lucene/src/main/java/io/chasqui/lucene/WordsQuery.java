package io.chasqui.lucene;

import io.chasqui.Filter;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.TermToBytesRefAttribute;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.util.BytesRef;

/** Turns a user's text into a bag of words: no syntax, each term as often as it occurs. */
final class WordsQuery {
  private WordsQuery() {}

  static Query of(String text, Filter filter, Analyzer analyzer, IndexReader reader)
      throws IOException {
    BooleanQuery.Builder words = new BooleanQuery.Builder();
    for (Map.Entry<Term, Integer> term : selected(terms(text, analyzer), reader)) {
      Query query = new TermQuery(term.getKey());
      int count = term.getValue();
      words.add(count == 1 ? query : new BoostQuery(query, count), BooleanClause.Occur.SHOULD);
    }
    if (filter.equals(Filter.all())) {
      return words.build();
    }
    return new BooleanQuery.Builder()
        .add(words.build(), BooleanClause.Occur.MUST)
        .add(new MetadataFilterQuery(filter), BooleanClause.Occur.FILTER)
        .build();
  }

  private static Map<Term, Integer> terms(String text, Analyzer analyzer) throws IOException {
    Map<Term, Integer> counts = new LinkedHashMap<>();
    try (TokenStream tokens = analyzer.tokenStream(PassageFields.CONTENTS, text)) {
      TermToBytesRefAttribute term = tokens.getAttribute(TermToBytesRefAttribute.class);
      tokens.reset();
      while (tokens.incrementToken()) {
        BytesRef bytes = BytesRef.deepCopyOf(term.getBytesRef());
        counts.merge(new Term(PassageFields.CONTENTS, bytes), 1, Integer::sum);
      }
      tokens.end();
    }
    return counts;
  }

  /** Lucene takes so many clauses and no more; of a longer text the rarest terms say most. */
  private static List<Map.Entry<Term, Integer>> selected(
      Map<Term, Integer> terms, IndexReader reader) throws IOException {
    int most = IndexSearcher.getMaxClauseCount() - 1; // one is the filter's
    if (terms.size() <= most) {
      return List.copyOf(terms.entrySet());
    }
    Map<Term, Integer> frequency = new LinkedHashMap<>();
    for (Term term : terms.keySet()) {
      int documents = reader.docFreq(term);
      if (documents > 0) {
        frequency.put(term, documents);
      }
    }
    return frequency.entrySet().stream()
        .sorted(
            Map.Entry.<Term, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
        .limit(most)
        .map(entry -> Map.entry(entry.getKey(), terms.getOrDefault(entry.getKey(), 1)))
        .toList();
  }
}
