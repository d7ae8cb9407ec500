package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.SafetensorsWriter;
import io.chasqui.checkpoint.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTaskTest {
  @TempDir Path directory;

  /** Left out of training they would be fed vectors that they were not made for. */
  @Test
  void denseLayersAreNotTrained() throws IOException {
    ModelBundle base = Toys.base(directory);
    int width = base.config().hiddenSize();
    Path dense = Files.createDirectory(directory.resolve("2_Dense"));
    Files.writeString(
        dense.resolve("config.json"),
        "{\"in_features\": %d, \"out_features\": 2, \"bias\": false}".formatted(width));
    SafetensorsWriter.write(
        dense.resolve("model.safetensors"),
        List.of(
            TensorData.of(
                "linear.weight", DType.F32, List.of(2L, (long) width), new float[2 * width])));
    Role.Output output = new Role.Output(true, Optional.empty(), List.of("2_Dense"));
    ModelBundle bundle = base.withRole(Toys.retriever().withOutput(output));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new TrainingTask(
                    bundle, "repllama", Objective.Retrieval.defaults(), new Tuning.Full()));
    assertTrue(e.getMessage().contains("[2_Dense]"), e.getMessage());
  }
}
