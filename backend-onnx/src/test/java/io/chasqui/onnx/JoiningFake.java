package io.chasqui.onnx;

import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.spi.TokenBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A fake model that runs batches together, and fails where told to. */
final class JoiningFake implements JoiningRunner {
  /** What happens before a joined run. */
  interface Trouble {
    void on(List<TokenBatch> batches, Deadline deadline) throws InterruptedException;
  }

  final List<List<TokenBatch>> runs = new CopyOnWriteArrayList<>();
  final FakeRunner answers = FakeRunner.healthy();
  private final Trouble trouble;
  private final boolean joinsRoles;

  JoiningFake(boolean joinsRoles, Trouble trouble) {
    this.joinsRoles = joinsRoles;
    this.trouble = trouble;
  }

  @Override
  public boolean joinsRoles() {
    return joinsRoles;
  }

  @Override
  public List<float[]> runTogether(List<TokenBatch> batches, Deadline deadline) {
    runs.add(List.copyOf(batches));
    try {
      trouble.on(batches, deadline);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeadlineExceededException("stopped");
    }
    List<float[]> rows = new ArrayList<>();
    batches.forEach(batch -> rows.add(answers.run(batch, deadline)));
    return rows;
  }

  @Override
  public float[] run(TokenBatch batch, Deadline deadline) {
    return runTogether(List.of(batch), deadline).get(0);
  }

  @Override
  public int width(String role) {
    return answers.width(role);
  }

  @Override
  public void close() {
    answers.close();
  }

  /** Padded tokens of batches run as one. */
  static int slots(List<TokenBatch> batches) {
    int rows = batches.stream().mapToInt(batch -> batch.rows().size()).sum();
    return rows * batches.stream().mapToInt(TokenBatch::longest).max().orElse(0);
  }
}
