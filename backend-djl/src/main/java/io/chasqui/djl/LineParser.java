package io.chasqui.djl;

import java.io.IOException;

/** Turns a line that is not blank into what training reads. Immutable. */
@FunctionalInterface
interface LineParser<T> {
  /**
   * The line's value.
   *
   * @throws io.chasqui.evaluation.DataFormatException naming file, line and field
   */
  T parse(DataLine line, PassageLookup passages) throws IOException;
}
