package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.testing.RandomCheckpoints;
import io.chasqui.checkpoint.testing.TinyTokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SentenceTransformersTest {
  private static final String MODULES =
      "[{'idx': 0, 'name': '0', 'path': '', 'type': 'sentence_transformers.models.Transformer'},"
          + "{'idx': 1, 'name': '1', 'path': '1_Pooling',"
          + " 'type': 'sentence_transformers.models.Pooling'},"
          + "{'idx': 2, 'name': '2', 'path': '2_Normalize',"
          + " 'type': 'sentence_transformers.models.Normalize'}]";
  private static final String POOLING =
      "{'word_embedding_dimension': 32, 'pooling_mode_cls_token': false,"
          + " 'pooling_mode_mean_tokens': true}";

  @TempDir Path directory;

  @BeforeEach
  void writeModel() throws IOException {
    RandomCheckpoints.write(
        directory, RandomCheckpoints.Shape.tiny().withVocabulary(300).withMaxPositions(100), 7);
    TinyTokenizers.write(directory, 300);
    write("modules.json", MODULES);
    write("1_Pooling/config.json", POOLING);
  }

  private void write(String name, String json) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, json.replace('\'', '"'));
  }

  private Role role() throws IOException {
    return ModelBundle.read(directory).role("sentence-transformers");
  }

  @Test
  void whatIsNotSaidIsAsInTheLibrary() throws IOException {
    Role role = role();
    assertEquals(new RoleTemplate.Single("{query}", "{title} {text}", "{text}"), role.template());
    assertEquals(new Role.Truncation(100, 100), role.truncation());
    assertEquals(Role.Pooling.MEAN, role.pooling());
    assertEquals(Optional.of(1), role.tokens().bos());
    assertTrue(role.output().normalise());
    assertFalse(role.isScorer());
  }

  @Test
  void aCardCountsMoreThanTheLayout() throws IOException {
    RetrievalCard.of(Presets.named("repllama-v1").withTruncation(new Role.Truncation(50, 60)))
        .write(directory.resolve(RetrievalCard.FILE));
    assertEquals(List.of("repllama"), List.copyOf(ModelBundle.read(directory).roles().keySet()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'prompts': {'query': 'q: ', 'passage': 'p: '}} | q:  | p: ",
        "{'prompts': {'query': 'q: ', 'corpus': 'c: ', 'document': 'd: '}} | q:  | d: ",
        "{'prompts': {'query': '', 'x': 'x: '}, 'default_prompt_name': 'x'} | '' | x: ",
        "{'prompts': {'x': 'x: '}, 'default_prompt_name': null} | '' | ''",
      })
  void promptsAreChosenByName(String config, String query, String passage) throws IOException {
    write("config_sentence_transformers.json", config);
    RoleTemplate.Single template = (RoleTemplate.Single) role().template();
    assertEquals(query.isEmpty() ? "{query}" : query + " {query}", template.query());
    assertEquals(
        passage.isEmpty() ? "{text}" : passage + " {text}", template.passageWithoutTitle());
  }

  @Test
  void vectorsThatAreComparedByTheirDotProductStayAsTheyAre() throws IOException {
    write("modules.json", MODULES.replaceFirst(",\\{'idx': 2.*\\}", ""));
    assertTrue(role().output().normalise());
    write("config_sentence_transformers.json", "{'similarity_fn_name': 'dot'}");
    assertFalse(role().output().normalise());
    write("config_sentence_transformers.json", "{'similarity_fn_name': 'euclidean'}");
    assertRefused("similarity_fn_name", "euclidean");
    write("modules.json", MODULES);
    assertTrue(role().output().normalise());
  }

  @Test
  void lengthIsTheShortestThatIsStated() throws IOException {
    write("sentence_bert_config.json", "{'max_seq_length': 24, 'do_lower_case': false}");
    assertEquals(24, role().truncation().query());
    write("sentence_bert_config.json", "{'max_seq_length': 512}");
    assertEquals(100, role().truncation().passage());
    Files.delete(directory.resolve("sentence_bert_config.json"));
    Path tokenizer = directory.resolve("tokenizer_config.json");
    Files.writeString(tokenizer, "{\"model_max_length\": 64}");
    assertEquals(64, role().truncation().query());
    Files.writeString(tokenizer, "{\"model_max_length\": 1000000000000000019884624838656}");
    assertEquals(100, role().truncation().query());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "modules.json|{}|$|a list of modules",
        "modules.json|[]|$|a list of modules",
        "modules.json|[7]|$[0]|an object",
        "modules.json|[{'path': ''}]|$[0].type|a class",
        "modules.json|[{'type': 'custom.Model', 'path': ''}]|$[0].type|code of the model's own",
        "modules.json|[{'type': 'sentence_transformers.models.BoW'}]|$[0].type|BoW",
        "modules.json|[{'type': 'sentence_transformers.models.Transformer'}]|$|no Pooling",
        "1_Pooling/config.json|{'pooling_mode_max_tokens': true}|pooling_mode_max_tokens|max",
        "1_Pooling/config.json|{'pooling_mode': 'weightedmean'}|pooling_mode|weightedmean",
        "1_Pooling/config.json|{'pooling_mode': ['cls', 'mean']}|pooling_mode|a string",
        "1_Pooling/config.json|{'pooling_mode_cls_token': 1}|pooling_mode_cls_token|true or false",
        "1_Pooling/config.json|{'word_embedding_dimension': 64}|word_embedding_dimension|64",
        "sentence_bert_config.json|{'do_lower_case': true}|do_lower_case|true",
        "sentence_bert_config.json|{'max_seq_length': 0}|max_seq_length|positive",
        "config_sentence_transformers.json|{'default_prompt_name': 'x'}|default_prompt_name|none",
        "config_sentence_transformers.json|{'prompts': {'query': '{title}'}}|prompts|{query}",
        "config_sentence_transformers.json|{'prompts': 7}|prompts|an object",
      })
  void whatIsNotSupportedIsNamed(String file, String json, String field, String words)
      throws IOException {
    write(file, json);
    ModelFormatException e = assertRefused(field, words);
    assertTrue(e.file().toString().endsWith(file), e.file().toString());
  }

  @Test
  void stepsThatWouldBeLeftOutAreRefused() throws IOException {
    for (String step : List.of("Dense", "LayerNorm", "Pooling", "WeightedLayerPooling")) {
      write(
          "modules.json",
          MODULES
              .replace("'}]", "'}, {'path': '3_X', 'type': 'sentence_transformers.models.X'}]")
              .replace(".X'", "." + step + "'"));
      assertRefused("$[3].type", step);
    }
    for (String path : List.of("..", "/tmp", "a/../b", "a\\\\b", "C:", "a//b", ".")) {
      write("modules.json", MODULES.replace("1_Pooling", path));
      assertRefused("$[1].path", "below this one");
    }
    write("modules.json", MODULES);
    write(
        "1_Pooling/config.json",
        "{'pooling_mode_mean_tokens': true, 'pooling_mode_cls_token': true}");
    assertRefused("pooling_mode_mean_tokens", "side by side");
    write("1_Pooling/config.json", "{'pooling_mode': 'mean', 'include_prompt': false}");
    assertEquals(Role.Pooling.MEAN, role().pooling()); // no prompt, nothing to leave out
    write("config_sentence_transformers.json", "{'prompts': {'query': 'q: '}}");
    assertRefused("include_prompt", "prompt's tokens");
    write("1_Pooling/config.json", "{'pooling_mode': 'lasttoken', 'include_prompt': false}");
    assertEquals(Role.Pooling.LAST, role().pooling());
  }

  private ModelFormatException assertRefused(String field, String words) {
    ModelFormatException e = assertThrows(ModelFormatException.class, this::role);
    assertEquals(field, e.field().orElse(""));
    assertTrue(e.getMessage().contains(words), e.getMessage());
    return e;
  }
}
