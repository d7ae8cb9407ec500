package io.chasqui.onnx;

import io.chasqui.Deadline;
import io.chasqui.Passage;
import io.chasqui.Scorer;
import io.chasqui.Scores;
import io.chasqui.checkpoint.PreparedInput;
import java.util.List;
import java.util.Objects;

/** A scoring role of a session (a view: it closes nothing). Thread-safe until that is closed. */
final class OnnxScorer implements Scorer {
  private final OnnxModelSession session;
  private final String role;
  private final Prompts prompts;

  OnnxScorer(OnnxModelSession session, String role, Prompts prompts) {
    this.session = session;
    this.role = role;
    this.prompts = prompts;
  }

  @Override
  public Scorer withInstruction(String instruction) {
    return new OnnxScorer(session, role, prompts.withInstruction(instruction));
  }

  @Override
  public Scores score(String query, List<Passage> passages) {
    return score(query, passages, Deadline.none());
  }

  @Override
  public Scores score(String query, List<Passage> passages, Deadline deadline) {
    Objects.requireNonNull(query, "query");
    List<Passage> texts = List.copyOf(passages);
    BatchScheduler.Rows rows =
        session.run(
            role,
            new BatchScheduler.Inputs() {
              @Override
              public int size() {
                return texts.size();
              }

              @Override
              public List<PreparedInput> prepare(int from, int to) {
                return prompts.pairs(query, texts.subList(from, to));
              }

              @Override
              public String name(int index) {
                return "passage " + texts.get(index).id();
              }

              @Override
              public String doing() {
                return "scoring " + texts.size() + " passages";
              }
            },
            deadline);
    return Scores.of(rows.values(), rows.truncated(), rows.failures());
  }

  @Override
  public String toString() {
    return "OnnxScorer[" + role + ", " + session.name() + "]";
  }
}
