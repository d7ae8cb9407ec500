package io.chasqui.evaluation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The documents that a system returned for one query, best first: by descending score as a {@code
 * double}, equal scores by descending document id in the byte order of UTF-8. That is trec_eval's
 * order, and the opposite of Chasqui's own tie rule, so that figures can be compared. Immutable.
 */
public final class Ranking {
  static final Ranking EMPTY = new Ranking(new String[0], new double[0]);

  private final String[] ids;
  private final double[] scores;

  private Ranking(String[] ids, double[] scores) {
    this.ids = ids;
    this.scores = scores;
  }

  /** Number of documents. */
  public int size() {
    return ids.length;
  }

  /** Id of the document at a place, from 0. */
  public String id(int index) {
    return ids[index];
  }

  /** Score of the document at a place, from 0. */
  public double score(int index) {
    return scores[index];
  }

  /** All ids, best first. */
  public List<String> ids() {
    return List.of(ids);
  }

  @Override
  public String toString() {
    return "Ranking" + ids();
  }

  /** Collects documents in any order and sorts them once. */
  static final class Builder {
    private record Entry(String id, double score) {
      // Not Double.compare: to trec_eval, 0.0 and -0.0 are a tie.
      static final Comparator<Entry> TREC_ORDER =
          (a, b) -> {
            if (a.score != b.score) {
              return a.score > b.score ? -1 : 1;
            }
            return ByteOrder.compare(b.id, a.id);
          };
    }

    private final List<Entry> entries = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();

    /** False, and nothing changes, if the document is there already. */
    boolean add(String id, double score) {
      return seen.add(id) && entries.add(new Entry(id, score));
    }

    Ranking build() {
      List<Entry> sorted = entries.stream().sorted(Entry.TREC_ORDER).toList();
      return new Ranking(
          sorted.stream().map(Entry::id).toArray(String[]::new),
          sorted.stream().mapToDouble(Entry::score).toArray());
    }
  }
}
