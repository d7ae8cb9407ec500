package io.chasqui.onnx;

/** Schedulers for tests: five per cent of padding, 100 bytes a token. */
final class Schedulers {
  static final int BYTES_PER_TOKEN = 100;

  private Schedulers() {}

  static BatchScheduler over(FakeRunner runner, RunQueue queue, int maxTokens) {
    return over(runner, queue, maxTokens, 1L << 40);
  }

  static BatchScheduler over(FakeRunner runner, RunQueue queue, int maxTokens, long budget) {
    return new BatchScheduler(
        runner,
        queue,
        new BatchPlanner(
            maxTokens,
            0.05,
            (rows, longest) -> (long) BYTES_PER_TOKEN * rows * longest,
            budget / queue.threads()),
        new MemoryGate(budget),
        () -> "");
  }
}
