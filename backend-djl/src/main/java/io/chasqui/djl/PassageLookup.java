package io.chasqui.djl;

import io.chasqui.Passage;
import java.io.IOException;

/** Finds the passages that a training line names by id. */
@FunctionalInterface
interface PassageLookup {
  /**
   * The passage with this id.
   *
   * @param line that names it, for the message
   * @param field that names it
   * @throws io.chasqui.evaluation.DataFormatException if there is none
   */
  Passage find(DataLine line, String field, String id) throws IOException;

  /** For files that hold their passages themselves. */
  static PassageLookup none() {
    return (line, field, id) -> {
      throw line.problem(
          "field \"" + field + "\" names passages by id: a corpus is needed to read this file");
    };
  }
}
