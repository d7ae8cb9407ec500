package io.chasqui;

import java.util.List;

/**
 * Text to vectors. Queries and passages are told apart because RepLLaMA prompts them differently.
 *
 * <p>Any number of texts of any length: the implementation batches, cuts and restores the order. A
 * text that fails (NaN from the model, say) is flagged in its row; the others are returned.
 * Implementations are thread-safe unless they say otherwise.
 *
 * @see <a href="https://arxiv.org/abs/2310.08319">Ma et al. 2023, section 2.2</a>
 */
public interface Encoder {
  /** What makes this encoder's vectors comparable with others; its dimension is theirs. */
  EmbeddingSpace space();

  /**
   * Vectors of queries as users write them, one row a query, in order.
   *
   * @throws DeadlineExceededException if the deadline passes or the thread is interrupted
   * @throws BackendException if the device fails
   */
  Embeddings encodeQueries(List<String> queries, Deadline deadline);

  /**
   * Vectors of passages, one row a passage, in order; a row whose text was cut is flagged.
   *
   * @throws DeadlineExceededException if the deadline passes or the thread is interrupted
   * @throws BackendException if the device fails
   */
  Embeddings encodePassages(List<Passage> passages, Deadline deadline);

  /**
   * This encoder with another instruction for its queries; passages, and so the space, stay as they
   * are. A view that closes nothing.
   *
   * @param instruction "Given a web search query, retrieve relevant passages that answer the query"
   * @throws IllegalArgumentException if its queries take no instruction
   */
  default Encoder withInstruction(String instruction) {
    throw new IllegalArgumentException("this encoder's queries take no instruction: " + this);
  }

  /**
   * This encoder with vectors of the first so many dimensions only, brought to unit length again:
   * smaller and faster indexes, for models that were trained for it (Matryoshka). Another space: an
   * index is filled and searched with the same number. A view that closes nothing.
   *
   * @param dimensions from 1 to {@link #dimension()}
   * @throws IllegalArgumentException if this encoder's vectors have fewer
   * @see <a href="https://arxiv.org/abs/2205.13147">Kusupati et al. 2022, Matryoshka representation
   *     learning</a>
   */
  default Encoder withDimensions(int dimensions) {
    return new CutEncoder(this, dimensions);
  }

  /** {@link #encodeQueries(List, Deadline)} without a deadline. */
  default Embeddings encodeQueries(List<String> queries) {
    return encodeQueries(queries, Deadline.none());
  }

  /** {@link #encodePassages(List, Deadline)} without a deadline. */
  default Embeddings encodePassages(List<Passage> passages) {
    return encodePassages(passages, Deadline.none());
  }

  /** Floats per vector. */
  default int dimension() {
    return space().dimension();
  }
}
