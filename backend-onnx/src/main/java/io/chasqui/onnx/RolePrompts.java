package io.chasqui.onnx;

import io.chasqui.Passage;
import io.chasqui.checkpoint.PreparedInput;
import io.chasqui.checkpoint.PromptEncoder;
import java.util.List;

/** A bundle's prompts. Thread-safe until the tokenizer is closed. */
record RolePrompts(PromptEncoder encoder) implements Prompts {
  @Override
  public List<PreparedInput> queries(List<String> queries) {
    return encoder.queries(queries);
  }

  @Override
  public List<PreparedInput> passages(List<Passage> passages) {
    return encoder.passages(passages);
  }

  @Override
  public List<PreparedInput> pairs(String query, List<Passage> passages) {
    return encoder.pairs(query, passages);
  }

  @Override
  public Prompts withInstruction(String instruction) {
    return new RolePrompts(encoder.withInstruction(instruction));
  }
}
