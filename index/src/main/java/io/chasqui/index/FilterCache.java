package io.chasqui.index;

import io.chasqui.Deadline;
import io.chasqui.Filter;
import java.util.LinkedHashMap;
import java.util.Map;

/** The rows of a segment that recent filters matched, removed or not. Thread-safe. */
final class FilterCache {
  private static final int FILTERS = 16;
  private static final int ROWS_BETWEEN_DEADLINE_CHECKS = 4096;

  private final Map<Filter, Bits> recent =
      new LinkedHashMap<>(FILTERS, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Filter, Bits> eldest) {
          return size() > FILTERS;
        }
      };

  /**
   * The rows that a filter matches. What a deadline cuts short is not kept.
   *
   * @throws io.chasqui.DeadlineExceededException if the deadline passes or the thread is
   *     interrupted before every row's metadata was read
   */
  Bits matches(Filter filter, Segment segment, Deadline deadline) {
    synchronized (recent) {
      Bits known = recent.get(filter);
      if (known != null) {
        return known;
      }
    }
    // Outside the lock: two searches may do the same work, none waits for another's.
    Bits matches = Bits.none(segment.info().rows());
    for (int ordinal = 0; ordinal < segment.info().rows(); ordinal++) {
      if (ordinal % ROWS_BETWEEN_DEADLINE_CHECKS == 0) {
        deadline.check("filtering segment " + segment.info().name());
      }
      if (filter.matches(segment.metadata(ordinal))) {
        matches.set(ordinal);
      }
    }
    synchronized (recent) {
      recent.put(filter, matches);
    }
    return matches;
  }
}
