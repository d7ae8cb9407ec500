package io.chasqui.evaluation.mining;

import io.chasqui.Passage;
import java.util.List;

/**
 * A query with its positives and the negatives that were found. Immutable.
 *
 * @param query with its positives
 * @param negatives by source, then by rank; none is a positive, none is there twice
 */
public record MinedExample(TrainingQuery query, List<Passage> negatives) {
  public MinedExample {
    negatives = List.copyOf(negatives);
  }
}
