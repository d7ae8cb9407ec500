package io.chasqui;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What a pipeline demands of the lists that its stages return: a stage that breaks its contract is
 * an error that names it, never a wrong ranking.
 */
final class StageCheck {
  private StageCheck() {}

  /** A retriever's answers to several requests: one each. */
  static List<List<ScoredPassage>> answers(
      String stage, int requests, List<List<ScoredPassage>> answers) {
    Objects.requireNonNull(answers, () -> "stage \"" + stage + "\" returned null");
    if (answers.size() != requests) {
      throw broken(stage, "returned " + answers.size() + " answers to " + requests + " requests");
    }
    return answers;
  }

  /** A retriever's hits, cut at k, ties by id. */
  static List<ScoredPassage> retrieved(
      String stage, SearchRequest request, List<ScoredPassage> hits) {
    requireBestFirst(stage, hits);
    Set<String> ids = new HashSet<>();
    for (ScoredPassage hit : hits) {
      if (!ids.add(hit.id())) {
        throw broken(stage, "returned passage " + hit.id() + " twice");
      }
      if (!request.filter().matches(hit.passage().metadata())) {
        throw broken(
            stage,
            "returned passage " + hit.id() + ", which the filter refuses: " + request.filter());
      }
    }
    List<ScoredPassage> sorted = new ArrayList<>(hits);
    sorted.sort(ScoredPassage.BEST_FIRST);
    return sorted.size() > request.k() ? sorted.subList(0, request.k()) : sorted;
  }

  /** The candidates in a reranker's order with its scores, ties by id; each of them once. */
  static List<ScoredPassage> reranked(
      String stage, List<ScoredPassage> candidates, List<ScoredPassage> ranked) {
    requireBestFirst(stage, ranked);
    Map<String, ScoredPassage> open = new HashMap<>();
    candidates.forEach(candidate -> open.put(candidate.id(), candidate));
    List<ScoredPassage> result = new ArrayList<>(candidates.size());
    for (ScoredPassage hit : ranked) {
      ScoredPassage candidate = open.remove(hit.id());
      if (candidate == null) {
        boolean known = candidates.stream().anyMatch(c -> c.id().equals(hit.id()));
        throw broken(
            stage,
            "returned passage " + hit.id() + (known ? " twice" : ", which it was not given"));
      }
      result.add(candidate.withScore(hit.score()));
    }
    if (!open.isEmpty()) {
      throw broken(
          stage,
          "dropped "
              + open.size()
              + " of "
              + candidates.size()
              + " passages, "
              + open.keySet().stream().sorted().findFirst().orElseThrow()
              + " among them");
    }
    result.sort(ScoredPassage.BEST_FIRST);
    return result;
  }

  /** The candidates in the order of their fused scores, ties by id. */
  static List<ScoredPassage> fused(String stage, List<ScoredPassage> candidates, Scores scores) {
    Objects.requireNonNull(scores, () -> "stage \"" + stage + "\" returned null");
    if (scores.size() != candidates.size() || scores.hasFailures()) {
      throw broken(
          stage,
          "returned " + scores + " for " + candidates.size() + " passages: each needs a score");
    }
    List<ScoredPassage> result = new ArrayList<>(candidates.size());
    for (int i = 0; i < candidates.size(); i++) {
      result.add(candidates.get(i).withScore(scores.score(i)));
    }
    result.sort(ScoredPassage.BEST_FIRST);
    return result;
  }

  /** Each passage with its score and rank noted as the named stage's. */
  static List<ScoredPassage> noted(String stage, List<ScoredPassage> ranked) {
    List<ScoredPassage> result = new ArrayList<>(ranked.size());
    for (ScoredPassage hit : ranked) {
      if (hit.stage(stage).isPresent()) {
        throw broken(
            stage,
            "returned passage "
                + hit.id()
                + " with a score of a stage of the same name; give one of them another name");
      }
      result.add(hit.withStage(new StageScore(stage, hit.score(), result.size() + 1)));
    }
    return result;
  }

  private static void requireBestFirst(String stage, List<ScoredPassage> hits) {
    Objects.requireNonNull(hits, () -> "stage \"" + stage + "\" returned null");
    for (int i = 1; i < hits.size(); i++) {
      ScoredPassage better = hits.get(i);
      ScoredPassage worse = hits.get(i - 1);
      if (better.score() > worse.score()) {
        throw broken(
            stage,
            "did not return the best first: passage "
                + worse.id()
                + " ("
                + worse.score()
                + ") stands before "
                + better.id()
                + " ("
                + better.score()
                + ")");
      }
    }
  }

  private static IllegalStateException broken(String stage, String what) {
    return new IllegalStateException("stage \"" + stage + "\" " + what);
  }
}
