package io.chasqui.checkpoint;

/** What makes a score of the pooled hidden state: its dot product with a row, the raw logit. */
public sealed interface ScoreHead {
  /** What is done to the logit. */
  Activation activation();

  /** A stored row: the tensor of this name, [1, hidden]. */
  record Linear(String tensor, Activation activation) implements ScoreHead {
    /** The raw logit. */
    public Linear(String tensor) {
      this(tensor, Activation.NONE);
    }
  }

  /**
   * The row of one token of the LM head less that of another. With {@link Activation#SIGMOID} the
   * probability of the one against the other.
   */
  record TokenDifference(int yesId, int noId, Activation activation) implements ScoreHead {
    /** The raw difference. */
    public TokenDifference(int yesId, int noId) {
      this(yesId, noId, Activation.NONE);
    }
  }

  /**
   * A score that an exported ONNX graph gives itself: its output of this name, [batch, 1] or
   * [batch].
   */
  record GraphOutput(String output, Activation activation) implements ScoreHead {
    /** As the graph gives it. */
    public GraphOutput(String output) {
      this(output, Activation.NONE);
    }
  }

  /** The row of one token of the LM head. */
  record SingleToken(int id, Activation activation) implements ScoreHead {
    /** The raw logit. */
    public SingleToken(int id) {
      this(id, Activation.NONE);
    }
  }

  /** What is done to a logit. */
  public enum Activation {
    /** Nothing. */
    NONE,
    /** 1 / (1 + e^−logit). */
    SIGMOID
  }
}
