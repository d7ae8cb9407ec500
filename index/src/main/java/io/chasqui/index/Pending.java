package io.chasqui.index;

import io.chasqui.Passage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What was added and removed since the last commit: the one mutable segment, in memory. Searches do
 * not see it. Guarded by its writer's lock.
 */
final class Pending {
  /** A passage with its own copy of its vector. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Entry(Passage passage, float[] vector) {}

  private final TreeMap<String, Entry> added = new TreeMap<>();
  private final Map<String, Set<String>> byDocument = new HashMap<>();
  private final Map<String, Bits> removed = new HashMap<>(); // by segment name

  boolean isEmpty() {
    return added.isEmpty() && removed.isEmpty();
  }

  int size() {
    return added.size();
  }

  boolean contains(String id) {
    return added.containsKey(id);
  }

  void add(Passage passage, float[] vector) {
    added.put(passage.id(), new Entry(passage, vector));
    byDocument.computeIfAbsent(passage.documentId(), d -> new HashSet<>()).add(passage.id());
  }

  /** Removes what was added; whether there was something. */
  boolean removeAdded(String id) {
    Entry entry = added.remove(id);
    if (entry == null) {
      return false;
    }
    Set<String> siblings = byDocument.get(entry.passage().documentId());
    if (siblings != null && siblings.remove(id) && siblings.isEmpty()) {
      byDocument.remove(entry.passage().documentId());
    }
    return true;
  }

  List<String> addedOfDocument(String documentId) {
    return List.copyOf(byDocument.getOrDefault(documentId, Set.of()));
  }

  /** Marks a committed row as removed; whether it was not before. */
  boolean remove(Segment segment, int ordinal) {
    if (isRemoved(segment, ordinal)) {
      return false;
    }
    removed.computeIfAbsent(segment.info().name(), name -> segment.removed().copy()).set(ordinal);
    return true;
  }

  boolean isRemoved(Segment segment, int ordinal) {
    return removedOf(segment).get(ordinal);
  }

  /** All removed rows of a segment, committed and not. */
  Bits removedOf(Segment segment) {
    return removed.getOrDefault(segment.info().name(), segment.removed());
  }

  boolean changes(Segment segment) {
    return removed.containsKey(segment.info().name());
  }

  List<Entry> entries() {
    return new ArrayList<>(added.values());
  }

  void clear() {
    added.clear();
    byDocument.clear();
    removed.clear();
  }
}
