package io.chasqui.djl;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a trainer reads, epoch after epoch, without ever holding all of it: {@link TrainingExample}s
 * for a retriever or reranker, {@link String}s for a language model. Implementations are immutable
 * and thread-safe.
 *
 * @param <T> what one item is
 */
public interface TrainingData<T> {
  /**
   * One pass over the items in the order of this epoch. The order depends on nothing but the data,
   * the seed and the epoch, so that a run that was killed goes on where it stopped: it opens the
   * epoch again and skips what it had seen.
   *
   * @param seed of the run
   * @param epoch from 0
   * @return items in order; closed by who asked
   * @throws IOException if a file cannot be read; what is wrong in it is an unchecked exception
   *     that names file and line, when the stream comes to it
   */
  Stream<T> epoch(long seed, int epoch) throws IOException;

  /**
   * SHA-256 over what is read, for the provenance of what is trained, and to refuse going on with
   * other data.
   *
   * @return 64 hexadecimal digits
   */
  String fingerprint() throws IOException;

  /** Number of items of one epoch; may read all data once. */
  long size() throws IOException;

  /** Items that are in memory, shuffled anew for each epoch. */
  static <T> TrainingData<T> of(List<T> items) {
    return new InMemoryData<>(items);
  }
}
