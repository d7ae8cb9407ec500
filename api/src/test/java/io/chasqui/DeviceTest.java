package io.chasqui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceTest {
  @Test
  void devicesAreValues() {
    assertEquals(Device.cuda(0, 2), new Device.Cuda(List.of(0, 2)));
    assertEquals(Device.cpu(3), new Device.Cpu(3));
    assertEquals(Device.auto(), new Device.Auto());
    assertTrue(((Device.Cpu) Device.cpu()).threads() >= 1);
  }

  @Test
  void devicesThatCannotBeAreRefusedWithTheValue() {
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> Device.cpu(0))
            .getMessage()
            .contains("0"));
    assertThrows(IllegalArgumentException.class, () -> Device.cuda());
    assertThrows(IllegalArgumentException.class, () -> Device.cuda(-1));
    assertThrows(IllegalArgumentException.class, () -> Device.cuda(1, 1));
  }
}
