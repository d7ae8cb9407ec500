package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoraAdaptersTest {
  private static final String RS = "adapter-a-rslora";
  private static final String SEQ_CLS = "adapter-b-seqcls";
  private static final String PATTERNS = "adapter-c-patterns-bf16";

  @TempDir Path directory;
  private ModelConfig base;

  @BeforeEach
  void readBase() throws IOException {
    base = ModelConfig.read(Golden.path("arch/llama-gqa-llama3rope"));
  }

  @ParameterizedTest
  @ValueSource(strings = {RS, SEQ_CLS, PATTERNS})
  void ranksAndScalesAreTheGoldenOnes(String name) throws IOException {
    LoraAdapter adapter = LoraAdapters.read(Golden.path("adapters/" + name), base);
    JsonNode golden =
        JsonFile.MAPPER.readTree(
            Files.readString(Golden.path("adapters/" + name + "/golden.json")));
    JsonNode scales = golden.get("scales");
    assertEquals(scales.size(), adapter.modules().size());
    adapter
        .modules()
        .forEach(
            (module, update) -> {
              assertEquals(scales.get(module).doubleValue(), update.scale(), 1e-12, module);
              assertEquals(update.rank() * update.in(), update.a().remaining());
              assertEquals(update.rank() * update.out(), update.b().remaining());
            });
  }

  @Test
  void readsTheRankStabilisedAdapter() throws IOException {
    LoraAdapter adapter = LoraAdapters.read(Golden.path("adapters/" + RS), base);
    assertEquals("FEATURE_EXTRACTION", adapter.taskType());
    assertEquals(14, adapter.modules().size());
    LoraAdapter.Update keys = adapter.modules().get("layers.1.self_attn.k_proj");
    assertEquals(4.0, keys.scale());
    assertEquals(64, keys.in());
    assertEquals(32, keys.out());
    assertTrue(adapter.saved().isEmpty());
  }

  @Test
  void readsTheRerankersHead() throws IOException {
    LoraAdapter adapter = LoraAdapters.read(Golden.path("adapters/" + SEQ_CLS), base);
    assertEquals("SEQ_CLS", adapter.taskType());
    assertEquals(12, adapter.modules().size());
    assertEquals(6, adapter.maxRank());
    LoraAdapter.Saved score = adapter.saved().get("score.weight");
    assertEquals(1, score.rows());
    assertEquals(64, score.columns());
    assertEquals(64, score.values().length);
  }

  @Test
  void readsPatternsAndWidensBfloat16() throws IOException {
    LoraAdapter adapter = LoraAdapters.read(Golden.path("adapters/" + PATTERNS), base);
    assertEquals(
        Set.of("layers.1.self_attn.q_proj", "layers.1.self_attn.v_proj", "layers.1.mlp.down_proj"),
        adapter.modules().keySet());
    LoraAdapter.Update down = adapter.modules().get("layers.1.mlp.down_proj");
    assertEquals(2, down.rank());
    assertEquals(4.0, down.scale());
    assertEquals(0.75, adapter.modules().get("layers.1.self_attn.q_proj").scale());
    for (FloatBuffer values = down.a(); values.hasRemaining(); ) {
      float value = values.get();
      assertEquals(0, Float.floatToRawIntBits(value) & 0xffff, "not a bfloat16: " + value);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"adapter_model.bin", "adapter_model.torch113.bin"})
  void picklesHoldTheSameAsSafetensors(String pickle) throws IOException {
    Path golden = Golden.path("adapters/" + SEQ_CLS);
    copy(golden, "adapter_config.json");
    Files.copy(golden.resolve(pickle), directory.resolve("adapter_model.bin"));
    LoraAdapter expected = LoraAdapters.read(golden, base);
    LoraAdapter actual = LoraAdapters.read(directory, base);
    assertEquals(expected.modules().keySet(), actual.modules().keySet());
    expected
        .modules()
        .forEach(
            (module, update) -> {
              assertEquals(update.a(), actual.modules().get(module).a());
              assertEquals(update.b(), actual.modules().get(module).b());
            });
    assertArrayEquals(
        expected.saved().get("score.weight").values(), actual.saved().get("score.weight").values());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          use_dora                | true
          use_qalora              | true
          lora_bias               | true
          fan_in_fan_out          | true
          bias                    | "all"
          bias                    | "lora_only"
          peft_type               | "ADALORA"
          peft_type               | null
          init_lora_weights       | "pissa_niter_4"
          init_lora_weights       | "loftq"
          loftq_config            | {"loftq_bits":4}
          layer_replication       | [[0,2]]
          trainable_token_indices | [1]
          alora_invocation_tokens | [1,2]
          target_parameters       | ["x"]
          exclude_modules         | ["q_proj"]
          megatron_config         | {"a":1}
          corda_config            | {"a":1}
          arrow_config            | {"a":1}
          use_bdlora              | {"a":1}
          layers_pattern          | "h"
          layers_to_transform     | ["1"]
          layers_to_transform     | [-1]
          modules_to_save         | ["embed_tokens"]
          modules_to_save         | ["score","lm_head"]
          invented_next_year      | 7
          r                       | 0
          r                       | null
          lora_alpha              | "16"
          lora_alpha              | -1
          use_rslora              | "yes"
          rank_pattern            | {"q_proj":0}
          alpha_pattern           | {"q_proj":"x"}
          alpha_pattern           | {"q_proj(":2}
          alpha_pattern           | {"(([a-z_.0-9]+)+)+X":2}
          target_modules          | null
          target_modules          | []
          target_modules          | ["c_attn"]
          target_modules          | "(["
          target_modules          | "(([a-z_.0-9]+)+)+X"
          target_modules          | 7
          """)
  void refusesByNameWhatItDoesNotDo(String field, String value) throws IOException {
    withConfig(SEQ_CLS, field, value);
    // Nothing else is wrong, so the field must be what is named.
    ModelFormatException e = refused();
    boolean tensorsAreNamed = e.getMessage().contains("no place") && value.equals("[\"c_attn\"]");
    assertTrue(tensorsAreNamed || e.field().orElse("").startsWith(field), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          lora_dropout      ~ 0.9
          inference_mode    ~ false
          init_lora_weights ~ "gaussian"
          invented          ~ false
          invented          ~ null
          invented          ~ {}
          modules_to_save   ~ null
          target_modules    ~ ".*\\\\.(v_proj|q_proj|gate_proj|down_proj|up_proj|o_proj)"
          target_modules    ~ "model\\\\.layers\\\\.[01]\\\\.(mlp|self_attn)\\\\.(v|q|gate|down|up|o)_proj"
          layers_pattern    ~ "layers"
          layers_to_transform ~ [0, 1]
          rank_pattern      ~ {"nothing":3}
          alpha_pattern     ~ {"^model.layers.0.self_attn.q_proj":3}
          """)
  void acceptsWhatChangesNothingOrIsDone(String field, String value) throws IOException {
    withConfig(SEQ_CLS, field, value);
    LoraAdapter adapter = LoraAdapters.read(directory, base);
    assertEquals(12, adapter.modules().size());
    double scale = adapter.modules().get("layers.0.self_attn.q_proj").scale();
    assertEquals(field.equals("alpha_pattern") ? 0.5 : 16 / 6.0, scale, 1e-12);
    assertEquals(16 / 6.0, adapter.modules().get("layers.1.self_attn.q_proj").scale(), 1e-12);
  }

  @Test
  void allLinearMeansAllSeven() throws IOException {
    withConfig(RS, "target_modules", "\"all-linear\"");
    assertEquals(14, LoraAdapters.read(directory, base).modules().size());
    withConfig(SEQ_CLS, "target_modules", "\"all-linear\"");
    assertTrue(refused().getMessage().contains("missing: layers.0.self_attn.k_proj.lora_A.weight"));
  }

  @Test
  void listsMissingSurplusAndMisshapenTensors() throws IOException {
    withConfig(SEQ_CLS, "target_modules", "[\"q_proj\",\"k_proj\",\"v_proj\"]");
    String message = refused().getMessage();
    assertTrue(message.contains("layers.1.self_attn.k_proj.lora_B.weight"), message);
    assertTrue(message.contains("16 tensors have no place"), message);
    assertTrue(
        message.contains("base_model.model.model.layers.0.mlp.down_proj.lora_A.weight"), message);

    withConfig(SEQ_CLS, "r", "5");
    message = refused().getMessage();
    assertTrue(message.contains("has shape [6, 64], expected [5, 64]"), message);
  }

  @Test
  void anAdapterForAnotherBaseIsRefused() throws IOException {
    ModelConfig other = ModelConfig.read(Golden.path("arch/llama-mha"));
    String message =
        assertThrows(
                ModelFormatException.class,
                () -> LoraAdapters.read(Golden.path("adapters/" + SEQ_CLS), other))
            .getMessage();
    assertTrue(
        message.contains("v_proj.lora_B.weight has shape [32, 6], expected [64, 6]"), message);
  }

  /** DoRA whose switch was lost: the magnitudes themselves give it away. */
  @Test
  void magnitudesOfDoraAreListed() throws IOException {
    Path golden = Golden.path("adapters/" + RS);
    copy(golden, "adapter_config.json");
    SafetensorsFile file = SafetensorsFile.read(golden.resolve("adapter_model.safetensors"));
    List<TensorData> tensors =
        file.all().keySet().stream()
            .map(name -> TensorData.copy(file, name))
            .collect(Collectors.toList());
    String magnitude =
        "base_model.model.layers.0.self_attn.q_proj.lora_magnitude_vector.default.weight";
    tensors.add(TensorData.of(magnitude, DType.F32, List.of(64L), new float[64]));
    SafetensorsWriter.write(directory.resolve("adapter_model.safetensors"), tensors);
    String message = refused().getMessage();
    assertTrue(message.contains("1 tensors have no place") && message.contains(magnitude), message);
  }

  @Test
  void ranksOfBothMatricesAgree() throws IOException {
    Path golden = Golden.path("adapters/" + SEQ_CLS);
    copy(golden, "adapter_config.json");
    String b = "base_model.model.model.layers.0.self_attn.v_proj.lora_B.weight";
    SafetensorsFile file = SafetensorsFile.read(golden.resolve("adapter_model.safetensors"));
    List<TensorData> tensors =
        file.all().keySet().stream()
            .map(
                name ->
                    name.equals(b)
                        ? TensorData.of(b, DType.F32, List.of(32L, 5L), new float[32 * 5])
                        : TensorData.copy(file, name))
            .collect(Collectors.toList());
    SafetensorsWriter.write(directory.resolve("adapter_model.safetensors"), tensors);
    String message = refused().getMessage();
    assertTrue(
        message.contains("v_proj.lora_B.weight has shape [32, 5], expected [32, 6]"), message);
  }

  @Test
  void keysMayHaveTheAdaptersNameInside() throws IOException {
    Path golden = Golden.path("adapters/" + SEQ_CLS);
    copy(golden, "adapter_config.json");
    rename(golden, ".lora_A.", ".lora_A.default.", "score.", "score.modules_to_save.default.");
    LoraAdapter adapter = LoraAdapters.read(directory, base);
    assertEquals(12, adapter.modules().size());
    assertEquals(Set.of("score.weight"), adapter.saved().keySet());
  }

  @Test
  void unknownModulesAndForeignPrefixesAreListed() throws IOException {
    Path golden = Golden.path("adapters/" + SEQ_CLS);
    copy(golden, "adapter_config.json");
    rename(golden, "layers.1.", "layers.7.", "base_model.model.score", "score");
    String message = refused().getMessage();
    assertTrue(message.contains("model.layers.7.mlp.down_proj.lora_A.weight"), message);
    assertTrue(message.contains("missing: layers.1.mlp.down_proj.lora_A.weight"), message);
    assertTrue(message.contains("score.weight"), message);
  }

  @Test
  void aMissingHeadIsAnErrorForAClassifier() throws IOException {
    withConfig(RS, "task_type", "\"SEQ_CLS\"");
    assertTrue(refused().getMessage().contains("missing: score.weight"));
    withConfig(SEQ_CLS, "modules_to_save", "[\"score\"]");
    assertEquals(1, LoraAdapters.read(directory, base).saved().size());
  }

  @ParameterizedTest
  @CsvSource({"7f, c0, NaN", "7f, 80, Infinity", "ff, 80, -Infinity"})
  void whatIsNotFiniteIsAnErrorThatNamesTheTensor(String high, String low, String shown)
      throws IOException {
    Path golden = Golden.path("adapters/" + RS);
    copy(golden, "adapter_config.json");
    byte[] bytes = Files.readAllBytes(golden.resolve("adapter_model.safetensors"));
    bytes[bytes.length - 1] = (byte) Integer.parseInt(high, 16);
    bytes[bytes.length - 2] = (byte) Integer.parseInt(low, 16);
    bytes[bytes.length - 3] = 0;
    bytes[bytes.length - 4] = 0;
    Files.write(directory.resolve("adapter_model.safetensors"), bytes);
    ModelFormatException e = refused();
    assertEquals(
        "base_model.model.layers.1.self_attn.v_proj.lora_B.weight", e.field().orElseThrow());
    assertTrue(e.getMessage().contains(shown), e.getMessage());
  }

  @Test
  void noTensorIsAnError() throws IOException {
    copy(Golden.path("adapters/" + RS), "adapter_config.json");
    assertTrue(refused().getMessage().contains("neither adapter_model.safetensors nor"));
    byte[] empty = {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
    Files.write(directory.resolve("adapter_model.safetensors"), empty);
    assertTrue(refused().getMessage().contains("no tensor in it"));
  }

  private void withConfig(String name, String field, String value) throws IOException {
    Path golden = Golden.path("adapters/" + name);
    ObjectNode config =
        (ObjectNode)
            JsonFile.MAPPER.readTree(Files.readString(golden.resolve("adapter_config.json")));
    config.set(field, JsonFile.MAPPER.readTree(value));
    Files.writeString(directory.resolve("adapter_config.json"), config.toString());
    copy(golden, "adapter_model.safetensors");
  }

  /** The golden tensors under other names; the header keeps its length by padding. */
  private void rename(Path golden, String... replacements) throws IOException {
    SafetensorsFile file = SafetensorsFile.read(golden.resolve("adapter_model.safetensors"));
    List<TensorData> renamed =
        file.all().keySet().stream()
            .map(
                name -> {
                  String other = name;
                  for (int i = 0; i < replacements.length; i += 2) {
                    other = other.replace(replacements[i], replacements[i + 1]);
                  }
                  return TensorData.copy(file, name).withName(other);
                })
            .collect(Collectors.toList());
    assertFalse(renamed.isEmpty());
    SafetensorsWriter.write(directory.resolve("adapter_model.safetensors"), renamed);
  }

  private void copy(Path golden, String name) throws IOException {
    Files.copy(golden.resolve(name), directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
  }

  private ModelFormatException refused() {
    return assertThrows(ModelFormatException.class, () -> LoraAdapters.read(directory, base));
  }
}
