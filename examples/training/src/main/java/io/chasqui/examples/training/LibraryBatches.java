package io.chasqui.examples.training;

import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Queries in an order in which the negatives of a batch are harder: two of three batches are of one
 * library each, whose passages are alike in topic and in how they are written; the third is mixed,
 * so that libraries stay apart. No batch has two overloads of a method, which answer the same
 * queries. Queries that members of different names share ("the new instance") ask for nothing and
 * are left out. What does not fill a batch any more at the end is left out. Immutable.
 */
final class LibraryBatches implements TrainingData<TrainingExample> {
  private static final int MIXED = 3;

  private final TrainingData<TrainingExample> queries;
  private final Set<String> ambiguous;
  private final int batch;

  private LibraryBatches(TrainingData<TrainingExample> queries, Set<String> ambiguous, int batch) {
    this.queries = queries;
    this.ambiguous = ambiguous;
    this.batch = batch;
  }

  /**
   * Those queries in that order.
   *
   * @param queries with a positive each, whose id begins with its library's name and a colon
   * @param batch queries of a batch
   */
  static LibraryBatches of(TrainingData<TrainingExample> queries, int batch) throws IOException {
    Map<String, String> asked = new HashMap<>();
    Set<String> ambiguous = new HashSet<>();
    try (Stream<TrainingExample> all = queries.epoch(0, 0)) {
      all.forEach(
          example -> {
            String member = member(example);
            String first = asked.putIfAbsent(example.query(), member);
            if (first != null && !first.equals(member)) {
              ambiguous.add(example.query());
            }
          });
    }
    return new LibraryBatches(queries, ambiguous, batch);
  }

  private static String library(TrainingExample example) {
    String id = example.positives().get(0).id();
    return id.substring(0, Math.max(0, id.indexOf(':')));
  }

  private static String member(TrainingExample example) {
    return BareTitles.bare(example.positives().get(0).title());
  }

  @Override
  public Stream<TrainingExample> epoch(long seed, int epoch) throws IOException {
    Stream<TrainingExample> source = queries.epoch(seed, epoch);
    Iterator<TrainingExample> wanted =
        source.filter(example -> !ambiguous.contains(example.query())).iterator();
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(new Batches(wanted), Spliterator.ORDERED), false)
        .flatMap(List::stream)
        .onClose(source::close);
  }

  @Override
  public String fingerprint() throws IOException {
    return Stages.hash(List.of("library batches", "" + batch, queries.fingerprint()));
  }

  @Override
  public long size() throws IOException {
    try (Stream<TrainingExample> all = epoch(0, 0)) {
      return all.count();
    }
  }

  /** Batches as they get full. */
  private final class Batches implements Iterator<List<TrainingExample>> {
    private final Iterator<TrainingExample> source;
    private final Map<String, List<Map<String, TrainingExample>>> filling = new HashMap<>();
    private final List<List<TrainingExample>> full = new ArrayList<>();
    private long taken;

    Batches(Iterator<TrainingExample> source) {
      this.source = source;
    }

    @Override
    public boolean hasNext() {
      while (full.isEmpty() && source.hasNext()) {
        TrainingExample next = source.next();
        // Every third query, wherever it is from, goes into a mixed batch.
        put(taken++ % MIXED == 0 ? "" : library(next), next);
      }
      return !full.isEmpty();
    }

    private void put(String kind, TrainingExample example) {
      List<Map<String, TrainingExample>> open =
          filling.computeIfAbsent(kind, k -> new ArrayList<>());
      String member = member(example);
      Map<String, TrainingExample> first =
          open.stream()
              .filter(batch -> !batch.containsKey(member))
              .findFirst()
              .orElseGet(
                  () -> {
                    open.add(new LinkedHashMap<>());
                    return open.get(open.size() - 1);
                  });
      first.put(member, example);
      if (first.size() == batch) {
        open.remove(first);
        full.add(List.copyOf(first.values()));
      }
    }

    @Override
    public List<TrainingExample> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return full.remove(full.size() - 1);
    }
  }
}
