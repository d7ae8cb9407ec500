package io.chasqui.onnx;

import io.chasqui.Deadline;
import io.chasqui.spi.ModelRunner;
import io.chasqui.spi.TokenBatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The same model on several devices: a batch goes to the one with the fewest tokens to do.
 * Thread-safe until closed.
 */
final class RunnerPool implements ModelRunner {
  private final List<Member> members;

  private record Member(ModelRunner runner, AtomicLong tokens) {}

  /**
   * Takes over the runners.
   *
   * @param runners at least one, of the same roles
   */
  RunnerPool(List<ModelRunner> runners) {
    if (runners.isEmpty()) {
      throw new IllegalArgumentException("a pool needs at least one runner");
    }
    members = runners.stream().map(runner -> new Member(runner, new AtomicLong())).toList();
  }

  @Override
  public int width(String role) {
    return members.get(0).runner().width(role);
  }

  @Override
  public float[] run(TokenBatch batch, Deadline deadline) {
    long tokens = (long) batch.rows().size() * batch.longest();
    Member member = reserve(tokens);
    try {
      return member.runner().run(batch, deadline);
    } finally {
      member.tokens().addAndGet(-tokens);
    }
  }

  private synchronized Member reserve(long tokens) {
    Member idlest = members.get(0);
    for (Member member : members) {
      if (member.tokens().get() < idlest.tokens().get()) {
        idlest = member;
      }
    }
    idlest.tokens().addAndGet(tokens);
    return idlest;
  }

  /** Closes all, whatever some of them throw. */
  @Override
  public void close() {
    closeAll(members.stream().map(Member::runner).toList());
  }

  /**
   * Closes from the last to the first; the first failure is thrown, others are suppressed in it.
   */
  static void closeAll(List<? extends ModelRunner> runners) {
    Deque<ModelRunner> left = new ArrayDeque<>(runners);
    List<RuntimeException> failures = new ArrayList<>();
    while (!left.isEmpty()) {
      try {
        left.removeLast().close();
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      RuntimeException first = Objects.requireNonNull(failures.get(0));
      failures.stream().skip(1).forEach(first::addSuppressed);
      throw first;
    }
  }
}
