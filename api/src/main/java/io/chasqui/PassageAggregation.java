package io.chasqui;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The usual aggregations, by name. */
enum PassageAggregation implements Aggregation {
  MAX_P,
  FIRST_P,
  SUM_P,
  AVG_P;

  @Override
  public List<ScoredDocument> aggregate(List<ScoredPassage> passages) {
    Map<String, List<ScoredPassage>> byDocument = new LinkedHashMap<>();
    for (ScoredPassage hit : passages) {
      byDocument.computeIfAbsent(hit.passage().documentId(), id -> new ArrayList<>()).add(hit);
    }
    List<ScoredDocument> documents = new ArrayList<>(byDocument.size());
    byDocument.forEach((id, hits) -> score(id, hits).ifPresent(documents::add));
    documents.sort(ScoredDocument.BEST_FIRST);
    return documents;
  }

  private Optional<ScoredDocument> score(String id, List<ScoredPassage> hits) {
    List<ScoredPassage> sorted = hits.stream().sorted(ScoredPassage.BEST_FIRST).toList();
    ScoredPassage best = sorted.get(0);
    double sum = sorted.stream().mapToDouble(ScoredPassage::score).sum();
    return switch (this) {
      case MAX_P -> Optional.of(new ScoredDocument(id, best.score(), best));
      case SUM_P -> Optional.of(new ScoredDocument(id, (float) sum, best));
      case AVG_P -> Optional.of(new ScoredDocument(id, (float) (sum / sorted.size()), best));
      case FIRST_P ->
          sorted.stream()
              .filter(PassageAggregation::isFirst)
              .findFirst()
              .map(first -> new ScoredDocument(id, first.score(), first));
    };
  }

  private static boolean isFirst(ScoredPassage hit) {
    Passage passage = hit.passage();
    Optional<Object> index = passage.metadata().get(Chunker.INDEX);
    if (index.isPresent()) {
      return index.get().equals(0L);
    }
    if (passage.id().equals(passage.documentId())) {
      return true;
    }
    throw new IllegalArgumentException(
        "FirstP can't tell whether passage "
            + passage.id()
            + " is the first of document "
            + passage.documentId()
            + ": it has no metadata \""
            + Chunker.INDEX
            + "\"");
  }
}
