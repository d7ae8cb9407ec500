package io.chasqui.onnx;

import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.spi.ModelRunner;
import io.chasqui.spi.TokenBatch;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Dynamic batching: batches of concurrent callers run as one, by threads of this class alone. What
 * waits when a thread becomes free is joined, within {@link Limits}; a lone batch waits for company
 * no longer than told. Thread-safe until closed.
 *
 * <p>A joined run that fails is undone: each of its batches runs again by itself, so that nobody
 * gets another caller's failure. A caller that is interrupted or late leaves the others alone; a
 * run that nobody waits for any more is stopped.
 */
final class JoinedRuns implements ModelRunner {
  private final JoiningRunner runner;
  private final Limits limits;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition settled = lock.newCondition();
  private final Deque<Call> waiting = new ArrayDeque<>();
  private final List<Thread> threads = new ArrayList<>();
  private boolean closed;

  /**
   * What may run together.
   *
   * @param slots rows × longest row of a joined run at most; a single larger batch goes alone
   * @param cost bytes that a run needs
   * @param bytes of a joined run at most
   * @param delay how long a batch waits for company although a thread is free
   */
  record Limits(long slots, BatchPlanner.CallCost cost, long bytes, Duration delay) {
    boolean allow(int rows, int longest) {
      return (long) rows * longest <= slots && cost.bytes(rows, longest) <= bytes;
    }
  }

  /**
   * Takes over a runner and starts the threads.
   *
   * @param threads how many runs go side by side
   */
  JoinedRuns(JoiningRunner runner, String name, int threads, Limits limits) {
    this.runner = runner;
    this.limits = limits;
    for (int i = 1; i <= threads; i++) {
      Thread thread = new Thread(this::work, name + "-run-" + i);
      thread.setDaemon(true);
      this.threads.add(thread);
    }
    this.threads.forEach(Thread::start);
  }

  @Override
  public int width(String role) {
    return runner.width(role);
  }

  @Override
  public float[] run(TokenBatch batch, Deadline deadline) {
    deadline.check("a run of the model");
    Call call = new Call(batch, deadline);
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the model runner is closed");
      }
      waiting.add(call);
      arrived.signal();
      call.await();
      return call.answer();
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    lock.lock();
    try {
      while (true) {
        while (waiting.isEmpty() && !closed) {
          arrived.awaitUninterruptibly();
        }
        awaitCompany();
        if (waiting.isEmpty()) {
          if (closed) {
            return;
          }
          continue; // another thread took it, or its caller left
        }
        Group group = next();
        if (!waiting.isEmpty()) {
          arrived.signal(); // for another thread: what is left may run beside this group
        }
        lock.unlock();
        try {
          group.run();
        } finally {
          lock.lock();
        }
        group.end();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits while the first batch has not waited long enough and others could join it. */
  private void awaitCompany() {
    Call first = waiting.peekFirst();
    while (first != null && nanosForCompany(first) > 0) {
      try {
        long unused = arrived.awaitNanos(nanosForCompany(first));
      } catch (InterruptedException e) {
        // Meant for a run that is over: see Group.end.
      }
      first = waiting.peekFirst();
    }
  }

  private long nanosForCompany(Call first) {
    if (first.alone || closed) {
      return 0;
    }
    Group group = new Group(first);
    waiting.stream().skip(1).filter(group::takes).forEach(group::add);
    return group.hasRoom() ? first.since + limits.delay().toNanos() - System.nanoTime() : 0;
  }

  /** The oldest batch, and those behind it that fit; removes them from the queue. */
  private Group next() {
    Group group = new Group(waiting.removeFirst());
    if (!group.calls.get(0).alone) {
      for (Iterator<Call> others = waiting.iterator(); others.hasNext(); ) {
        Call other = others.next();
        if (group.takes(other)) {
          group.add(other);
          others.remove();
        }
      }
    }
    group.calls.forEach(call -> call.group = group);
    group.thread = Thread.currentThread();
    return group;
  }

  /** How many batches wait. */
  int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Refuses new batches, runs those that wait, and closes the runner. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
    Threads.awaitEnd(threads);
    runner.close();
  }

  /** A batch that somebody waits for. Guarded by the lock. */
  private final class Call {
    private final TokenBatch batch;
    private final Deadline deadline;
    private final long since = System.nanoTime();
    private boolean alone; // it failed in company
    private boolean left; // nobody waits for it any more
    private boolean done;
    private @Nullable Group group;
    private float @Nullable [] rows;
    private @Nullable Throwable failure;

    Call(TokenBatch batch, Deadline deadline) {
      this.batch = batch;
      this.deadline = deadline;
    }

    void await() {
      try {
        while (!done) {
          if (deadline.hasPassed()) {
            leave();
            throw new DeadlineExceededException("deadline passed during a run of the model");
          }
          if (deadline.remaining().isPresent()) {
            long unused = settled.awaitNanos(deadline.remaining().get().toNanos());
          } else {
            settled.await();
          }
        }
      } catch (InterruptedException e) {
        leave();
        Thread.currentThread().interrupt();
        throw new DeadlineExceededException("interrupted during a run of the model");
      }
    }

    /** Gives up; if the run was for this caller alone, waits until it has stopped. */
    private void leave() {
      left = true;
      waiting.remove(this);
      Group running = group;
      if (running != null && running.isForNobody()) {
        running.stop();
        while (!running.ended) {
          settled.awaitUninterruptibly();
        }
      }
    }

    void settle(float @Nullable [] rows, @Nullable Throwable failure) {
      this.rows = rows;
      this.failure = failure;
      done = true;
    }

    float[] answer() {
      if (failure instanceof RuntimeException e) {
        throw e;
      }
      if (failure instanceof Error e) {
        throw e;
      }
      if (rows == null) {
        throw new IllegalStateException("a run of the model gave nothing");
      }
      return rows;
    }
  }

  /** Batches that run as one. */
  private final class Group {
    private final List<Call> calls = new ArrayList<>();
    private int rows;
    private int longest;
    private long ownSlots;
    private boolean ended;
    private @Nullable Thread thread;
    private List<float[]> results = List.of();
    private @Nullable Throwable failure;

    Group(Call first) {
      add(first);
    }

    void add(Call call) {
      calls.add(call);
      rows += call.batch.rows().size();
      longest = Math.max(longest, call.batch.longest());
      ownSlots += slots(call);
    }

    private static long slots(Call call) {
      return (long) call.batch.rows().size() * call.batch.longest();
    }

    /** Whether a batch fits, and is not blown up to more than it would cost by itself. */
    boolean takes(Call call) {
      int together = rows + call.batch.rows().size();
      int padded = Math.max(longest, call.batch.longest());
      return !call.alone
          && (runner.joinsRoles() || call.batch.role().equals(calls.get(0).batch.role()))
          && limits.allow(together, padded)
          && (long) together * padded <= 2 * (ownSlots + slots(call));
    }

    /** Whether another row like these would fit. */
    boolean hasRoom() {
      return limits.allow(rows + 1, longest);
    }

    boolean isForNobody() {
      return calls.stream().allMatch(call -> call.left);
    }

    void stop() {
      if (!ended && thread != null) {
        thread.interrupt();
      }
    }

    /** Without the lock. */
    void run() {
      try {
        results =
            runner.runTogether(calls.stream().map(call -> call.batch).toList(), latestDeadline());
      } catch (RuntimeException | Error e) {
        failure = e;
      }
    }

    /** Until when somebody waits. */
    private Deadline latestDeadline() {
      Duration latest = Duration.ZERO;
      for (Call call : calls) {
        if (call.deadline.remaining().isEmpty()) {
          return Deadline.none();
        }
        Duration left = call.deadline.remaining().get();
        latest = left.compareTo(latest) > 0 ? left : latest;
      }
      return Deadline.after(latest);
    }

    /** Hands over what came out, or sends each batch to run again by itself. */
    void end() {
      ended = true;
      boolean unused = Thread.interrupted(); // was meant for this run
      if (failure == null) {
        for (int i = 0; i < calls.size(); i++) {
          calls.get(i).settle(results.get(i), null);
        }
      } else if (calls.size() == 1) {
        calls.get(0).settle(null, failure);
      } else {
        for (int i = calls.size() - 1; i >= 0; i--) { // the first comes first again
          Call call = calls.get(i);
          if (!call.left) {
            call.alone = true;
            call.group = null;
            waiting.addFirst(call);
          }
        }
        arrived.signalAll();
      }
      settled.signalAll();
    }
  }
}
