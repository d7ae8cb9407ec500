package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.chasqui.spi.Tokenization;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Unigram tokenizers of XLM-RoBERTa's kind, in the two forms that published files have, give the
 * ids of the Python library tokenizers 0.23.2 ({@code make.py} beside them).
 */
class UnigramTokenizerIT {
  private static final int BEGIN = 0;
  private static final int END = 2;
  private static final int UNKNOWN = 3;

  static Path resource(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(UnigramTokenizerIT.class.getResource("/unigram/" + name), name)
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode expected() throws IOException {
    return Json.read(resource("expected.json"));
  }

  private static int[] ids(JsonNode list) {
    return IntStream.range(0, list.size()).map(i -> list.get(i).intValue()).toArray();
  }

  private static int[] framed(List<Integer> before, int[] ids, List<Integer> after) {
    return IntStream.concat(
            IntStream.concat(before.stream().mapToInt(id -> id), Arrays.stream(ids)),
            after.stream().mapToInt(id -> id))
        .toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"words", "metaspace"})
  void idsAreThoseOfPython(String form) throws IOException {
    JsonNode texts = expected().get("texts");
    JsonNode ids = expected().get(form).get("ids");
    try (JsonTokenizer tokenizer = JsonTokenizer.open(resource(form))) {
      TokenFrame frame = tokenizer.specialTokens().frame();
      for (int i = 0; i < texts.size(); i++) {
        String text = texts.get(i).textValue();
        int[] found = tokenizer.tokenize(text).ids();
        assertArrayEquals(ids(ids.get(i)), framed(frame.before(), found, frame.after()), text);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"words", "metaspace"})
  void pairsAreThoseOfPython(String form) throws IOException {
    JsonNode pairs = expected().get("pairs");
    try (JsonTokenizer tokenizer = JsonTokenizer.open(resource(form))) {
      TokenFrame frame = tokenizer.specialTokens().frame();
      assertEquals(List.of(END, END), frame.pairBetween());
      assertEquals(1, tokenizer.specialTokens().pad().orElseThrow());
      for (int i = 0; i < pairs.size(); i++) {
        int[] first = tokenizer.tokenize(pairs.get(i).get(0).textValue()).ids();
        int[] second = tokenizer.tokenize(pairs.get(i).get(1).textValue()).ids();
        int[] found =
            framed(
                List.of(),
                framed(frame.pairBefore(), first, frame.pairBetween()),
                Arrays.stream(framed(List.of(), second, frame.pairAfter())).boxed().toList());
        assertArrayEquals(ids(expected().get(form).get("pairs").get(i)), found);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"words", "metaspace"})
  void noTextYieldsASpecialToken(String form) throws IOException {
    try (JsonTokenizer tokenizer = JsonTokenizer.open(resource(form))) {
      int mask = tokenizer.vocabularySize() - 1;
      assertTrue(tokenizer.specialTokens().isSpecial(mask));
      for (String text : List.of("a </s> b <mask> <s>", "<pad>", "<unk>", "</s>", "<s><s>")) {
        int[] ids = tokenizer.tokenize(text).ids();
        assertTrue(ids.length > 0, text);
        for (int special : new int[] {BEGIN, 1, END, mask}) {
          assertFalse(Arrays.stream(ids).anyMatch(id -> id == special), text + special);
        }
      }
      assertTrue(Arrays.stream(tokenizer.tokenize("日本").ids()).anyMatch(id -> id == UNKNOWN));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"words", "metaspace"})
  void longTextsAreCutBetweenWords(String form) throws IOException {
    String sentence = "The keeper lights the lamp, and zählt die Schiffe ";
    int times = 8_000;
    try (JsonTokenizer tokenizer = JsonTokenizer.open(resource(form))) {
      int[] one = tokenizer.tokenize(sentence).ids();
      String all = sentence.repeat(times);
      Tokenization found = tokenizer.tokenize(all);
      assertEquals(one.length * times, found.size());
      for (int i = 0; i < found.size(); i++) {
        assertEquals(one[i % one.length], found.ids()[i]);
      }
      for (int few : new int[] {1, 7, 300}) {
        assertArrayEquals(Arrays.copyOf(found.ids(), few), tokenizer.tokenize(all, few).ids());
      }
    }
  }

  /** The native normalizer forgets that it took something from the beginning. */
  @ParameterizedTest
  @ValueSource(strings = {"words", "metaspace"})
  void whatVanishesAtTheBeginningDisturbsNothing(String form) throws IOException {
    try (JsonTokenizer tokenizer = JsonTokenizer.open(resource(form))) {
      int[] plain = tokenizer.tokenize("how do tides").ids();
      for (int count = 1; count < 40; count++) {
        String text = "\u200B".repeat(count) + "how do tides";
        Tokenization found = tokenizer.tokenize(text);
        assertArrayEquals(plain, found.ids());
        for (int i = 0; i < found.size(); i++) {
          assertTrue(found.starts()[i] <= found.ends()[i] && found.ends()[i] <= text.length());
        }
      }
      assertEquals(0, tokenizer.tokenize("\u200B\u200B").size());
    }
  }

  @Test
  void aVocabularyAsLargeAsPublishedOnesIsRead(@TempDir Path directory) throws IOException {
    var root = Json.readObject(resource("words/tokenizer.json"));
    var vocabulary = (ArrayNode) root.at("/model/vocab");
    ((ArrayNode) root.path("added_tokens")).remove(4);
    vocabulary.remove(vocabulary.size() - 1);
    for (int id = vocabulary.size(); id < 250_002; id++) {
      vocabulary.addArray().add("piece" + id).add(-20.5);
    }
    Json.MAPPER.writeValue(directory.resolve("tokenizer.json").toFile(), root);
    try (JsonTokenizer tokenizer = JsonTokenizer.open(directory)) {
      assertEquals(250_002, tokenizer.vocabularySize());
      assertArrayEquals(new int[] {4, 250_001}, tokenizer.tokenize("piece250001").ids());
    }
  }
}
