package io.chasqui.evaluation;

import io.chasqui.Metadata;
import java.util.Objects;

/**
 * A question of a test collection. Immutable.
 *
 * @param id unique in its collection; not empty
 * @param text as the user wrote it
 * @param metadata what the collection adds: answers, paraphrases
 */
public record Query(String id, String text, Metadata metadata) {
  public Query {
    Run.requireId("query", id);
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(metadata, "metadata");
  }

  public static Query of(String id, String text) {
    return new Query(id, text, Metadata.empty());
  }
}
