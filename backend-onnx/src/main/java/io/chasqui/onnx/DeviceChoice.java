package io.chasqui.onnx;

import io.chasqui.Device;
import io.chasqui.NoBackendException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Which device a wish comes to on this machine. */
final class DeviceChoice {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceChoice.class);
  private static final AtomicBoolean SAID = new AtomicBoolean();

  private DeviceChoice() {}

  /**
   * The device to load on: never {@link Device.Auto}, and CUDA only if it works. What {@code auto}
   * takes is logged at INFO once per JVM, afterwards at DEBUG.
   *
   * @param cudaObjection why CUDA does not work on a device, by its number; empty if it does
   * @throws NoBackendException if CUDA was asked for and does not work, on one of several devices
   *     even; there is no silent fallback
   */
  static Device resolve(Device wish, IntFunction<Optional<String>> cudaObjection) {
    if (wish instanceof Device.Cuda cuda) {
      for (int ordinal : cuda.ordinals()) {
        Optional<String> objection = cudaObjection.apply(ordinal);
        if (objection.isPresent()) {
          throw new NoBackendException(objection.get());
        }
      }
      return wish;
    } else if (wish instanceof Device.Cpu) {
      return wish;
    }
    Optional<String> objection = cudaObjection.apply(0);
    if (objection.isPresent()) {
      say("takes the CPU, because " + objection.get());
      return Device.cpu();
    }
    say("takes CUDA device 0, because it works");
    return Device.cuda(0);
  }

  private static void say(String choice) {
    Level level = SAID.getAndSet(true) ? Level.DEBUG : Level.INFO;
    LOG.atLevel(level).log("Device.auto() {}", choice);
  }
}
