package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Passage;
import io.chasqui.checkpoint.Role.Truncation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class PromptEncoderProperties {
  private static final int BOS = 1;
  private static final int EOS = 2;
  private static JsonTokenizer tokenizer;

  @BeforeContainer
  static void open() {
    tokenizer = TinyModel.open();
  }

  @AfterContainer
  static void close() {
    tokenizer.close();
  }

  /** Any UTF-16, lone surrogates included, sprinkled with literals of special tokens. */
  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> literals =
        Arbitraries.of(
            "</s>",
            "<s>",
            "<unk>",
            "<|endoftext|>",
            "<pad>",
            "<0x41>",
            "{text}",
            "{title}",
            "\u2581",
            " ",
            "  ",
            "\n",
            "\u0000",
            "\uFDD0",
            "\uD83D\uDE00",
            "\uD83D",
            "e\u0301");
    Arbitrary<String> words = Arbitraries.of("the", "harbour", " at", " low tide", "s>", "</");
    Arbitrary<String> any = Arbitraries.strings().all().ofMaxLength(12);
    return Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(3, literals),
            net.jqwik.api.Tuple.of(3, words),
            net.jqwik.api.Tuple.of(1, any))
        .list()
        .ofMaxSize(30)
        .map(parts -> String.join("", parts));
  }

  private static PromptEncoder encoder(String preset, int limit) {
    return PromptEncoder.of(
        tokenizer, Presets.named(preset).withTruncation(new Truncation(limit, limit)));
  }

  @Property(tries = 500)
  void eosIsLastAtEveryLength(
      @ForAll("texts") String title,
      @ForAll("texts") String text,
      @ForAll @IntRange(min = 2, max = 80) int limit) {
    for (String preset : List.of("repllama-v1", "repllama-v1-code", "repllama-mteb")) {
      PromptEncoder encoder = encoder(preset, limit);
      for (PreparedInput input :
          List.of(encoder.query(text), encoder.passage(Passage.of("p", title, text)))) {
        int[] ids = input.ids();
        assertTrue(ids.length <= limit);
        assertEquals(EOS, ids[ids.length - 1]);
        assertEquals(1, Arrays.stream(ids).filter(id -> id == EOS).count());
        assertTrue(!input.truncated() || ids.length == limit);
      }
    }
    PreparedInput joined =
        encoder("rankllama-paper", limit).pair(text, Passage.of("p", title, text));
    assertEquals(EOS, joined.ids()[joined.ids().length - 1]);
    assertTrue(joined.ids().length <= 2 * limit);
  }

  @Property(tries = 500)
  void noTextYieldsASpecialId(@ForAll("texts") String text) {
    for (int id : tokenizer.tokenize(text).ids()) {
      assertTrue(id > 2 && id < 8000, () -> "id " + id);
    }
  }

  @Property(tries = 200)
  void aPairHasTwoBosAndTheQueryAsPrefix(
      @ForAll("texts") String query,
      @ForAll("texts") String text,
      @ForAll @IntRange(min = 1, max = 60) int limit) {
    PromptEncoder encoder = encoder("rankllama-v1", limit);
    List<PreparedInput> pairs =
        encoder.pairs(query, List.of(Passage.of("a", text), Passage.of("b", text, "other")));
    for (PreparedInput pair : pairs) {
      assertEquals(2, Arrays.stream(pair.ids()).filter(id -> id == BOS).count());
      assertEquals(0, Arrays.stream(pair.ids()).filter(id -> id == EOS).count());
      assertEquals(BOS, pair.ids()[0]);
      assertEquals(BOS, pair.ids()[pair.sharedPrefix() - 1]);
      assertTrue(pair.sharedPrefix() <= limit + 1 && pair.ids().length <= 2 * limit);
    }
    assertArrayEquals(
        Arrays.copyOf(pairs.get(0).ids(), pairs.get(0).sharedPrefix()),
        Arrays.copyOf(pairs.get(1).ids(), pairs.get(1).sharedPrefix()));
  }

  @Property(tries = 200)
  void aListGivesWhatSinglesGiveInAnyOrder(
      @ForAll @Size(max = 8) List<@net.jqwik.api.From("texts") String> texts, @ForAll long seed) {
    PromptEncoder encoder = encoder("repllama-v1", 40);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, new Random(seed));
    List<PreparedInput> shuffled = encoder.queries(order.stream().map(texts::get).toList());
    for (int i = 0; i < order.size(); i++) {
      assertArrayEquals(encoder.query(texts.get(order.get(i))).ids(), shuffled.get(i).ids());
    }
  }

  @Property(tries = 300)
  void firstTokensAreThoseOfTheWhole(
      @ForAll("texts") String text, @ForAll @IntRange(min = 0, max = 40) int count) {
    String repeated = text.repeat(20);
    int[] whole = tokenizer.tokenize(repeated).ids();
    int[] first = tokenizer.tokenize(repeated, count).ids();
    assertArrayEquals(Arrays.copyOf(whole, Math.min(count, whole.length)), first);
  }
}
