package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.TrainingException;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Whose memory an estimate is compared with. */
final class FreeMemoryTest {
  private static final Optional<Integer> CPU = Optional.empty();
  private static final Optional<Integer> GPU = Optional.of(3);

  private static Optional<FreeMemory> free(
      long budget, Optional<Integer> gpu, OptionalLong host, OptionalLong device)
      throws IOException {
    return FreeMemory.of(budget, gpu, () -> host, () -> device);
  }

  @Test
  void theDeviceThatTrainsDecides() throws IOException {
    OptionalLong host = OptionalLong.of(64);
    OptionalLong device = OptionalLong.of(24);
    assertEquals(64, free(0, CPU, host, device).orElseThrow().bytes());
    FreeMemory onGpu = free(0, GPU, host, device).orElseThrow();
    assertEquals(24, onGpu.bytes());
    assertEquals("free on CUDA device 3", onGpu.where());
  }

  @Test
  void aBudgetIsTakenAtItsWord() throws IOException {
    OptionalLong some = OptionalLong.of(24);
    assertEquals(7, free(7, GPU, some, some).orElseThrow().bytes());
    assertEquals(7, free(7, CPU, some, some).orElseThrow().bytes());
  }

  @Test
  void whatNobodyTellsIsNotTakenFromTheHost() throws IOException {
    assertEquals(Optional.empty(), free(0, GPU, OptionalLong.of(64), OptionalLong.empty()));
  }

  @Test
  void theHostTellsAndAGpuThatIsNotThereDoesNot() throws IOException {
    assertTrue(FreeMemory.ofHost().orElseThrow() > 0);
    assertEquals(OptionalLong.empty(), FreeMemory.ofGpu(977));
  }

  @Test
  void theRefusalSaysWhere() {
    MemoryEstimate estimate = new MemoryEstimate(3_000_000, 2_000_000, 1_000_000);
    estimate.requireFit(new FreeMemory(6_000_000, "free"), Batching.defaults());
    TrainingException e =
        assertThrows(
            TrainingException.class,
            () ->
                estimate.requireFit(
                    new FreeMemory(5_999_999, "free on CUDA device 3"), Batching.defaults()));
    assertTrue(e.getMessage().contains("5 MB free on CUDA device 3"), e.getMessage());
  }
}
