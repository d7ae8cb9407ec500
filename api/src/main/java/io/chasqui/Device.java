package io.chasqui;

import java.util.List;
import java.util.stream.IntStream;

/** Where a model runs. Immutable. */
public sealed interface Device {
  /**
   * The processor.
   *
   * @param threads threads that one model may keep busy, at least 1
   */
  record Cpu(int threads) implements Device {
    public Cpu {
      if (threads < 1) {
        throw new IllegalArgumentException("threads must be positive: " + threads);
      }
    }
  }

  /**
   * NVIDIA GPUs; several ordinals are a pool.
   *
   * @param ordinals CUDA device numbers, from 0; at least one, none twice
   */
  record Cuda(List<Integer> ordinals) implements Device {
    public Cuda {
      ordinals = List.copyOf(ordinals);
      if (ordinals.isEmpty()) {
        throw new IllegalArgumentException("at least one CUDA device must be named");
      }
      if (ordinals.stream().anyMatch(n -> n < 0)
          || ordinals.stream().distinct().count() < ordinals.size()) {
        throw new IllegalArgumentException(
            "CUDA devices must be distinct and not negative: " + ordinals);
      }
    }
  }

  /**
   * An explicit wish to take CUDA where it works and the processor elsewhere; the choice is logged
   * once.
   */
  record Auto() implements Device {}

  /** The processor, with all its cores. */
  static Device cpu() {
    return new Cpu(Runtime.getRuntime().availableProcessors());
  }

  static Device cpu(int threads) {
    return new Cpu(threads);
  }

  static Device cuda(int... ordinals) {
    return new Cuda(IntStream.of(ordinals).boxed().toList());
  }

  static Device auto() {
    return new Auto();
  }
}
