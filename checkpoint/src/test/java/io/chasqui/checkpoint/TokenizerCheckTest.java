package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.testing.TinyTokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerCheckTest {
  private static final int SIZE = 400;
  private static final Path FILE = Path.of("tokenizer.json");

  private static ObjectNode model(JsonNode root) {
    return (ObjectNode) root.path("model");
  }

  private static ObjectNode vocabulary(JsonNode root) {
    return (ObjectNode) root.path("model").path("vocab");
  }

  private static ArrayNode merges(JsonNode root) {
    return (ArrayNode) root.path("model").path("merges");
  }

  private static ArrayNode added(JsonNode root) {
    return (ArrayNode) root.path("added_tokens");
  }

  private static void refused(String field, String part, Consumer<ObjectNode> damage) {
    ObjectNode root = TinyTokenizers.tokenizer(SIZE);
    TokenizerCheck.check(FILE, root, SIZE); // good before
    damage.accept(root);
    ModelFormatException e =
        assertThrows(
            ModelFormatException.class, () -> TokenizerCheck.check(FILE, root, SIZE), field);
    assertEquals(field, e.field().orElse(""));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void idsAreCountedOnceAndFitTheModel() {
    refused("$.model.vocab.t", "is also that of", root -> vocabulary(root).put("e", 261));
    refused("$.model.vocab.e", "-1", root -> vocabulary(root).put("e", -1));
    refused("$.model.vocab.e", "4294967295", root -> vocabulary(root).put("e", 4294967295L));
    refused("$.model.vocab.e", "2.5", root -> vocabulary(root).put("e", 2.5));
    refused("$.model.vocab.new", "embeds only 400", root -> vocabulary(root).put("new", SIZE));
  }

  @Test
  void modelIsBytePairEncoding() {
    refused("$.model", "nothing", root -> root.remove("model"));
    refused("$.model.type", "WordLevel", root -> model(root).put("type", "WordLevel"));
    refused("$.model.vocab", "scores", root -> model(root).put("type", "Unigram"));
    refused("$.model.vocab", "nothing", root -> model(root).remove("vocab"));
    refused("$.model.vocab", "object", root -> model(root).putObject("vocab"));
    refused("$.model.merges", "nothing", root -> model(root).remove("merges"));
    refused("$.model.dropout", "0.1", root -> model(root).put("dropout", 0.1));
    refused(
        "$.model.end_of_word_suffix",
        "</w>",
        root -> model(root).put("end_of_word_suffix", "</w>"));
    refused("$.model.byte_fallback", "yes", root -> model(root).put("byte_fallback", "yes"));
  }

  @Test
  void wordPiecesNeedTheirPrefixAndUnknownPiece() {
    refused(
        "$.model.continuing_subword_prefix",
        "nothing",
        root -> model(wordPieces(root)).remove(PREFIX));
    refused(
        "$.model.max_input_chars_per_word",
        "0",
        root -> model(wordPieces(root)).put("max_input_chars_per_word", 0));
    refused("$.model.unk_token", "null", root -> model(wordPieces(root)).putNull("unk_token"));
    refused(
        "$.model.unk_token", "[UNK]", root -> model(wordPieces(root)).put("unk_token", "[UNK]"));
  }

  private static final String PREFIX = "continuing_subword_prefix";

  private static ObjectNode wordPieces(ObjectNode root) {
    model(root)
        .put("type", "WordPiece")
        .put(PREFIX, "##")
        .put("max_input_chars_per_word", 100)
        .remove("merges");
    return root;
  }

  @Test
  void everyCharacterHasIds() {
    refused("$.model.unk_token", "[UNK]", root -> model(root).put("unk_token", "[UNK]"));
    refused(
        "$.model.unk_token",
        "no ids",
        root -> model(root).put("byte_fallback", false).remove("unk_token"));
    refused(
        "$.model.unk_token",
        "no ids",
        root -> {
          model(root).remove("unk_token");
          vocabulary(root).remove("<0x41>");
        });
  }

  @Test
  void mergesNameKnownPieces() {
    refused("$.model.merges[0]", "qq", root -> merges(root).set(0, "qq e"));
    refused("$.model.merges[1]", "two pieces", root -> merges(root).set(1, "a b c"));
    refused("$.model.merges[0]", "two pieces", root -> merges(root).set(0, 7));
    refused("$.model.merges[1]", "twice", root -> merges(root).set(1, merges(root).get(0)));
    refused("$.model.merges[0]", "zz", root -> merges(root).set(0, "z z"));
  }

  @Test
  void addedTokensAgreeWithTheVocabulary() {
    refused("$.added_tokens", "object", root -> root.putObject("added_tokens"));
    refused("$.added_tokens[0].content", "nothing", root -> first(root).remove("content"));
    refused("$.added_tokens[0].id", "-3", root -> first(root).put("id", -3));
    refused("$.added_tokens[0].id", "400", root -> first(root).put("id", 400));
    refused("$.added_tokens[0]", "vocabulary", root -> first(root).put("id", 1));
    refused("$.added_tokens[0]", "vocabulary", root -> first(root).put("content", "<other>"));
    refused("$.added_tokens[3]", "twice", root -> added(root).add(added(root).get(1)));
    refused("$.added_tokens[0].special", "1", root -> first(root).put("special", 1));
  }

  private static ObjectNode first(JsonNode root) {
    return (ObjectNode) added(root).get(0);
  }

  @Test
  void componentsAreKnown() {
    refused(
        "$.pre_tokenizer.type",
        "Magic",
        root -> root.putObject("pre_tokenizer").put("type", "Magic"));
    refused(
        "$.normalizer.normalizers[1].type",
        "nothing",
        root -> ((ObjectNode) root.path("normalizer").path("normalizers").get(1)).remove("type"));
  }

  /** Each of these ends the process in native code, under ByteLevel. */
  @Test
  void nothingIsPutWhereNothingStood() {
    refused("$.normalizer.prepend", "not empty", root -> normalizer(root, "Prepend", "prepend"));
    refused(
        "$.normalizer.pattern.String",
        "not empty",
        root -> normalizer(root, "Replace", "content").putObject("pattern").put("String", ""));
    refused(
        "$.normalizer.normalizers[0].prepend",
        "not empty",
        root ->
            ((ObjectNode) root.path("normalizer").path("normalizers").get(0)).put("prepend", ""));
    for (String pattern : new String[] {"", "x*", "^", "(?=t)", "a|", "\\s{0,2}", "\\b"}) {
      refused(
          "$.normalizer.pattern.Regex", "under ByteLevel", root -> replace(root, pattern, "zz"));
    }
  }

  @Test
  void replacingCharactersIsFine() {
    for (String pattern : new String[] {"\\s+", " {2,}", "[^a-z]+", "x"}) {
      ObjectNode root = TinyTokenizers.tokenizer(SIZE);
      replace(root, pattern, "zz");
      TokenizerCheck.check(FILE, root, SIZE);
    }
    ObjectNode root = TinyTokenizers.tokenizer(SIZE);
    replace(root, "x*", "");
    TokenizerCheck.check(FILE, root, SIZE);
  }

  private static ObjectNode normalizer(ObjectNode root, String type, String emptyField) {
    return root.putObject("normalizer").put("type", type).put(emptyField, "");
  }

  private static void replace(ObjectNode root, String pattern, String content) {
    root.putObject("pre_tokenizer").put("type", "ByteLevel").put("add_prefix_space", true);
    ObjectNode replace = normalizer(root, "Replace", "content").put("content", content);
    replace.putObject("pattern").put("Regex", pattern);
  }

  @Test
  void fileIsOneJsonObject(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("tokenizer.json");
    for (String text : new String[] {"", "{", "[]", "{\"a\":1,\"a\":2}", "{} {}", "\u0000"}) {
      Files.writeString(file, text);
      assertThrows(ModelFormatException.class, () -> TokenizerCheck.read(file, SIZE), text);
    }
  }

  /** Found by fuzzing: four such bytes look like UTF-32 to a parser that guesses. */
  @Test
  void fileIsUtf8(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("tokenizer.json");
    for (byte[] bytes :
        new byte[][] {
          {1, 0, 0, 0, 'r', 's', 'i', 'o', 'n'},
          "{}".getBytes(StandardCharsets.UTF_16),
          {'{', '"', (byte) 0xE9, '"', ':', '1', '}'}
        }) {
      Files.write(file, bytes);
      assertThrows(ModelFormatException.class, () -> TokenizerCheck.read(file, SIZE));
    }
  }

  @Test
  void configFilesAreHonoured(@TempDir Path directory) throws IOException {
    TinyTokenizers.write(directory, SIZE);
    Path config = directory.resolve("tokenizer_config.json");
    Files.writeString(
        config,
        "{\"add_bos_token\":false,\"add_eos_token\":true,"
            + "\"eos_token\":{\"content\":\"</s>\",\"lstrip\":false},\"pad_token\":\"<unk>\"}");
    SpecialTokens special = SpecialTokens.read(directory);
    assertEquals(1, special.bos().orElseThrow()); // of special_tokens_map.json
    assertEquals(0, special.pad().orElseThrow());
    Role.Tokens tokens = special.toRoleTokens();
    assertTrue(tokens.bos().isEmpty());
    assertEquals(java.util.List.of(2), tokens.append());
    assertEquals(0, tokens.pad());
  }

  @Test
  void configFilesMustNotContradict(@TempDir Path directory) throws IOException {
    TinyTokenizers.write(directory, SIZE);
    Path config = directory.resolve("tokenizer_config.json");
    String[][] cases = {
      {"{\"bos_token\":\"<bos>\"}", "$.bos_token"},
      {"{\"bos_token\":7}", "$.bos_token"},
      {"{\"add_eos_token\":\"no\"}", "$.add_eos_token"},
      {"{\"added_tokens_decoder\":[]}", "$.added_tokens_decoder"},
      {
        "{\"added_tokens_decoder\":{\"1\":{\"content\":\"</s>\"}}}",
        "$.added_tokens_decoder[\"1\"].content"
      },
      {"{\"added_tokens_decoder\":{\"x\":{\"content\":\"</s>\"}}}", "$.added_tokens_decoder.x"},
      {"{\"additional_special_tokens\":[\"<x>\"]}", "$.additional_special_tokens[0]"},
    };
    for (String[] each : cases) {
      Files.writeString(config, each[0]);
      ModelFormatException e =
          assertThrows(ModelFormatException.class, () -> SpecialTokens.read(directory), each[0]);
      assertEquals(each[1], e.field().orElse(""));
      assertEquals(config, e.file());
    }
  }

  @Test
  void absentFlagsAreReadOffThePostProcessor(@TempDir Path directory) throws IOException {
    TinyTokenizers.write(directory, SIZE);
    Files.writeString(directory.resolve("tokenizer_config.json"), "{}");
    ObjectNode root = TinyTokenizers.tokenizer(SIZE);
    ObjectNode processor = root.putObject("post_processor").put("type", "TemplateProcessing");
    ArrayNode single = processor.putArray("single");
    single.addObject().putObject("SpecialToken").put("id", "<s>").put("type_id", 0);
    single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    TinyModel.MAPPER.writeValue(directory.resolve("tokenizer.json").toFile(), root);
    SpecialTokens special = SpecialTokens.read(directory);
    assertTrue(special.addBos());
    assertEquals(false, special.addEos());
  }
}
