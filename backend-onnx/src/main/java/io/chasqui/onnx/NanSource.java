package io.chasqui.onnx;

import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the weights that are not finite, once a model has given a NaN. Reading all weights takes
 * seconds per gigabyte: healthy models never pay for it. Thread-safe.
 */
final class NanSource implements BatchScheduler.NanExplainer {
  private static final Logger LOG = LoggerFactory.getLogger(NanSource.class);

  private final Tensors weights;
  private final Map<String, LoraAdapter> adapters;
  private @Nullable String explanation;

  /**
   * Over a model.
   *
   * @param adapters by role
   */
  NanSource(Tensors weights, Map<String, LoraAdapter> adapters) {
    this.weights = weights;
    this.adapters = Map.copyOf(adapters);
  }

  @Override
  public synchronized String explain() {
    if (explanation == null) {
      String found = search();
      if (Thread.currentThread().isInterrupted()) {
        return found;
      }
      explanation = found;
    }
    return explanation;
  }

  private String search() {
    for (Map.Entry<String, LoraAdapter> adapter : adapters.entrySet()) {
      Optional<String> module =
          adapter.getValue().modules().entrySet().stream()
              .filter(m -> !isFinite(m.getValue().a()) || !isFinite(m.getValue().b()))
              .map(Map.Entry::getKey)
              .findFirst();
      if (module.isPresent()) {
        return "; the adapter of role " + adapter.getKey() + " is not finite in " + module.get();
      }
    }
    for (String name : weights.all().keySet()) {
      if (Thread.currentThread().isInterrupted()) {
        return "";
      }
      try {
        if (!isFinite(name)) {
          return "; the weights are not finite in " + name;
        }
      } catch (IOException e) {
        LOG.warn("weights could not be searched for NaN", e);
        return "";
      }
    }
    return "; all weights are finite";
  }

  private boolean isFinite(String name) throws IOException {
    DType type = Objects.requireNonNull(weights.all().get(name), name).dtype();
    if (!type.isFloat()) {
      return true;
    }
    ByteBuffer bytes = weights.bytes(name).duplicate().order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.remaining() >= type.bytes()) {
      boolean finite =
          switch (type) {
            case F64 -> Double.isFinite(bytes.getDouble());
            case F32 -> Float.isFinite(bytes.getFloat());
            case F16 -> (bytes.getShort() & 0x7C00) != 0x7C00;
            default -> (bytes.getShort() & 0x7F80) != 0x7F80; // BF16
          };
      if (!finite) {
        return false;
      }
    }
    return true;
  }

  private static boolean isFinite(FloatBuffer values) {
    while (values.hasRemaining()) {
      if (!Float.isFinite(values.get())) {
        return false;
      }
    }
    return true;
  }
}
