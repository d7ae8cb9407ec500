package io.chasqui.djl;

import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.SafetensorsWriter;
import io.chasqui.checkpoint.TensorData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Bases of one's own. */
public final class BaseModels {
  /** Hugging Face's {@code initializer_range}. */
  private static final double DEVIATION = 0.02;

  private static final long SHARD_BYTES = 5_000_000_000L;

  private BaseModels() {}

  /**
   * Writes random weights beside a {@code config.json}, as Hugging Face initialises its classes:
   * normal with deviation 0.02, norms one, biases zero; in fp32. Then {@link
   * io.chasqui.checkpoint.ModelBundle#read} reads the directory, and a {@link TrainingTask} for a
   * language model trains it.
   *
   * @param directory has the config, and no weights yet
   * @param seed of the weights
   * @throws io.chasqui.ModelFormatException if the config is malformed or of a type that is not
   *     supported
   * @throws java.nio.file.FileAlreadyExistsException if there are weights
   */
  public static void initialise(Path directory, long seed) throws IOException {
    ModelConfig config = ModelConfig.read(directory);
    String prefix =
        config.architectures().stream().anyMatch(name -> name.contains("For")) ? "model." : "";
    List<TensorData> tensors = new ArrayList<>();
    for (Map.Entry<String, List<Long>> entry : config.tensorShapes().entrySet()) {
      tensors.add(random(config, prefix, entry.getKey(), entry.getValue(), seed));
    }
    boolean predicts =
        config.architectures().stream().anyMatch(name -> name.endsWith("ForCausalLM"));
    if (predicts && !config.tiedEmbeddings()) {
      List<Long> shape = List.of((long) config.vocabularySize(), (long) config.hiddenSize());
      tensors.add(random(config, "", "lm_head.weight", shape, seed));
    }
    SafetensorsWriter.writeCheckpoint(directory, tensors, SHARD_BYTES);
  }

  private static TensorData random(
      ModelConfig config, String prefix, String name, List<Long> shape, long seed) {
    SplittableRandom random = new SplittableRandom(Seeds.mix(seed, name.hashCode()));
    boolean norm = name.endsWith("norm.weight");
    float ones = config.block().shiftedNorms() ? 0 : 1;
    return TensorData.generated(
        prefix + name,
        DType.F32,
        shape,
        (first, target, count) -> {
          if (norm || name.endsWith(".bias")) {
            Arrays.fill(target, 0, count, norm ? ones : 0);
            return;
          }
          for (int i = 0; i < count; i++) {
            target[i] = (float) (random.nextGaussian() * DEVIATION);
          }
        });
  }
}
