package io.chasqui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class ChunkerProperties {
  private static final String LONE_HIGH = "\uD83D";
  private static final String LONE_LOW = "\uDE00";

  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> part =
        Arbitraries.frequencyOf(
            Tuple.of(8, Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(9)),
            Tuple.of(6, Arbitraries.of(" ", " ", ". ", "! ", ", ", "\n", "\n\n", "\r\n")),
            Tuple.of(
                2,
                Arbitraries.of(
                    "😀", "é", "e\u0301", "中文。", LONE_HIGH, LONE_LOW, "\u0000", "</s>", "\u00a0")),
            Tuple.of(1, Arbitraries.strings().ofMaxLength(5)));
    return part.list().ofMaxSize(60).map(parts -> String.join("", parts));
  }

  @Provide
  Arbitrary<ChunkOptions> options() {
    return Arbitraries.integers()
        .between(1, 20)
        .flatMap(
            max ->
                Arbitraries.integers()
                    .between(0, max - 1)
                    .map(overlap -> ChunkOptions.of(max, overlap)));
  }

  @Provide
  Arbitrary<FakeTokenizer> tokenizers() {
    return Combinators.combine(Arbitraries.integers().between(1, 4), Arbitraries.of(true, false))
        .as(FakeTokenizer::new);
  }

  private static List<Passage> chunk(FakeTokenizer tokenizer, ChunkOptions options, String text) {
    return Chunker.sentences(tokenizer, options).chunk(Document.of("d", "", text));
  }

  private static int start(Passage passage) {
    return ((Long) passage.metadata().get(Chunker.START).orElseThrow()).intValue();
  }

  private static int end(Passage passage) {
    return ((Long) passage.metadata().get(Chunker.END).orElseThrow()).intValue();
  }

  @Property(tries = 500)
  void everyCharButWhiteSpaceIsInAPassageAndPassagesAreInOrder(
      @ForAll("tokenizers") FakeTokenizer tokenizer,
      @ForAll("options") ChunkOptions options,
      @ForAll("texts") String text) {
    List<Passage> passages = chunk(tokenizer, options, text);

    BitSet covered = new BitSet();
    int lastStart = -1;
    int lastEnd = -1;
    for (int i = 0; i < passages.size(); i++) {
      Passage passage = passages.get(i);
      assertEquals("d#" + i, passage.id());
      assertEquals(text.substring(start(passage), end(passage)), passage.text());
      assertFalse(passage.text().isBlank());
      assertTrue(start(passage) > lastStart || options.overlapTokens() > 0);
      assertTrue(start(passage) >= lastStart && end(passage) > lastEnd, "no passage adds nothing");
      if (options.overlapTokens() == 0) {
        assertTrue(start(passage) >= lastEnd, "nothing is repeated");
      }
      lastStart = start(passage);
      lastEnd = end(passage);
      covered.set(lastStart, lastEnd);
    }
    for (int i = 0; i < text.length(); i++) {
      assertTrue(covered.get(i) || Character.isWhitespace(text.charAt(i)), "char " + i);
    }
  }

  @Property(tries = 500)
  void noPassageIsLongerThanTheLimit(
      @ForAll("tokenizers") FakeTokenizer tokenizer,
      @ForAll("options") ChunkOptions options,
      @ForAll("texts") String text) {
    for (Passage passage : chunk(tokenizer, options, text)) {
      int tokens = tokenizer.count(passage.text());
      int longest = (tokenizer.prefixed() ? 1 : 0) + 4; // one emoji
      assertTrue(
          tokens <= Math.max(options.maxTokens(), longest),
          () -> tokens + " tokens: " + passage.text());
    }
  }

  @Property(tries = 500)
  void noSurrogatePairIsCut(
      @ForAll("tokenizers") FakeTokenizer tokenizer,
      @ForAll("options") ChunkOptions options,
      @ForAll("texts") String text) {
    for (Passage passage : chunk(tokenizer, options, text)) {
      assertFalse(insidePair(text, start(passage)));
      assertFalse(insidePair(text, end(passage)));
    }
  }

  private static boolean insidePair(String text, int at) {
    return at > 0
        && at < text.length()
        && Character.isSurrogatePair(text.charAt(at - 1), text.charAt(at));
  }

  @Property(tries = 500)
  void neighboursShareAtMostTheOverlap(
      @ForAll("tokenizers") FakeTokenizer tokenizer,
      @ForAll("options") ChunkOptions options,
      @ForAll("texts") String text) {
    List<Passage> passages = chunk(tokenizer, options, text);
    for (int i = 1; i < passages.size(); i++) {
      int from = start(passages.get(i));
      int to = end(passages.get(i - 1));
      if (from < to) {
        int shared =
            new FakeTokenizer(tokenizer.pieceLength(), false).count(text.substring(from, to));
        assertTrue(shared <= options.overlapTokens(), () -> shared + " tokens are shared");
      }
    }
  }
}
