package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.AttentionConfig.Window;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SiblingConfigsTest {
  private static final RopeConfig PLAIN = new RopeConfig.Plain(10_000);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mistral-fp16", "qwen2", "qwen2-bidir", "qwen3-sharded",
        "gemma", "gemma2-bf16", "gemma3-text", "gemma3-text-bidir"
      })
  void theSpellingsMeanTheSame(String name) throws IOException {
    ModelConfig hub = ModelConfigReader.read(Golden.path("arch/" + name + "/config.json"));
    assertEquals(hub, ModelConfigReader.read(Golden.path("arch/" + name + "/config.hf5.json")));
    Path old = Golden.path("arch/" + name).resolve("config.hf4.json");
    if (!name.equals("gemma3-text-bidir")) { // 4.57 writes a window that is halved already
      assertEquals(hub, ModelConfigReader.read(old));
    }
  }

  @Test
  void eachKindHasItsOwn() throws IOException {
    ModelConfig mistral = golden("mistral-fp16");
    assertEquals(
        Optional.of(new Window(7, List.of(true, true, true), PLAIN)), mistral.attention().window());

    ModelConfig qwen2 = golden("qwen2");
    assertTrue(qwen2.attentionBias());
    assertFalse(qwen2.attention().outputBias());
    assertTrue(qwen2.attention().window().isEmpty(), "it is switched off");
    assertFalse(golden("qwen2-bidir").attention().causal());

    ModelConfig qwen3 = golden("qwen3-sharded");
    assertTrue(qwen3.attention().headNorms());
    assertEquals(32, qwen3.headDim());
    assertEquals(1 / Math.sqrt(32), qwen3.attention().scale());

    ModelConfig gemma = golden("gemma");
    assertTrue(gemma.tiedEmbeddings());
    assertEquals(BlockConfig.gemma(48), gemma.block());
    assertEquals(Math.sqrt(48), gemma.block().embeddingScale());
    assertEquals("gelu_pytorch_tanh", gemma.hiddenActivation());

    ModelConfig gemma2 = golden("gemma2-bf16");
    assertEquals(OptionalDouble.of(2), gemma2.attention().softCap());
    assertEquals(OptionalDouble.of(3), gemma2.block().finalSoftCap());
    assertEquals(1 / Math.sqrt(24), gemma2.attention().scale());
    assertEquals(
        Optional.of(new Window(6, List.of(true, false, true), PLAIN)), gemma2.attention().window());

    ModelConfig gemma3 = golden("gemma3-text");
    assertEquals(new RopeConfig.Linear(1_000_000, 8), gemma3.rope(1));
    assertEquals(PLAIN, gemma3.rope(0));
    assertEquals(6, gemma3.window(0).orElseThrow().size());
    assertTrue(gemma3.window(1).isEmpty());
    assertEquals(4, golden("gemma3-text-bidir").window(2).orElseThrow().size());
  }

  private static ModelConfig golden(String name) throws IOException {
    return ModelConfig.read(Golden.path("arch/" + name));
  }

  @Test
  void windowsFollowTheirSwitches() throws IOException {
    assertEquals(4096, read("mistral", "").window(1).orElseThrow().size());
    assertTrue(read("mistral", "'sliding_window':null").window(1).isEmpty());
    assertTrue(read("qwen2", "'sliding_window':5").window(1).isEmpty());
    ModelConfig some =
        read("qwen2", "'sliding_window':5,'use_sliding_window':true,'max_window_layers':1");
    assertTrue(some.window(0).isEmpty());
    assertEquals(5, some.window(1).orElseThrow().size());
    ModelConfig all =
        read("qwen3", "'sliding_window':5,'use_sliding_window':true,'max_window_layers':0");
    assertEquals(5, all.window(0).orElseThrow().size());
    assertEquals(
        6,
        read("mistral", "'is_causal':false,'sliding_window':5").window(0).orElseThrow().size(),
        "the token at the window's own distance is seen");
    assertTrue(read("gemma3_text", "'sliding_window_pattern':1").window(0).isEmpty());
    assertTrue(
        read("gemma2", "'layer_types':['full_attention','sliding_attention']").window(0).isEmpty());
  }

  @Test
  void absentFieldsHaveHuggingFacesDefaults() throws IOException {
    ModelConfig gemma2 = read("gemma2", "");
    assertEquals(OptionalDouble.of(50), gemma2.attention().softCap());
    assertEquals(OptionalDouble.of(30), gemma2.block().finalSoftCap());
    assertEquals(256, gemma2.headDim());
    assertEquals(1 / 16.0, gemma2.attention().scale());
    assertTrue(gemma2.tiedEmbeddings());
    ModelConfig uncapped =
        read("gemma2", "'attn_logit_softcapping':null,'final_logit_softcapping':null");
    assertTrue(uncapped.attention().softCap().isEmpty());
    assertTrue(uncapped.block().finalSoftCap().isEmpty());
    assertEquals(new RopeConfig.Plain(1_000_000), read("gemma3_text", "").rope());
    assertEquals(128, read("qwen3", "").headDim());
    assertEquals(16, read("mistral", "").headDim());
    assertFalse(read("qwen2", "").tiedEmbeddings());
    assertEquals("gelu_pytorch_tanh", read("gemma", "'hidden_act':'gelu'").hiddenActivation());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          mistral     | 'hidden_act':'gelu'           | hidden_act | only silu
          mistral     | 'sliding_window':0            | sliding_window | found 0
          qwen2       | 'max_window_layers':-1        | max_window_layers | found -1
          qwen2       | 'layer_types':['full_attention'] | layer_types | 1 of num_hidden_layers 2
          qwen2       | 'layer_types':['full_attention','sliding_attention'] | layer_types | sliding_window is off
          qwen3       | 'layer_types':['full_attention','linear_attention'] | layer_types | "linear_attention" is not supported
          gemma       | 'hidden_activation':'gelu'    | hidden_activation | "gelu" is not supported
          gemma       | 'hidden_act':'silu'           | hidden_act | "silu" is not supported
          gemma       | 'use_bidirectional_attention':true | use_bidirectional_attention | not supported
          gemma2      | 'is_causal':false             | is_causal  | not supported
          gemma2      | 'attn_logit_softcapping':0    | attn_logit_softcapping | above 0
          gemma2      | 'query_pre_attn_scalar':-1    | query_pre_attn_scalar | above 0
          gemma3_text | 'is_causal':false             | is_causal  | use_bidirectional_attention
          gemma3_text | 'rope_parameters':{'rope_theta':1} | rope_parameters.rope_theta | known are
          gemma3_text | 'rope_theta':5,'rope_parameters':{'full_attention':{'rope_theta':6}} | rope_theta | but rope_parameters is
          gemma3_text | 'rope_scaling':{'rope_type':'yarn','factor':2} | rope_scaling.rope_type | "yarn" is not supported
          gemma3_text | 'sliding_window_pattern':0    | sliding_window_pattern | found 0
          """)
  void refusesByFieldAndValue(String type, String fields, String field, String reason) {
    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> read(type, fields), fields);
    assertEquals(field, e.field().orElse(""));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  private ModelConfig read(String type, String more) throws IOException {
    String json =
        "{'model_type':'"
            + type
            + "','vocab_size':300,'hidden_size':64,'intermediate_size':128,"
            + "'num_hidden_layers':2,'num_attention_heads':4,'num_key_value_heads':2"
            + (more.isEmpty() ? "" : "," + more)
            + "}";
    return ModelConfigReader.read(
        Files.writeString(directory.resolve("config.json"), json.replace('\'', '"')));
  }
}
