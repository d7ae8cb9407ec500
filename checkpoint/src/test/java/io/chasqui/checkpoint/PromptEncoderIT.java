package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.chasqui.Passage;
import io.chasqui.checkpoint.Role.Truncation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PromptEncoderIT {
  private static final int BOS = 1;
  private static final int EOS = 2;
  private static JsonTokenizer tokenizer;

  @BeforeAll
  static void open() {
    tokenizer = TinyModel.open();
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  private static PromptEncoder encoder(String preset, int query, int passage) {
    return PromptEncoder.of(
        tokenizer, Presets.named(preset).withTruncation(new Truncation(query, passage)));
  }

  @Test
  void promptsOfEncodersAreTheGoldenOnes() throws IOException {
    PromptEncoder card = encoder("repllama-v1", 32, 128);
    PromptEncoder code = encoder("repllama-v1-code", 30, 126);
    JsonNode rows = TinyModel.prompts().get("texts");
    assertEquals(25, rows.size());
    for (JsonNode row : rows) {
      String text = row.get("text").textValue();
      Passage passage = Passage.of("p", row.get("title").textValue(), text);
      boolean query = row.get("kind").textValue().equals("query");
      assertArrayEquals(
          TinyModel.ids(row.get("card")),
          (query ? card.query(text) : card.passage(passage)).ids(),
          text);
      assertArrayEquals(
          TinyModel.ids(row.get("code")),
          (query ? code.query(text) : code.passage(passage)).ids(),
          text);
    }
  }

  @Test
  void promptsOfScorersAreTheGoldenOnes() throws IOException {
    PromptEncoder rank = encoder("rankllama-v1", 33, 126);
    JsonNode rows = TinyModel.prompts().get("pairs");
    assertEquals(10, rows.size());
    for (JsonNode row : rows) {
      String query = row.get("query").textValue();
      Passage passage = Passage.of("p", row.get("title").textValue(), row.get("text").textValue());
      PreparedInput input = rank.pair(query, passage);
      assertArrayEquals(TinyModel.ids(row.get("ids")), input.ids(), query);
      assertEquals(BOS, input.ids()[input.sharedPrefix() - 1]);
      assertEquals(2, Arrays.stream(input.ids()).filter(id -> id == BOS).count());
    }
  }

  /** Ids that tokenizers 0.23.2 gave in Python for the recipes' strings. */
  @Test
  void promptsOfTheOtherRecipesAreTheGoldenOnes() throws IOException {
    PromptEncoder mteb = encoder("repllama-mteb", 32, 128);
    PromptEncoder paper = encoder("rankllama-paper", 512, 512);
    Path file = TinyModel.directory().resolve("recipe-prompts.json");
    Map<String, Integer> compared = new TreeMap<>();
    for (JsonNode row : TinyModel.MAPPER.readTree(file.toFile()).get("rows")) {
      String text = row.get("text").textValue();
      Passage passage = Passage.of("p", row.get("title").textValue(), text);
      PreparedInput input =
          row.has("query")
              ? paper.pair(row.get("query").textValue(), passage)
              : row.get("kind").textValue().equals("query")
                  ? mteb.query(text)
                  : mteb.passage(passage);
      assertArrayEquals(TinyModel.ids(row.get("ids")), input.ids(), row.toString());
      assertEquals(row.get("truncated").booleanValue(), input.truncated(), row.toString());
      compared.merge(row.get("preset").textValue(), 1, Integer::sum);
    }
    assertEquals(Map.of("repllama-mteb", 25, "rankllama-paper", 10), compared);
  }

  @Test
  void twoSpacesAfterTheColonInTheMtebPreset() {
    int[] expected = tokenizer.tokenize("query:  tides").ids();
    int[] ids = encoder("repllama-mteb", 32, 32).query("tides").ids();
    assertArrayEquals(expected, Arrays.copyOfRange(ids, 1, ids.length - 1));
  }

  @Test
  void theJoinedPairIsOneText() {
    PreparedInput input =
        encoder("rankllama-paper", 32, 164).pair("tides", Passage.of("p", "Low", "Deep."));
    int[] expected = tokenizer.tokenize("query: tides document: Low Deep.").ids();
    assertArrayEquals(expected, Arrays.copyOf(input.ids(), input.ids().length - 1));
    assertEquals(EOS, input.ids()[input.ids().length - 1]);
    assertEquals(0, input.sharedPrefix());
    assertFalse(input.truncated());
  }

  @Test
  void aLongQueryDoesNotCrowdOutThePassageOfAJoinedPair() {
    PreparedInput input =
        encoder("rankllama-paper", 8, 20)
            .pair("tides and tides ".repeat(50) + "\uD83D\uDE00", Passage.of("p", "Low", "Deep."));
    int[] document = tokenizer.tokenize("document: Low Deep.").ids();
    int[] tail =
        Arrays.copyOfRange(
            input.ids(), input.ids().length - 1 - document.length, input.ids().length - 1);
    assertArrayEquals(document, tail);
    assertTrue(input.truncated());
    assertTrue(input.ids().length <= 28);
  }

  private static Role passageFirst(int query, int passage) {
    Role card = Presets.named("rankllama-v1");
    return card.withTokens(
            new Role.Tokens(
                Optional.empty(), List.of(), card.tokens().pad(), card.tokens().padSide()))
        .withTemplate(
            new RoleTemplate.Framed(
                List.of(new RoleTemplate.Part.Id(BOS)),
                "query: {query}",
                List.of(new RoleTemplate.Part.Id(EOS), new RoleTemplate.Part.Id(BOS)),
                "passage: {title} {text}",
                "passage: {text}",
                List.of(new RoleTemplate.Part.Id(EOS)),
                true))
        .withTruncation(new Role.Truncation(query, passage));
  }

  private static int[] joined(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
  }

  @Test
  void aFrameMayHaveThePassageFirst() {
    PreparedInput input =
        PromptEncoder.of(tokenizer, passageFirst(32, 164))
            .pair("tides", Passage.of("p", "Low", "Deep."));
    int[] passage = tokenizer.tokenize("passage: Low Deep.").ids();
    int[] query = tokenizer.tokenize("query: tides").ids();
    assertArrayEquals(
        joined(new int[] {BOS}, passage, new int[] {EOS, BOS}, query, new int[] {EOS}),
        input.ids());
    assertEquals(0, input.sharedPrefix());
    assertFalse(input.truncated());
  }

  @Test
  void eachTextOfATurnedFrameIsCutAtItsOwnLimit() {
    PromptEncoder prompts = PromptEncoder.of(tokenizer, passageFirst(5, 4));
    int[] passage = Arrays.copyOf(tokenizer.tokenize("passage: so very deep").ids(), 3);
    int[] query = Arrays.copyOf(tokenizer.tokenize("query: which tides").ids(), 2);
    PreparedInput input = prompts.pair("which tides", Passage.of("p", "so very deep"));
    assertArrayEquals(
        joined(new int[] {BOS}, passage, new int[] {EOS, BOS}, query, new int[] {EOS}),
        input.ids());
    assertTrue(input.truncated());
  }

  @Test
  void aTurnedFrameNeedsRoomOnBothSidesAndSomethingBetween() {
    assertThrows(
        IllegalArgumentException.class, () -> PromptEncoder.of(tokenizer, passageFirst(2, 9)));
    PromptEncoder.of(tokenizer, passageFirst(3, 1));
    RoleTemplate.Framed framed = (RoleTemplate.Framed) passageFirst(9, 9).template();
    Role nothingBetween =
        passageFirst(9, 9)
            .withTemplate(
                new RoleTemplate.Framed(
                    framed.before(),
                    framed.query(),
                    List.of(),
                    framed.passage(),
                    framed.passageWithoutTitle(),
                    framed.after(),
                    true));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> PromptEncoder.of(tokenizer, nothingBetween));
    assertTrue(e.getMessage().contains("needs something between"), e.getMessage());
  }

  @Test
  void placeholdersInUserTextAreText() {
    PromptEncoder card = encoder("repllama-v1", 64, 64);
    int[] expected = tokenizer.tokenize("passage: {text} a {title} {query}").ids();
    int[] ids = card.passage(Passage.of("p", "{text}", "a {title} {query}")).ids();
    assertArrayEquals(expected, Arrays.copyOfRange(ids, 1, ids.length - 1));
  }

  @Test
  void aRoleDoesOnlyWhatItIsFor() {
    PromptEncoder card = encoder("repllama-v1", 64, 64);
    PromptEncoder rank = encoder("rankllama-v1", 64, 64);
    Passage passage = Passage.of("p", "x");
    assertThrows(IllegalStateException.class, () -> card.pair("q", passage));
    assertThrows(IllegalStateException.class, () -> rank.query("q"));
    assertThrows(IllegalStateException.class, () -> rank.passage(passage));
  }

  @Test
  void limitsMustHoldTheSpecialTokens() {
    assertThrows(IllegalArgumentException.class, () -> encoder("repllama-v1", 1, 10));
    assertArrayEquals(new int[] {BOS, EOS}, encoder("repllama-v1", 2, 2).query("anything").ids());
  }

  @Test
  @Timeout(60)
  void twelveMegabytesAreCut() {
    String text = "the harbour ".repeat(1 << 20);
    PreparedInput input = encoder("repllama-v1", 32, 196).passage(Passage.of("p", text));
    assertEquals(196, input.ids().length);
    assertTrue(input.truncated());
    List<PreparedInput> pairs =
        encoder("rankllama-v1", 33, 165).pairs(text, List.of(Passage.of("p", text)));
    assertEquals(33 + 165, pairs.get(0).ids().length);
    assertEquals(34, pairs.get(0).sharedPrefix());
  }
}
