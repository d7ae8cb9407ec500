package io.chasqui;

import java.util.ArrayList;
import java.util.List;

/** A later stage of a {@link Pipeline}: reads the first candidates and orders them anew. */
sealed interface Stage {
  String name();

  /** How many candidates the stage asks for; 0 if it takes what is there. */
  int depth();

  /** How many of {@code candidates} the stage reads when the caller wants k hits. */
  int reads(int candidates, int k);

  /** The candidates that it reads, each once, best first, with its scores. */
  List<ScoredPassage> apply(SearchRequest request, List<ScoredPassage> candidates);

  /** {@link Pipeline#rerank(String, Reranker, int)}. */
  record Rerank(String name, Reranker reranker, int depth) implements Stage {
    @Override
    public int reads(int candidates, int k) {
      return Math.min(candidates, Math.max(depth, k));
    }

    @Override
    public List<ScoredPassage> apply(SearchRequest request, List<ScoredPassage> candidates) {
      request.deadline().check(name + " of " + candidates.size() + " passages");
      return StageCheck.reranked(
          name, candidates, reranker.rerank(request.text(), candidates, request.deadline()));
    }
  }

  /** {@link Pipeline#fuse(String, Fusion, String...)}. */
  record Fuse(String name, Fusion fusion, List<String> stages) implements Stage {
    @Override
    public int depth() {
      return 0;
    }

    @Override
    public int reads(int candidates, int k) {
      return candidates;
    }

    @Override
    public List<ScoredPassage> apply(SearchRequest request, List<ScoredPassage> candidates) {
      request.deadline().check(name + " of " + candidates.size() + " passages");
      return StageCheck.fused(name, candidates, fusion.fuse(stages, candidates));
    }
  }

  /** Runs the stage; candidates that it did not read stay behind those that it did. */
  default List<ScoredPassage> run(SearchRequest request, List<ScoredPassage> candidates) {
    int read = reads(candidates.size(), request.k());
    if (read == 0) {
      return candidates; // nothing to order: a model is not woken for it
    }
    List<ScoredPassage> result = new ArrayList<>(candidates.size());
    List<ScoredPassage> head = List.copyOf(candidates.subList(0, read));
    result.addAll(StageCheck.noted(name(), apply(request, head)));
    result.addAll(candidates.subList(read, candidates.size()));
    return result;
  }
}
