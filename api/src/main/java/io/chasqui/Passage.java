package io.chasqui;

import java.util.Objects;

/**
 * What is encoded, searched and reranked: a text short enough for one vector.
 *
 * @param id unique among passages; not empty
 * @param documentId the document it was cut from; the passage's own id if it stands alone
 * @param title "" if there is none
 * @param text may be empty
 * @param metadata values that filters can test
 */
public record Passage(String id, String documentId, String title, String text, Metadata metadata) {
  public Passage {
    if (id.isEmpty()) {
      throw new IllegalArgumentException("passage id must not be empty");
    }
    if (documentId.isEmpty()) {
      throw new IllegalArgumentException("document id must not be empty (passage " + id + ")");
    }
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(metadata, "metadata");
  }

  /** A passage that stands alone, without title. */
  public static Passage of(String id, String text) {
    return of(id, "", text);
  }

  /** A passage that stands alone. */
  public static Passage of(String id, String title, String text) {
    return new Passage(id, id, title, text, Metadata.empty());
  }

  public Passage withDocumentId(String documentId) {
    return new Passage(id, documentId, title, text, metadata);
  }

  public Passage withMetadata(Metadata metadata) {
    return new Passage(id, documentId, title, text, metadata);
  }
}
