package io.chasqui.evaluation.mining;

import io.chasqui.BackendException;
import io.chasqui.Passage;
import io.chasqui.Retriever;
import io.chasqui.ScoredPassage;
import io.chasqui.Scorer;
import io.chasqui.Scores;
import io.chasqui.SearchRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * Finds hard negatives: hits of one or several retrievers that are not among a query's positives.
 *
 * <p>For each query, each source gives its hits of the wanted ranks; out go positives, passages
 * with a positive's text, hits that a score limit takes for unjudged answers, and what an earlier
 * source gave already; out of the rest as many as wanted are drawn at random. Immutable; as
 * thread-safe as its sources.
 *
 * @see <a href="https://arxiv.org/abs/2310.08319">Ma et al. 2023, section 3.1: negatives of two
 *     sources mixed</a>
 */
public final class HardNegativeMiner {
  private static final int BATCH = 64;

  private final Map<String, Retriever> sources;
  private final Optional<Scorer> scorer;
  private final MiningOptions options;

  private HardNegativeMiner(
      Map<String, Retriever> sources, Optional<Scorer> scorer, MiningOptions options) {
    this.sources = sources;
    this.scorer = scorer;
    this.options = options;
  }

  /**
   * A miner over retrievers by name: {@code bm25}, {@code dense}.
   *
   * @param sources at least one, asked in the map's order
   */
  public static HardNegativeMiner of(Map<String, Retriever> sources, MiningOptions options) {
    if (sources.isEmpty()) {
      throw new IllegalArgumentException("a miner needs at least one source");
    }
    return new HardNegativeMiner(
        Collections.unmodifiableMap(new LinkedHashMap<>(sources)), Optional.empty(), options);
  }

  /** This miner with a scorer whose scores decide by {@link MiningOptions#scorerLimit}. */
  public HardNegativeMiner withScorer(Scorer scorer) {
    return new HardNegativeMiner(sources, Optional.of(scorer), options);
  }

  /**
   * Mines negatives of queries and appends them to a file, one line per query, in batches.
   *
   * <p>If the file is there, its queries are skipped and mining goes on behind its last whole line:
   * a run that was killed is finished by the same call, with the same result. Queries without
   * negatives get no line.
   *
   * @param queries in any number; none twice
   * @param progress told the number of queries done, after each batch
   * @throws IllegalArgumentException if the file was made with other options or sources, or an id
   *     comes twice
   * @throws BackendException if a positive or candidate can't be scored
   */
  public MiningSummary mine(Iterator<TrainingQuery> queries, Path file, LongConsumer progress)
      throws IOException {
    String settings = TrainingFile.settings(options, sources.keySet(), scorer.isPresent());
    long all = 0;
    long found = 0;
    long written = 0;
    long negatives = 0;
    Set<String> seen = new HashSet<>();
    try (TrainingFile out = TrainingFile.open(file, settings, options.format())) {
      while (queries.hasNext()) {
        List<TrainingQuery> batch = new ArrayList<>();
        while (queries.hasNext() && batch.size() < BATCH) {
          TrainingQuery query = queries.next();
          if (!seen.add(query.id())) {
            throw new IllegalArgumentException("query " + query.id() + " comes twice");
          }
          all++;
          if (out.has(query.id())) {
            found++;
          } else {
            batch.add(query);
          }
        }
        for (MinedExample example : mine(batch)) {
          if (!example.negatives().isEmpty()) {
            out.append(example);
            written++;
            negatives += example.negatives().size();
          }
        }
        progress.accept(all);
      }
    }
    return new MiningSummary(all, found, written, all - found - written, negatives);
  }

  /** Mines negatives of queries, one example each, in order; some may have no negatives. */
  public List<MinedExample> mine(List<TrainingQuery> queries) {
    List<Map<String, Passage>> candidates = new ArrayList<>();
    queries.forEach(query -> candidates.add(new LinkedHashMap<>()));
    List<SearchRequest> requests =
        queries.stream().map(q -> SearchRequest.of(q.text(), options.lastRank())).toList();
    for (Map.Entry<String, Retriever> source : sources.entrySet()) {
      List<List<ScoredPassage>> answers = source.getValue().retrieveAll(requests);
      if (answers.size() != queries.size()) {
        throw new IllegalStateException(
            "source "
                + source.getKey()
                + " gave "
                + answers.size()
                + " answers to "
                + queries.size()
                + " queries");
      }
      for (int i = 0; i < queries.size(); i++) {
        collect(queries.get(i), answers.get(i), candidates.get(i));
      }
    }
    List<MinedExample> examples = new ArrayList<>();
    for (int i = 0; i < queries.size(); i++) {
      TrainingQuery query = queries.get(i);
      List<Passage> rest = scored(query, List.copyOf(candidates.get(i).values()));
      examples.add(new MinedExample(query, draw(query, rest)));
    }
    return examples;
  }

  private void collect(
      TrainingQuery query, List<ScoredPassage> hits, Map<String, Passage> candidates) {
    Set<String> ids = query.positives().stream().map(Passage::id).collect(Collectors.toSet());
    Set<String> texts = query.positives().stream().map(Passage::text).collect(Collectors.toSet());
    OptionalDouble positive =
        hits.stream().filter(hit -> ids.contains(hit.id())).mapToDouble(ScoredPassage::score).min();
    if (positive.isEmpty() && !options.sourceLimit().isNone()) {
      return;
    }
    int last = Math.min(options.lastRank(), hits.size());
    for (int rank = options.firstRank(); rank <= last; rank++) {
      ScoredPassage hit = hits.get(rank - 1);
      if (!ids.contains(hit.id())
          && !texts.contains(hit.passage().text())
          && options.sourceLimit().accepts(hit.score(), positive.orElse(0))) {
        candidates.putIfAbsent(hit.id(), hit.passage());
      }
    }
  }

  /** The candidates that the scorer does not take for answers, compared with its worst positive. */
  private List<Passage> scored(TrainingQuery query, List<Passage> candidates) {
    if (scorer.isEmpty() || options.scorerLimit().isNone() || candidates.isEmpty()) {
      return candidates;
    }
    List<Passage> all = new ArrayList<>(query.positives());
    all.addAll(candidates);
    Scores scores = scorer.get().score(query.text(), all);
    if (scores.size() != all.size() || scores.hasFailures()) {
      throw new BackendException(
          "the scorer could not score all passages of query " + query.id() + ": " + scores, false);
    }
    double positive = Double.POSITIVE_INFINITY;
    for (int i = 0; i < query.positives().size(); i++) {
      positive = Math.min(positive, scores.score(i));
    }
    List<Passage> kept = new ArrayList<>();
    for (int i = query.positives().size(); i < all.size(); i++) {
      if (options.scorerLimit().accepts(scores.score(i), positive)) {
        kept.add(all.get(i));
      }
    }
    return kept;
  }

  /** A draw without replacement that keeps the order (selection sampling, Knuth 3.4.2 S). */
  private List<Passage> draw(TrainingQuery query, List<Passage> candidates) {
    SplittableRandom random = new SplittableRandom(options.seed() * 31 + query.id().hashCode());
    List<Passage> drawn = new ArrayList<>();
    int wanted = Math.min(options.negatives(), candidates.size());
    for (int i = 0; i < candidates.size() && drawn.size() < wanted; i++) {
      if (random.nextInt(candidates.size() - i) < wanted - drawn.size()) {
        drawn.add(candidates.get(i));
      }
    }
    return drawn;
  }
}
