package io.chasqui.onnx;

import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.Passage;
import io.chasqui.checkpoint.PreparedInput;
import java.util.List;
import java.util.function.Supplier;

/** An encoding role of a session (a view: it closes nothing). Thread-safe until that is closed. */
final class OnnxEncoder implements Encoder {
  private final OnnxModelSession session;
  private final String role;
  private final int dimension;
  private final Supplier<EmbeddingSpace> space;
  private final Prompts prompts;

  OnnxEncoder(
      OnnxModelSession session,
      String role,
      int dimension,
      Supplier<EmbeddingSpace> space,
      Prompts prompts) {
    this.session = session;
    this.role = role;
    this.dimension = dimension;
    this.space = space;
    this.prompts = prompts;
  }

  /** Reads all weights the first time that any view of the role is asked. */
  @Override
  public EmbeddingSpace space() {
    return space.get();
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public Encoder withInstruction(String instruction) {
    return new OnnxEncoder(session, role, dimension, space, prompts.withInstruction(instruction));
  }

  @Override
  public Embeddings encodeQueries(List<String> queries, Deadline deadline) {
    List<String> texts = List.copyOf(queries);
    return encode(
        new BatchScheduler.Inputs() {
          @Override
          public int size() {
            return texts.size();
          }

          @Override
          public List<PreparedInput> prepare(int from, int to) {
            return prompts.queries(texts.subList(from, to));
          }

          @Override
          public String name(int index) {
            return "query " + index;
          }

          @Override
          public String doing() {
            return "encoding " + texts.size() + " queries";
          }
        },
        deadline);
  }

  @Override
  public Embeddings encodePassages(List<Passage> passages, Deadline deadline) {
    List<Passage> texts = List.copyOf(passages);
    return encode(
        new BatchScheduler.Inputs() {
          @Override
          public int size() {
            return texts.size();
          }

          @Override
          public List<PreparedInput> prepare(int from, int to) {
            return prompts.passages(texts.subList(from, to));
          }

          @Override
          public String name(int index) {
            return "passage " + texts.get(index).id();
          }

          @Override
          public String doing() {
            return "encoding " + texts.size() + " passages";
          }
        },
        deadline);
  }

  private Embeddings encode(BatchScheduler.Inputs inputs, Deadline deadline) {
    BatchScheduler.Rows rows = session.run(role, inputs, deadline);
    return Embeddings.of(dimension, rows.values(), rows.truncated(), rows.failures());
  }

  @Override
  public String toString() {
    return "OnnxEncoder[" + role + ", " + session.name() + "]";
  }
}
