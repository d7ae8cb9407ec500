package io.chasqui;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * A chain of stages: a retriever finds candidates, each later stage orders the first of them anew.
 *
 * <pre>{@code
 * Pipeline search = Pipeline.of(retriever).rerank(reranker, 200).fuse(Fusion.rrf());
 * List<ScoredPassage> hits = search.search("who wrote the origin of species", 10);
 * }</pre>
 *
 * <p><b>Depth.</b> A reranking stage states how many candidates it reads; it reads at least k, so
 * that all hits of an answer carry the last stage's score. The retriever is asked for the deepest
 * that any stage reads. Candidates that a stage does not read keep their order behind those that it
 * does; a later, deeper stage or a fusion finds them there. A fusion reads everything.
 *
 * <p><b>Stage names</b> are unique: "retrieve", "rerank", "rerank-2", "fuse" unless they are given.
 * Each hit carries score and rank of every stage that read it ({@link ScoredPassage#stages()}).
 *
 * <p><b>Errors.</b> The deadline is checked before each stage and handed to it. What a stage
 * returns is checked: {@code IllegalStateException}, naming stage and passage, if a retriever
 * returns a passage twice or one that the filter refuses, if a reranker drops, repeats or invents
 * one, and if a list is not best first. What a stage throws reaches the caller as it is.
 *
 * <p>Immutable; thread-safe if its stages are. A pipeline is a {@link Retriever} itself.
 */
public final class Pipeline implements Retriever {
  private final Retriever retriever;
  private final String firstName;
  private final List<Stage> later;
  private final List<String> names; // of all stages whose scores hits carry, in running order
  private final List<String> judges; // those of them that are no fusion of others

  private Pipeline(
      Retriever retriever,
      String firstName,
      List<Stage> later,
      List<String> names,
      List<String> judges) {
    this.retriever = retriever;
    this.firstName = firstName;
    this.later = later;
    this.names = names;
    this.judges = judges;
  }

  /**
   * A pipeline of one stage, called "retrieve" unless the retriever {@linkplain
   * Retriever#named(String) has a name}.
   */
  public static Pipeline of(Retriever retriever) {
    Objects.requireNonNull(retriever, "retriever");
    List<String> inside = StageNames.inside(retriever);
    String name = StageNames.of(retriever, inside);
    // What ran inside has judged already: the first stage's own score only sums it up.
    List<String> judges = inside.isEmpty() ? List.of(name) : StageNames.judges(retriever);
    return new Pipeline(retriever, name, List.of(), plus(inside, name), judges);
  }

  /** This pipeline with one more stage, called "rerank" ("rerank-2"…). */
  public Pipeline rerank(Reranker reranker, int depth) {
    return rerank(StageNames.free("rerank", names), reranker, depth);
  }

  /**
   * This pipeline with one more stage.
   *
   * @param stageName not yet taken
   * @param depth candidates that the stage reads, at least 1; more if the caller wants more hits
   */
  public Pipeline rerank(String stageName, Reranker reranker, int depth) {
    Objects.requireNonNull(reranker, "reranker");
    if (depth < 1) {
      throw new IllegalArgumentException(
          "depth of stage \"" + stageName + "\" must be positive: " + depth);
    }
    Stage stage = new Stage.Rerank(StageNames.requireFree(stageName, names), reranker, depth);
    return with(stage, plus(judges, stageName));
  }

  /** As {@link #fuse(String, Fusion, String...)}, called "fuse" ("fuse-2"…). */
  public Pipeline fuse(Fusion fusion, String... stages) {
    return fuse(StageNames.free("fuse", names), fusion, stages);
  }

  /**
   * This pipeline with a stage that fuses what earlier stages said of each candidate.
   *
   * @param stageName not yet taken
   * @param stages names of the earlier stages to fuse; none named: all of them except fusions,
   *     which only repeat what the others said
   * @throws IllegalArgumentException if there is no such stage, or the fusion does not fit them
   */
  public Pipeline fuse(String stageName, Fusion fusion, String... stages) {
    List<String> fused = stages.length == 0 ? judges : List.of(stages);
    for (String name : fused) {
      if (!names.contains(name) || Collections.frequency(fused, name) > 1) {
        throw new IllegalArgumentException(
            "can't fuse " + fused + " (\"" + name + "\"): each must be one of " + names);
      }
    }
    fusion.requireStages(fused);
    return with(new Stage.Fuse(StageNames.requireFree(stageName, names), fusion, fused), judges);
  }

  private Pipeline with(Stage stage, List<String> newJudges) {
    return new Pipeline(
        retriever, firstName, plus(later, stage), plus(names, stage.name()), newJudges);
  }

  /**
   * Documents instead of passages, aggregated from all passages that the last stage scored: for a
   * pipeline without a later stage those are only k, so there {@link #aggregate(Aggregation, int)}
   * is what you want.
   */
  public DocumentPipeline aggregate(Aggregation aggregation) {
    return aggregate(aggregation, 1);
  }

  /**
   * Documents instead of passages, aggregated from at least {@code depth} passages (every stage
   * reads as many).
   */
  public DocumentPipeline aggregate(Aggregation aggregation, int depth) {
    return new DocumentPipeline(this, aggregation, depth);
  }

  /** Names of all stages whose scores hits carry, in the order in which they run. */
  public List<String> stages() {
    return names;
  }

  List<String> judges() {
    return judges;
  }

  /** The {@code k} best passages, without filter or deadline. */
  public List<ScoredPassage> search(String query, int k) {
    return search(SearchRequest.of(query, k));
  }

  /**
   * The best passages for the request, best first, at most {@code request.k()}.
   *
   * @throws DeadlineExceededException if the deadline passes before a stage, or a stage gives up
   * @throws IllegalStateException if a stage breaks its contract
   */
  public List<ScoredPassage> search(SearchRequest request) {
    return run(request).hits();
  }

  /** As {@link #search(SearchRequest)}, with the time that each stage took. */
  public SearchResult run(SearchRequest request) {
    List<StageTiming> timings = new ArrayList<>();
    List<ScoredPassage> ranked = rank(request, timings);
    return new SearchResult(ranked.subList(0, Math.min(request.k(), ranked.size())), timings);
  }

  /** {@link #search(SearchRequest)}. */
  @Override
  public List<ScoredPassage> retrieve(SearchRequest request) {
    return search(request);
  }

  /** Searches all; the first stage gets the requests together and can batch them. */
  @Override
  public List<List<ScoredPassage>> retrieveAll(List<SearchRequest> requests) {
    List<List<ScoredPassage>> ranked = rank(requests);
    List<List<ScoredPassage>> answers = new ArrayList<>(requests.size());
    for (int i = 0; i < requests.size(); i++) {
      List<ScoredPassage> candidates = ranked.get(i);
      int hits = Math.min(requests.get(i).k(), candidates.size());
      answers.add(List.copyOf(candidates.subList(0, hits)));
    }
    return answers;
  }

  /** All candidates that the last stage scored, best first. */
  List<ScoredPassage> rankAll(SearchRequest request) {
    return judged(rank(request, new ArrayList<>()));
  }

  /** {@link #rankAll(SearchRequest)} for all; the first stage gets the requests together. */
  List<List<ScoredPassage>> rankAll(List<SearchRequest> requests) {
    return rank(requests).stream().map(this::judged).toList();
  }

  private List<ScoredPassage> judged(List<ScoredPassage> candidates) {
    String last = later.isEmpty() ? firstName : later.get(later.size() - 1).name();
    return candidates.stream().takeWhile(hit -> hit.stage(last).isPresent()).toList();
  }

  private List<List<ScoredPassage>> rank(List<SearchRequest> requests) {
    List<SearchRequest> deep = requests.stream().map(this::deepen).toList();
    deep.forEach(request -> request.deadline().check(firstName));
    List<List<ScoredPassage>> found =
        StageCheck.answers(firstName, deep.size(), retriever.retrieveAll(deep));
    List<List<ScoredPassage>> ranked = new ArrayList<>(requests.size());
    for (int i = 0; i < requests.size(); i++) {
      List<ScoredPassage> candidates = first(deep.get(i), found.get(i));
      for (Stage stage : later) {
        candidates = stage.run(requests.get(i), candidates);
      }
      ranked.add(candidates);
    }
    return ranked;
  }

  private List<ScoredPassage> rank(SearchRequest request, List<StageTiming> timings) {
    request.deadline().check(firstName);
    SearchRequest deep = deepen(request);
    long start = System.nanoTime();
    List<ScoredPassage> candidates = first(deep, retriever.retrieve(deep));
    timings.add(timing(firstName, candidates.size(), start));
    for (Stage stage : later) {
      int read = stage.reads(candidates.size(), request.k());
      start = System.nanoTime();
      candidates = stage.run(request, candidates);
      timings.add(timing(stage.name(), read, start));
    }
    return candidates;
  }

  private List<ScoredPassage> first(SearchRequest deep, List<ScoredPassage> hits) {
    return StageCheck.noted(firstName, StageCheck.retrieved(firstName, deep, hits));
  }

  private SearchRequest deepen(SearchRequest request) {
    int deepest = later.stream().mapToInt(Stage::depth).max().orElse(0);
    return request.withK(Math.max(request.k(), deepest));
  }

  private static StageTiming timing(String stage, int candidates, long start) {
    return new StageTiming(stage, candidates, Duration.ofNanos(System.nanoTime() - start));
  }

  private static <T> List<T> plus(List<T> list, T element) {
    List<T> longer = new ArrayList<>(list);
    longer.add(element);
    return List.copyOf(longer);
  }

  @Override
  public String toString() {
    return "Pipeline" + names;
  }
}
