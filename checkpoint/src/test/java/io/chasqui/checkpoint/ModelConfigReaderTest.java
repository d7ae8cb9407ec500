package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigReaderTest {
  private static final String GOOD =
      """
      {"model_type":"llama","architectures":["LlamaForCausalLM"],"vocab_size":300,
       "hidden_size":64,"intermediate_size":128,"num_hidden_layers":2,"num_attention_heads":4}
      """;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"llama-mha", "llama-gqa-llama3rope", "llama-mha-seqcls"})
  void theThreeSpellingsMeanTheSame(String name) throws IOException {
    ModelConfig hub = ModelConfigReader.read(Golden.path("arch/" + name + "/config.json"));
    assertEquals(hub, ModelConfigReader.read(Golden.path("arch/" + name + "/config.hf4.json")));
    assertEquals(hub, ModelConfigReader.read(Golden.path("arch/" + name + "/config.hf5.json")));
    CheckpointLayout.of(hub, CheckpointWeights.read(Golden.path("arch/" + name)));
  }

  @Test
  void readsTheGoldenConfig() throws IOException {
    assertEquals(
        new ModelConfig(
            "llama",
            List.of("LlamaForCausalLM"),
            300,
            64,
            128,
            2,
            4,
            2,
            16,
            1e-5,
            512,
            new RopeConfig.Llama3(500_000, 8, 1, 4, 64),
            true,
            false,
            false,
            "silu",
            0),
        ModelConfig.read(Golden.path("arch/llama-gqa-llama3rope")));
    assertEquals(1, ModelConfig.read(Golden.path("arch/llama-mha-seqcls")).labels());
  }

  @Test
  void absentFieldsHaveHuggingFacesDefaults() throws IOException {
    ModelConfig config = read(GOOD);
    assertEquals(4, config.keyValueHeads());
    assertEquals(16, config.headDim());
    assertEquals(1e-6, config.normEpsilon());
    assertEquals(2048, config.maxPositions());
    assertEquals(new RopeConfig.Plain(10_000), config.rope());
    assertEquals(false, config.tiedEmbeddings());
    assertEquals(
        2, read(GOOD.replace("LlamaForCausalLM", "LlamaForSequenceClassification")).labels());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "model_type":"llama" | "model_type":"bert"  | model_type     | "bert" is not supported; supported: gemma, gemma2, gemma3_text, llama, mistral, qwen2, qwen3
          "model_type":"llama" | "x":1                | model_type     | expected one of: gemma, gemma2, gemma3_text, llama, mistral, qwen2, qwen3, found nothing
          "model_type":"llama" | "model_type":7       | model_type     | expected a string, found 7
          "vocab_size":300     | "vocab_size":0       | vocab_size     | found 0
          "vocab_size":300     | "vocab_size":"300"   | vocab_size     | found "300"
          "vocab_size":300     | "vocab_size":3e2     | vocab_size     | found 300.0
          "vocab_size":300     | "vocab_size":99999999999 | vocab_size | found 99999999999
          "vocab_size":300     | "x":1                | vocab_size     | found nothing
          "hidden_size":64     | "hidden_size":62     | num_attention_heads | 4 does not divide hidden_size 62
          "hidden_size":64     | "hidden_size":60     | head_dim       | 15 is not even
          "hidden_size":64     | "hidden_size":64,"head_dim":3 | head_dim | 3 is not even
          "hidden_size":64     | "hidden_size":64,"num_key_value_heads":3 | num_key_value_heads | 3 does not divide
          "num_hidden_layers":2 | "num_hidden_layers":2000000000 | num_hidden_layers | more than 1024
          "hidden_size":64     | "hidden_size":64,"hidden_act":"gelu" | hidden_act | "gelu" is not supported: only silu
          "hidden_size":64     | "hidden_size":64,"rms_norm_eps":-1 | rms_norm_eps | above 0, found -1
          "hidden_size":64     | "hidden_size":64,"rms_norm_eps":1e999 | rms_norm_eps | finite
          "hidden_size":64     | "hidden_size":64,"tie_word_embeddings":"no" | tie_word_embeddings | true or false
          "hidden_size":64     | "hidden_size":64,"quantization_config":{"bits":4} | quantization_config | {"bits":4}
          "hidden_size":64     | "hidden_size":64,"is_causal":false | is_causal | bidirectional
          "hidden_size":64     | "hidden_size":64,"hidden_size":64 | `` | Duplicate field
          "hidden_size":64     | "hidden_size":64,"rope_theta":0 | rope_theta | above 0
          "hidden_size":64     | "hidden_size":64,"rope_scaling":"x" | rope_scaling | an object
          "hidden_size":64     | "hidden_size":64,"rope_scaling":{"type":"dynamic","factor":2} | rope_scaling.type | "dynamic" is not supported
          "hidden_size":64     | "hidden_size":64,"rope_scaling":{"rope_type":"yarn","factor":2} | rope_scaling.rope_type | "yarn" is not supported
          "hidden_size":64     | "hidden_size":64,"rope_parameters":{"rope_type":"longrope"} | rope_parameters.rope_type | "longrope" is not supported
          "hidden_size":64     | "hidden_size":64,"rope_scaling":{"type":"linear"} | rope_scaling.factor | found nothing
          "hidden_size":64     | "hidden_size":64,"rope_scaling":{"type":"linear","factor":0.5} | rope_scaling.factor | 1 or more
          "hidden_size":64     | "hidden_size":64,"rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":4,"high_freq_factor":4,"original_max_position_embeddings":64} | rope_scaling.low_freq_factor | not below
          "hidden_size":64     | "hidden_size":64,"rope_parameters":{"full_attention":{}} | rope_parameters.full_attention | differ by layer
          "hidden_size":64     | "hidden_size":64,"rope_theta":5,"rope_parameters":{"rope_theta":6} | rope_theta | 5.0, but rope_parameters says 6.0
          "hidden_size":64     | "hidden_size":64,"rope_scaling":{"type":"linear","factor":2},"rope_parameters":{"rope_theta":6} | rope_scaling | but rope_parameters is
          "hidden_size":64     | "hidden_size":64,"partial_rotary_factor":0.5 | partial_rotary_factor | 0.5
          """)
  void refusesByFieldAndValue(String good, String bad, String field, String reason)
      throws IOException {
    String json = GOOD.replace(good, bad);
    assertTrue(!json.equals(GOOD), "the mutation changes nothing");
    ModelFormatException e = assertThrows(ModelFormatException.class, () -> read(json));
    assertEquals(field, e.field().orElse(""));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  @Test
  void refusesWhatIsNoJsonObject() {
    for (String text : List.of("", "[]", "null", GOOD + "x", "{", "[".repeat(100_000))) {
      assertThrows(ModelFormatException.class, () -> read(text), text);
    }
    assertThrows(NoSuchFileException.class, () -> ModelConfig.read(directory.resolve("absent")));
  }

  @Test
  void acceptsTheOldSpellingOfLinearScaling() throws IOException {
    String json =
        GOOD.replace("{\"model", "{\"rope_scaling\":{\"type\":\"linear\",\"factor\":4},\"model");
    assertEquals(new RopeConfig.Linear(10_000, 4), read(json).rope());
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama2", "llama3.0", "llama3.1", "llama3.2", "gemma3 global", "fixture"})
  void inverseFrequenciesAreTheGoldenOnes(String name) throws IOException {
    JsonNode golden =
        JsonFile.MAPPER.readTree(Files.readString(Golden.path("units/rope.json"))).get(name);
    JsonNode scaling = golden.get("scaling");
    double theta = golden.get("theta").doubleValue();
    String rope =
        ",\"rope_theta\":" + theta + (scaling.isNull() ? "" : ",\"rope_scaling\":" + scaling);
    double[] expected =
        StreamSupport.stream(golden.get("inv_freq").spliterator(), false)
            .mapToDouble(JsonNode::doubleValue)
            .toArray();
    ModelConfig config = read(GOOD.replace("\"hidden_size\":64", "\"hidden_size\":64" + rope));
    double[] actual = config.rope().inverseFrequencies(golden.get("head_dim").intValue());
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], expected[i] * 1e-14, "frequency " + i);
    }
    assertArrayEquals(expected, actual, 1e-14);
  }

  private ModelConfig read(String json) throws IOException {
    return ModelConfigReader.read(Files.writeString(directory.resolve("config.json"), json));
  }
}
