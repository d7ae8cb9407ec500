package io.chasqui.evaluation.mining;

/** The layouts of training files: one JSON object per line and query. */
public enum TrainingFormat {
  /**
   * Tevatron's first form, with texts: {@code query_id}, {@code query}, {@code positive_passages}
   * and {@code negative_passages}, each a list of {@code docid}, {@code title}, {@code text}.
   */
  TEVATRON_PASSAGES,
  /**
   * Tevatron's newer form, with ids of a corpus: {@code query_id}, {@code query_text}, {@code
   * positive_document_ids}, {@code negative_document_ids}.
   */
  TEVATRON_IDS
}
