package io.chasqui;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@link Retriever#fused}: several retrievers as one. */
final class FusedRetriever implements Retriever {
  private final Fusion fusion;
  private final int depth;
  private final List<Retriever> parts;
  private final List<String> stages;

  FusedRetriever(Fusion fusion, int depth, List<Retriever> parts) {
    this.fusion = Objects.requireNonNull(fusion, "fusion");
    this.depth = depth;
    this.parts = List.copyOf(parts);
    if (depth < 1) {
      throw new IllegalArgumentException("depth must be positive: " + depth);
    }
    if (parts.size() < 2) {
      throw new IllegalArgumentException("fusing needs at least two retrievers: " + parts.size());
    }
    List<String> names = new ArrayList<>();
    this.parts.forEach(part -> names.add(StageNames.of(part, names)));
    this.stages = List.copyOf(names);
    fusion.requireStages(stages);
  }

  /** The parts' stage names, in order. */
  List<String> stages() {
    return stages;
  }

  @Override
  public List<ScoredPassage> retrieve(SearchRequest request) {
    return retrieveAll(List.of(request)).get(0);
  }

  @Override
  public List<List<ScoredPassage>> retrieveAll(List<SearchRequest> requests) {
    List<SearchRequest> deep =
        requests.stream().map(request -> request.withK(Math.max(depth, request.k()))).toList();
    List<Map<String, ScoredPassage>> found = new ArrayList<>(); // candidates by id, per request
    requests.forEach(request -> found.add(new LinkedHashMap<>()));
    for (int p = 0; p < parts.size(); p++) {
      String stage = stages.get(p);
      deep.forEach(request -> request.deadline().check(stage));
      List<List<ScoredPassage>> answers =
          StageCheck.answers(stage, deep.size(), parts.get(p).retrieveAll(deep));
      for (int r = 0; r < deep.size(); r++) {
        merge(stage, StageCheck.retrieved(stage, deep.get(r), answers.get(r)), found.get(r));
      }
    }
    List<List<ScoredPassage>> answers = new ArrayList<>();
    for (int r = 0; r < requests.size(); r++) {
      List<ScoredPassage> candidates = List.copyOf(found.get(r).values());
      List<ScoredPassage> fused =
          StageCheck.fused("fused", candidates, fusion.fuse(stages, candidates));
      answers.add(List.copyOf(fused.subList(0, Math.min(fused.size(), requests.get(r).k()))));
    }
    return answers;
  }

  private static void merge(
      String stage, List<ScoredPassage> hits, Map<String, ScoredPassage> found) {
    int rank = 1;
    for (ScoredPassage hit : hits) {
      StageScore score = new StageScore(stage, hit.score(), rank++);
      ScoredPassage known =
          found.getOrDefault(hit.id(), new ScoredPassage(hit.passage(), hit.score(), List.of()));
      found.put(hit.id(), known.withStage(score));
    }
  }
}
