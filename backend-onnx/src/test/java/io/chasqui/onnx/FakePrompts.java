package io.chasqui.onnx;

import io.chasqui.Passage;
import io.chasqui.checkpoint.PreparedInput;
import java.util.List;

/** One id a char, cut after a limit. */
record FakePrompts(int limit) implements Prompts {
  @Override
  public List<PreparedInput> queries(List<String> queries) {
    return queries.stream().map(query -> prompt("q" + query, 0)).toList();
  }

  @Override
  public List<PreparedInput> passages(List<Passage> passages) {
    return passages.stream().map(passage -> prompt("p" + passage.text(), 0)).toList();
  }

  @Override
  public List<PreparedInput> pairs(String query, List<Passage> passages) {
    return passages.stream()
        .map(passage -> prompt(query + passage.text(), query.length()))
        .toList();
  }

  @Override
  public Prompts withInstruction(String instruction) {
    throw new IllegalArgumentException("no place for " + instruction);
  }

  private PreparedInput prompt(String text, int shared) {
    return new PreparedInput(
        text.chars().limit(limit).toArray(), text.length() > limit, Math.min(shared, limit));
  }
}
