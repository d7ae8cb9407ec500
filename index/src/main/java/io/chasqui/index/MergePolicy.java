package io.chasqui.index;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which sealed segments a commit writes again together with what is pending, so that their number
 * grows with the logarithm of the passages: at most {@value #PER_TIER} of each order of magnitude.
 */
final class MergePolicy {
  /** Segments of one size before they are merged; each tier's are as many times larger. */
  private static final int PER_TIER = 8;

  /** Up to this many passages all segments count as the same size. */
  private static final int SMALLEST = 1_000;

  private MergePolicy() {}

  static List<Segment> choose(List<Segment> segments, Pending pending) {
    List<Segment> merged = new ArrayList<>();
    List<Segment> kept = new ArrayList<>();
    long size = pending.size();
    for (Segment segment : segments) {
      int live = live(segment, pending);
      // Mostly removed: give the space back. Wholly removed ones vanish without being merged.
      if (live > 0 && pending.changes(segment) && live < segment.info().rows() / 2) {
        merged.add(segment);
        size += live;
      } else if (live > 0) {
        kept.add(segment);
      }
    }
    kept.sort(Comparator.comparingInt(segment -> live(segment, pending)));
    while (size > 0) {
      int tier = tier(size);
      List<Segment> same =
          kept.stream().filter(segment -> tier(live(segment, pending)) <= tier).toList();
      if (same.size() < PER_TIER) {
        return merged;
      }
      merged.addAll(same);
      kept.removeAll(same);
      for (Segment segment : same) {
        size += live(segment, pending);
      }
    }
    return merged;
  }

  private static int live(Segment segment, Pending pending) {
    return segment.info().rows() - pending.removedOf(segment).count();
  }

  private static int tier(long size) {
    int tier = 0;
    for (long limit = SMALLEST; size > limit; limit *= PER_TIER) {
      tier++;
    }
    return tier;
  }
}
