package io.chasqui.onnx;

import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one session on which alone its model runs. Jobs take turns, task by task, so that
 * one query does not wait for a thousand passages. Thread-safe until closed.
 *
 * <p>Callers' threads never enter native code: an interrupted caller stops its own tasks, and
 * nobody else's.
 */
final class RunQueue implements AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Deque<Job> ready = new ArrayDeque<>(); // each has tasks waiting, each once
  private final List<Thread> workers = new ArrayList<>();
  private final Set<Job> jobs = new HashSet<>(); // that were given tasks and are not settled
  private boolean closed;
  private boolean abandoned;

  /**
   * Starts the threads.
   *
   * @param name of the threads, a number is added
   * @param threads how many tasks run at the same time
   */
  RunQueue(String name, int threads) {
    for (int i = 1; i <= threads; i++) {
      Thread worker = new Thread(this::work, name + "-" + i);
      worker.setDaemon(true);
      workers.add(worker);
    }
    workers.forEach(Thread::start);
  }

  int threads() {
    return workers.size();
  }

  /** Whether tasks of so many jobs wait. */
  boolean hasWaiting(int jobs) {
    lock.lock();
    try {
      return ready.size() >= jobs;
    } finally {
      lock.unlock();
    }
  }

  /** A request without tasks yet. */
  Job newJob() {
    return new Job();
  }

  /** Lets the threads end once nothing waits, and waits for them. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      work.signalAll();
    } finally {
      lock.unlock();
    }
    Threads.awaitEnd(workers);
  }

  /** Stops all that runs or waits, for good, and waits until nothing runs: the JVM exits. */
  void abandon() {
    lock.lock();
    try {
      abandoned = true;
      for (Job job : List.copyOf(jobs)) {
        job.fail(new IllegalStateException("the JVM is exiting"));
      }
      for (Job job : List.copyOf(jobs)) {
        job.awaitIdle();
      }
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    lock.lock();
    try {
      while (true) {
        while (ready.isEmpty() && !closed) {
          work.awaitUninterruptibly();
        }
        Job job = ready.poll();
        if (job == null) {
          return;
        }
        runOne(job);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Runs a job's next task; holds the lock before and after, not meanwhile. */
  private void runOne(Job job) {
    Runnable task = job.waiting.remove();
    if (!job.waiting.isEmpty()) {
      ready.add(job); // behind the others: jobs take turns
    }
    job.running.add(Thread.currentThread());
    Throwable failure = null;
    lock.unlock();
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      failure = e;
    } finally {
      lock.lock();
    }
    job.running.remove(Thread.currentThread());
    Thread.interrupted(); // an interrupt was meant for this task, which is over
    if (failure != null) {
      job.fail(failure);
    }
    if (job.isAwaited()) {
      job.changed.signalAll();
    }
  }

  /** One caller's tasks. Used by that caller's thread alone. */
  final class Job {
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private final Set<Thread> running = new HashSet<>();
    private final Condition changed = lock.newCondition();
    private int awaited; // so many tasks are waited for to be left
    private boolean stopped;
    private @Nullable Throwable failure;

    /**
     * Adds tasks, to run in about this order, several at a time. A task that throws stops the job.
     * A task is interrupted when the job is given up; it should then end soon, as it likes.
     */
    void submit(Collection<? extends Runnable> tasks) {
      lock.lock();
      try {
        if (abandoned) {
          throw new IllegalStateException("the JVM is exiting");
        }
        if (stopped || tasks.isEmpty()) {
          return;
        }
        jobs.add(this);
        if (waiting.isEmpty()) {
          ready.add(this);
        }
        waiting.addAll(tasks);
        work.signalAll();
      } finally {
        lock.unlock();
      }
    }

    /**
     * Waits until at most so many tasks wait or run. If it can't, no task runs any more when it
     * throws.
     *
     * @param doing for the message: "encoding 500 passages"
     * @throws DeadlineExceededException if the deadline passes or the thread is interrupted
     * @throws RuntimeException as the first task threw that failed
     */
    void awaitAtMost(int tasks, Deadline deadline, String doing) {
      lock.lock();
      try {
        awaited = tasks;
        while (failure == null && waiting.size() + running.size() > tasks) {
          if (deadline.hasPassed()) {
            throw new DeadlineExceededException("deadline passed while " + doing);
          }
          if (deadline.remaining().isPresent()) {
            long unused = changed.awaitNanos(deadline.remaining().get().toNanos());
          } else {
            changed.await();
          }
        }
        if (failure instanceof RuntimeException e) {
          throw e;
        }
        if (failure instanceof Error e) {
          throw e;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new DeadlineExceededException("interrupted while " + doing);
      } finally {
        lock.unlock();
      }
    }

    /** Drops the tasks that wait, interrupts those that run, and waits until none does. */
    void giveUp() {
      lock.lock();
      try {
        stop();
        awaitIdle();
        jobs.remove(this);
      } finally {
        lock.unlock();
      }
    }

    /** The first failure stops the job, and is what its caller gets. */
    private void fail(Throwable reason) {
      if (!stopped) {
        failure = reason;
        stop();
        changed.signalAll();
      }
    }

    /** Whether what its caller waits for is there: it is woken once, not after each task. */
    private boolean isAwaited() {
      return waiting.size() + running.size() <= awaited || (stopped && running.isEmpty());
    }

    private void awaitIdle() {
      while (!running.isEmpty()) {
        changed.awaitUninterruptibly();
      }
    }

    private void stop() {
      stopped = true;
      if (!waiting.isEmpty()) {
        waiting.clear();
        ready.remove(this);
      }
      running.forEach(Thread::interrupt);
    }
  }
}
