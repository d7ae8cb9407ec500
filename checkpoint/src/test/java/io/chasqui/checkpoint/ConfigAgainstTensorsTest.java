package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Good checkpoints whose {@code config.json} says something else than their tensors. */
class ConfigAgainstTensorsTest {
  @TempDir Path directory;

  /** A config with one number changed, read with the checkpoint's own tensors. */
  private String refused(String checkpoint, String field, int value) throws IOException {
    Path golden = Golden.path("arch/" + checkpoint);
    ObjectNode config =
        (ObjectNode) JsonFile.MAPPER.readTree(Files.readString(golden.resolve("config.json")));
    config.put(field, value);
    Files.writeString(directory.resolve("config.json"), config.toString());
    CheckpointWeights weights = CheckpointWeights.read(golden);
    return assertThrows(
            ModelFormatException.class,
            () -> CheckpointLayout.of(ModelConfig.read(directory), weights),
            checkpoint + " with " + field + " " + value)
        .getMessage();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama-mha",
        "llama-gqa-llama3rope",
        "llama-mha-seqcls",
        "mistral-fp16",
        "qwen3-sharded",
        "gemma2-bf16"
      })
  void everySizeThatDisagreesIsNamedWithBothValues(String checkpoint) throws IOException {
    ModelConfig good = ModelConfig.read(Golden.path("arch/" + checkpoint));
    int keys = good.keyValueHeads() * good.headDim();
    disagrees(checkpoint, "vocab_size", good.vocabularySize(), "");
    disagrees(checkpoint, "hidden_size", good.hiddenSize(), "");
    disagrees(checkpoint, "intermediate_size", good.intermediateSize(), "");
    disagrees(checkpoint, "head_dim", good.headDim(), "|" + keys);
    int heads = good.keyValueHeads() == 1 ? good.heads() : 1;
    String message = refused(checkpoint, "num_key_value_heads", heads);
    assertTrue(message.contains("num_key_value_heads " + heads + " "), message);
    assertTrue(message.contains("shape [" + keys + ","), message);
  }

  /** Twice the good value, against a tensor with a side of that value or of {@code or}. */
  private void disagrees(String checkpoint, String field, int good, String or) throws IOException {
    String message = refused(checkpoint, field, 2 * good);
    assertTrue(message.contains(field + " " + 2 * good), message);
    assertTrue(message.matches(".*shape \\[(\\d+, )?(" + good + or + ")[,\\]].*"), message);
  }

  @Test
  void layersThatAreMissingOrTooManyAreListed() throws IOException {
    int layers = ModelConfig.read(Golden.path("arch/llama-mha")).layers();
    String message = refused("llama-mha", "num_hidden_layers", layers + 1);
    assertTrue(message.contains("are missing: model.layers." + layers + "."), message);
    message = refused("llama-mha", "num_hidden_layers", layers - 1);
    assertTrue(message.contains("no place in the model of config.json"), message);
    assertTrue(message.contains("model.layers." + (layers - 1) + "."), message);
  }
}
