package io.chasqui;

import java.util.Objects;

/**
 * A text as the application knows it, of any length; a {@link Chunker} cuts it into passages.
 *
 * @param id unique among documents; not empty
 * @param title "" if there is none
 * @param text may be empty
 * @param metadata values that filters can test; passages inherit them
 */
public record Document(String id, String title, String text, Metadata metadata) {
  public Document {
    if (id.isEmpty()) {
      throw new IllegalArgumentException("document id must not be empty");
    }
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(metadata, "metadata");
  }

  public static Document of(String id, String title, String text) {
    return new Document(id, title, text, Metadata.empty());
  }

  public Document withMetadata(Metadata metadata) {
    return new Document(id, title, text, metadata);
  }

  /** This document as one passage of the same id: for texts that need no chunking. */
  public Passage asPassage() {
    return new Passage(id, id, title, text, metadata);
  }
}
