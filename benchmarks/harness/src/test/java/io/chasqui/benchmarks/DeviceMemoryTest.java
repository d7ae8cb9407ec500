package io.chasqui.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class DeviceMemoryTest {
  private static final OptionalLong NOTHING = OptionalLong.empty();

  @Test
  void devicesAreAddedUp() {
    assertEquals(OptionalLong.of(2049L << 20), DeviceMemory.sum(List.of("2048 MiB", " 1 MiB ")));
  }

  @Test
  void whatIsNotToldIsNotGuessed() {
    assertEquals(NOTHING, DeviceMemory.sum(List.of()));
    assertEquals(NOTHING, DeviceMemory.sum(List.of("2048 MiB", "[N/A]")));
    assertEquals(NOTHING, DeviceMemory.sum(List.of("NVIDIA-SMI has failed")));
  }

  @Test
  void aProcessHadWhatIsFreedByItsEnd() {
    assertEquals(OptionalLong.of(3), DeviceMemory.freed(OptionalLong.of(10), OptionalLong.of(7)));
    assertEquals(NOTHING, DeviceMemory.freed(OptionalLong.of(7), OptionalLong.of(10)));
    assertEquals(NOTHING, DeviceMemory.freed(NOTHING, OptionalLong.of(7)));
  }
}
