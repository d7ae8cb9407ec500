package io.chasqui;

import java.util.List;

/**
 * How relevant passages are to a query, one raw score each; higher is better. A lambda is a fake.
 *
 * @see <a href="https://arxiv.org/abs/2310.08319">Ma et al. 2023, section 2.3 (RankLLaMA)</a>
 */
@FunctionalInterface
public interface Scorer {
  /**
   * One score per passage, in order; a passage that fails is flagged, the others are scored.
   *
   * @throws BackendException if the device fails
   */
  Scores score(String query, List<Passage> passages);

  /**
   * As {@link #score(String, List)}, given up when the deadline passes. Implementations that run
   * long override this and stop midway.
   *
   * @throws DeadlineExceededException if the deadline passes or the thread is interrupted
   */
  default Scores score(String query, List<Passage> passages, Deadline deadline) {
    deadline.check("scoring " + passages.size() + " passages");
    return score(query, passages);
  }

  /**
   * This scorer with another instruction. A view that closes nothing.
   *
   * @throws IllegalArgumentException if it takes no instruction
   */
  default Scorer withInstruction(String instruction) {
    throw new IllegalArgumentException("this scorer takes no instruction: " + this);
  }
}
