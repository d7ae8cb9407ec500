package io.chasqui.checkpoint.testing;

import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.TensorData;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

/**
 * Tensors of random numbers that depend on a seed and the tensor's name only, made while they are
 * written.
 */
final class RandomWeights {
  /** Of the sum of four uniform numbers from -1 to 1. */
  private static final float SUM_DEVIATION = (float) Math.sqrt(4 / 3.0);

  private RandomWeights() {}

  /** Bell-shaped: the sum of four uniform numbers, with this mean and standard deviation. */
  static TensorData bell(
      String name, DType dtype, List<Long> shape, long seed, float mean, float deviation) {
    return new TensorData(
        name,
        dtype,
        shape,
        sink -> {
          // A fresh generator for each writing, so that a source may be written twice.
          SplittableRandom random = new SplittableRandom(seed * 0x9e37_79b9L + hash(name));
          float scale = deviation / SUM_DEVIATION;
          TensorData.generated(
                  name,
                  dtype,
                  shape,
                  (first, target, count) -> {
                    for (int i = 0; i < count; i++) {
                      long bits = random.nextLong();
                      int sum =
                          (short) bits
                              + (short) (bits >> 16)
                              + (short) (bits >> 32)
                              + (short) (bits >> 48);
                      target[i] = mean + scale * (sum + 2) / 32768f;
                    }
                  })
              .source()
              .writeTo(sink);
        });
  }

  private static long hash(String name) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    return crc.getValue() << 32;
  }
}
