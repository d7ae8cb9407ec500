package io.chasqui.onnx;

import io.chasqui.BackendException;
import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.checkpoint.PreparedInput;
import io.chasqui.spi.ModelRunner;
import io.chasqui.spi.TokenBatch;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * What turns a list of any length into calls of the model and their outputs into rows in the order
 * of the list. Thread-safe.
 *
 * <p>Texts are tokenized by the caller's thread in windows, each while the one before runs; a
 * window is sorted by length and packed ({@link BatchPlanner}). A call that runs out of memory is
 * halved, down to one row. A row that is not finite is a failure of that row alone.
 */
final class BatchScheduler {
  private static final int FIRST_WINDOW = 64; // texts; small, so that the model soon has work
  private static final int WINDOW_GROWTH = 4;
  private static final int WINDOW_CALLS = 32; // calls' worth of short texts in a full window
  private static final int SHORT_TEXT = 16; // tokens

  private final ModelRunner runner;
  private final RunQueue queue;
  private final BatchPlanner planner;
  private final MemoryGate memory;
  private final NanExplainer explainer;

  /** Says where a NaN may come from, for the reason of a failed row. */
  @FunctionalInterface
  interface NanExplainer {
    /** "" if nothing is known. */
    String explain();
  }

  /** Texts of one request, not yet tokenized. */
  interface Inputs {
    int size();

    /** Tokenizes the texts from {@code from} to before {@code to}. */
    List<PreparedInput> prepare(int from, int to);

    /** One text, for messages: "passage a17". */
    String name(int index);

    /** All of them, for messages: "encoding 500 passages". */
    String doing();
  }

  /**
   * Outputs in the order of the texts.
   *
   * @param values [texts, width]
   * @param truncated texts that were cut
   * @param failures reason by text
   */
  @SuppressWarnings("ArrayRecordComponent") // passed on at once, compared by nobody
  record Rows(float[] values, BitSet truncated, Map<Integer, String> failures) {}

  BatchScheduler(
      ModelRunner runner,
      RunQueue queue,
      BatchPlanner planner,
      MemoryGate memory,
      NanExplainer explainer) {
    this.runner = runner;
    this.queue = queue;
    this.planner = planner;
    this.memory = memory;
    this.explainer = explainer;
  }

  /** Floats per row of a role. */
  int width(String role) {
    return runner.width(role);
  }

  /**
   * Runs a role on all texts.
   *
   * @throws DeadlineExceededException if the deadline passes or the thread is interrupted; nothing
   *     of this request runs any more
   * @throws BackendException if the device fails, or one text alone needs too much memory
   */
  Rows run(String role, Inputs inputs, Deadline deadline) {
    int size = inputs.size();
    deadline.check(inputs.doing());
    Request request = new Request(role, runner.width(role), inputs, deadline);
    RunQueue.Job job = queue.newJob();
    try {
      int window = FIRST_WINDOW;
      for (int from = 0; from < size; ) {
        int to = Math.min(size, from + window);
        List<int[]> ids = request.prepare(from, to);
        int[] lengths = ids.stream().mapToInt(row -> row.length).toArray();
        int first = from;
        List<Runnable> tasks =
            planner.plan(lengths).stream()
                .<Runnable>map(rows -> () -> request.run(rows, first, ids))
                .toList();
        job.awaitAtMost(2 * queue.threads(), deadline, inputs.doing());
        job.submit(tasks);
        from = to;
        window = Math.min(window * WINDOW_GROWTH, largestWindow());
      }
      job.awaitAtMost(0, deadline, inputs.doing());
    } finally {
      job.giveUp();
    }
    return new Rows(request.values, request.truncated, request.failures);
  }

  private int largestWindow() {
    long texts = WINDOW_CALLS * (1 + planner.maxTokens() / SHORT_TEXT);
    return (int) Math.min(1 << 16, Math.max(FIRST_WINDOW, texts));
  }

  /** One call of {@link BatchScheduler#run}: where its rows go. */
  private final class Request {
    private final String role;
    private final int width;
    private final Inputs inputs;
    private final Deadline deadline;
    private final float[] values;
    private final BitSet truncated = new BitSet();
    private final int[] sharedPrefix;
    private final Map<Integer, String> failures = new ConcurrentHashMap<>();
    private volatile long mostTokens = Long.MAX_VALUE; // lowered when memory runs out

    Request(String role, int width, Inputs inputs, Deadline deadline) {
      this.role = role;
      this.width = width;
      this.inputs = inputs;
      this.deadline = deadline;
      long floats = (long) inputs.size() * width;
      if (floats > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException(
            inputs.doing() + " gives " + floats + " floats, more than an array holds: split it");
      }
      this.values = new float[(int) floats];
      this.sharedPrefix = new int[inputs.size()];
    }

    List<int[]> prepare(int from, int to) {
      List<PreparedInput> prepared = inputs.prepare(from, to);
      for (int i = from; i < to; i++) {
        PreparedInput input = prepared.get(i - from);
        truncated.set(i, input.truncated());
        sharedPrefix[i] = input.sharedPrefix();
      }
      return prepared.stream().map(PreparedInput::ids).toList();
    }

    /** Runs the rows (numbers in {@code ids}, whose first is text {@code first}). */
    void run(int[] rows, int first, List<int[]> ids) {
      deadline.check(inputs.doing());
      int longest = Arrays.stream(rows).map(row -> ids.get(row).length).max().orElseThrow();
      if (rows.length > 1 && (long) rows.length * longest > mostTokens) {
        runHalves(rows, first, ids);
        return;
      }
      long bytes = planner.cost().bytes(rows.length, longest);
      if (rows.length == 1 && bytes > memory.budget()) {
        throw new BackendException(tooLarge(first + rows[0], longest, bytes), false);
      }
      TokenBatch batch = batch(rows, first, ids);
      float[] output;
      try {
        output = memory.during(bytes, () -> runner.run(batch, deadline));
      } catch (BackendException e) {
        if (!e.retryable() || e instanceof DeadlineExceededException) {
          throw e;
        }
        if (rows.length > 1) {
          mostTokens = Math.min(mostTokens, (long) rows.length * longest / 2);
          runHalves(rows, first, ids);
          return;
        }
        output = runAlone(batch, first + rows[0], bytes);
      }
      keep(output, rows, first);
    }

    private void runHalves(int[] rows, int first, List<int[]> ids) {
      run(Arrays.copyOfRange(rows, 0, rows.length / 2), first, ids);
      run(Arrays.copyOfRange(rows, rows.length / 2, rows.length), first, ids);
    }

    /** The last try of a single row: with nothing else running in this session. */
    private float[] runAlone(TokenBatch batch, int text, long bytes) {
      try {
        return memory.during(memory.budget(), () -> runner.run(batch, deadline));
      } catch (DeadlineExceededException e) {
        throw e;
      } catch (BackendException e) {
        if (!e.retryable()) {
          throw e;
        }
        throw new BackendException(tooLarge(text, batch.longest(), bytes), true, e);
      }
    }

    private String tooLarge(int text, int tokens, long bytes) {
      return "not enough memory for "
          + inputs.name(text)
          + " alone: its "
          + tokens
          + " tokens need about "
          + bytes
          + " bytes, the budget is "
          + memory.budget()
          + " bytes";
    }

    private TokenBatch batch(int[] rows, int first, List<int[]> ids) {
      int shared = IntStream.of(rows).map(row -> sharedPrefix[first + row]).min().orElseThrow();
      return new TokenBatch(role, IntStream.of(rows).mapToObj(ids::get).toList(), shared);
    }

    private void keep(float[] output, int[] rows, int first) {
      if (output.length != rows.length * width) {
        throw new BackendException(
            "the model gave " + output.length + " floats for " + rows.length + " rows of " + width,
            false);
      }
      for (int i = 0; i < rows.length; i++) {
        int text = first + rows[i];
        for (int j = 0; j < width; j++) {
          float value = output[i * width + j];
          if (!Float.isFinite(value)) {
            failures.put(
                text,
                "the model gave " + value + " for " + inputs.name(text) + explainer.explain());
            break;
          }
        }
        System.arraycopy(output, i * width, values, text * width, width);
      }
    }
  }
}
