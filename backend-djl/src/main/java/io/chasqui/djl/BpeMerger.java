package io.chasqui.djl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The merging itself: units as rows of symbols, a count per pair of neighbours with the units that
 * hold it, and a queue of pairs whose counts may be out of date. A merge costs what the units that
 * hold its pair cost. Confined to one thread.
 */
final class BpeMerger {
  /** A character without a piece: nothing merges with it. */
  private static final int NONE = -1;

  /**
   * A pair in the queue.
   *
   * @param count when it was put there
   * @param length of the product in code points
   * @param cut chars of the left part
   */
  private record Candidate(long count, String product, int length, int cut, int left, int right) {
    /** Most frequent first; of equals the shorter one, then by the text, then by the cut. */
    static final Comparator<Candidate> BEST_FIRST =
        Comparator.comparingLong(Candidate::count)
            .reversed()
            .thenComparingInt(Candidate::length)
            .thenComparing(Candidate::product)
            .thenComparingInt(Candidate::cut);

    long key() {
      return BpeMerger.key(left, right);
    }
  }

  /** Where a pair is. Units may be named twice, or no longer hold it. */
  private static final class Pair {
    private long count;

    /** Of its highest entry in the queue: never below {@code count}. */
    private long queued;

    private int[] units = new int[4];
    private int size;

    void add(int unit, long times) {
      count += times;
      if (size == 0 || units[size - 1] != unit) {
        units = size == units.length ? Arrays.copyOf(units, 2 * size) : units;
        units[size++] = unit;
      }
    }
  }

  private final BpeOptions options;
  private final List<String> symbols = new ArrayList<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final int[][] rows;
  private final long[] counts;
  private final Map<Long, Pair> pairs = new HashMap<>();
  private final Set<Long> changed = new HashSet<>();
  private final PriorityQueue<Candidate> queue = new PriorityQueue<>(Candidate.BEST_FIRST);

  BpeMerger(Map<String, long[]> units, List<Integer> characters, BpeOptions options) {
    this.options = options;
    characters.stream().forEach(point -> symbol(Character.toString(point)));
    List<String> texts = units.keySet().stream().sorted().toList();
    this.rows = new int[texts.size()][];
    this.counts = new long[texts.size()];
    for (int unit = 0; unit < rows.length; unit++) {
      String text = texts.get(unit);
      rows[unit] =
          text.codePoints().map(p -> ids.getOrDefault(Character.toString(p), NONE)).toArray();
      counts[unit] = units.getOrDefault(text, new long[1])[0];
      count(unit, 1);
    }
    queueChanged();
  }

  /** Merges until so many new pieces are found, or no pair is frequent enough. */
  List<BpeMerge> merge(int newPieces) {
    List<BpeMerge> merges = new ArrayList<>();
    int known = symbols.size();
    while (!queue.isEmpty()) {
      Candidate best = queue.poll();
      Pair pair = pairs.get(best.key());
      if (pair == null || pair.count < options.minFrequency()) {
        continue;
      }
      if (pair.count != best.count) {
        if (best.count == pair.queued) {
          enqueue(best.key(), pair); // once more, with the count of today
        }
        continue;
      }
      if (!ids.containsKey(best.product) && symbols.size() - known == newPieces) {
        break;
      }
      merges.add(new BpeMerge(symbols.get(best.left), symbols.get(best.right)));
      int product = symbol(best.product);
      pairs.remove(best.key());
      for (int i = 0; i < pair.size; i++) {
        replace(pair.units[i], best.left, best.right, product);
      }
      changed.remove(best.key());
      queueChanged();
    }
    return merges;
  }

  /** Entries in the queue, out of date or not. */
  int queueLength() {
    return queue.size();
  }

  /** Pairs that are counted, though perhaps no longer there. */
  int pairCount() {
    return pairs.size();
  }

  private int symbol(String text) {
    Integer id = ids.putIfAbsent(text, symbols.size());
    if (id != null) {
      return id;
    }
    symbols.add(text);
    return symbols.size() - 1;
  }

  private void replace(int unit, int left, int right, int product) {
    int[] row = rows[unit];
    boolean found =
        IntStream.range(0, row.length - 1).anyMatch(i -> row[i] == left && row[i + 1] == right);
    if (!found) {
      return;
    }
    count(unit, -1);
    int[] merged = new int[row.length];
    int size = 0;
    for (int i = 0; i < row.length; i++) {
      boolean pair = i + 1 < row.length && row[i] == left && row[i + 1] == right;
      merged[size++] = pair ? product : row[i];
      i += pair ? 1 : 0;
    }
    rows[unit] = Arrays.copyOf(merged, size);
    count(unit, 1);
  }

  /** Adds a unit's pairs to the counts, or takes them away. */
  private void count(int unit, int sign) {
    int[] row = rows[unit];
    for (int i = 0; i + 1 < row.length; i++) {
      if (row[i] == NONE || row[i + 1] == NONE) {
        continue;
      }
      long key = key(row[i], row[i + 1]);
      Pair pair = pairs.get(key);
      if (sign > 0) {
        if (pair == null) {
          pair = new Pair();
          pairs.put(key, pair);
        }
        pair.add(unit, counts[unit]);
        changed.add(key);
      } else if (pair != null) {
        pair.count -= counts[unit];
      }
    }
  }

  private void queueChanged() {
    for (long key : changed) {
      Pair pair = pairs.get(key);
      if (pair != null && pair.count > pair.queued) {
        enqueue(key, pair);
      }
    }
    changed.clear();
  }

  private void enqueue(long key, Pair pair) {
    int left = (int) (key >>> 32);
    int right = (int) key;
    String product = symbols.get(left) + symbols.get(right);
    int length = product.codePointCount(0, product.length());
    pair.queued = pair.count;
    if (pair.count >= options.minFrequency() && length <= options.maxPieceLength()) {
      queue.add(
          new Candidate(pair.count, product, length, symbols.get(left).length(), left, right));
    }
  }

  private static long key(int left, int right) {
    return (long) left << 32 | right;
  }
}
