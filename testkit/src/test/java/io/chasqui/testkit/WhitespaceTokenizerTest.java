package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.ChunkOptions;
import io.chasqui.Chunker;
import io.chasqui.Document;
import io.chasqui.Passage;
import io.chasqui.spi.Tokenization;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class WhitespaceTokenizerTest {
  private final WhitespaceTokenizer tokenizer = new WhitespaceTokenizer();

  @Test
  void wordsKnowWhereTheyStand() {
    Tokenization tokens = tokenizer.tokenize(" one  two one");
    assertArrayEquals(new int[] {1, 6, 10}, tokens.starts());
    assertArrayEquals(new int[] {4, 9, 13}, tokens.ends());
    assertEquals(tokens.ids()[0], tokens.ids()[2]);
    assertTrue(Arrays.stream(tokens.ids()).allMatch(id -> id < tokenizer.vocabularySize()));
    assertEquals(0, tokenizer.count(" \n"));
  }

  @Test
  void itDrivesAChunker() {
    List<Passage> passages =
        Chunker.sentences(tokenizer, ChunkOptions.of(3, 0))
            .chunk(Document.of("d", "", "One two. Three four five."));
    assertEquals(
        List.of("One two.", "Three four five."), passages.stream().map(Passage::text).toList());
  }
}
