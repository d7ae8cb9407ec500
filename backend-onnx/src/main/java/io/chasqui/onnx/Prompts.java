package io.chasqui.onnx;

import io.chasqui.Passage;
import io.chasqui.checkpoint.PreparedInput;
import java.util.List;

/** Texts to token ids under one role's convention. Thread-safe. */
interface Prompts {
  /** An encoder's queries. */
  List<PreparedInput> queries(List<String> queries);

  /** An encoder's passages. */
  List<PreparedInput> passages(List<Passage> passages);

  /** A scorer's pairs of one query with each passage. */
  List<PreparedInput> pairs(String query, List<Passage> passages);

  /**
   * The same with another instruction.
   *
   * @throws IllegalArgumentException if there is no place for one
   */
  Prompts withInstruction(String instruction);
}
