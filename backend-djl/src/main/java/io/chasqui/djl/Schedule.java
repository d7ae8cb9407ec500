package io.chasqui.djl;

/**
 * How the learning rate goes on from step to step: up in a line from 0 while warming up, then as
 * each says. As Hugging Face counts, the very first update has rate 0 if there is a warm-up.
 * Immutable.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/optimization.py">optimization.py</a>
 */
public sealed interface Schedule {
  /** Updates before the rate is at its peak. */
  int warmup();

  /** Stays at the peak. */
  record Constant(int warmup) implements Schedule {
    public Constant {
      requireWarmup(warmup);
    }
  }

  /** Falls in a line to 0 at the last update. */
  record Linear(int warmup) implements Schedule {
    public Linear {
      requireWarmup(warmup);
    }
  }

  /** Falls as half a cosine to 0 at the last update. */
  record Cosine(int warmup) implements Schedule {
    public Cosine {
      requireWarmup(warmup);
    }
  }

  /**
   * Share of the peak rate that an update has.
   *
   * @param step from 0
   * @param total updates of the whole training
   * @return from 0 to 1
   */
  default double factor(long step, long total) {
    if (step < warmup()) {
      return step / (double) warmup();
    }
    double left = Math.max(0, total - step) / (double) Math.max(1, total - warmup());
    if (this instanceof Linear) {
      return left;
    }
    return this instanceof Cosine ? 0.5 * (1 + Math.cos(Math.PI * (1 - left))) : 1;
  }

  private static void requireWarmup(int warmup) {
    if (warmup < 0) {
      throw new IllegalArgumentException("warmup must not be negative: " + warmup);
    }
  }
}
