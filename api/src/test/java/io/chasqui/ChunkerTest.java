package io.chasqui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChunkerTest {
  private static final FakeTokenizer WORDS = new FakeTokenizer(100, false);

  private static List<Passage> chunk(String text, int maxTokens, int overlapTokens) {
    return Chunker.sentences(WORDS, ChunkOptions.of(maxTokens, overlapTokens))
        .chunk(Document.of("d", "Title", text));
  }

  private static List<String> texts(String text, int maxTokens, int overlapTokens) {
    return chunk(text, maxTokens, overlapTokens).stream().map(Passage::text).toList();
  }

  @Test
  void asManyWholeSentencesAsFit() {
    // Each sentence is three words and a full stop.
    assertEquals(
        List.of("One two three. Four five six.", "Seven eight nine."),
        texts("One two three. Four five six.  Seven eight nine.", 10, 0));
    assertEquals(
        List.of("One two three.", "Four five six.", "Seven eight nine."),
        texts("One two three. Four five six.  Seven eight nine.", 7, 0));
  }

  @Test
  void theLastSentencesAreRepeatedIfTheyFitTheOverlap() {
    assertEquals(
        List.of("One two. Three four.", "Three four. Five six.", "Five six. Seven eight."),
        texts("One two. Three four. Five six. Seven eight.", 6, 3));
  }

  @Test
  void theEndOfALongSentenceIsRepeated() {
    assertEquals(List.of("a b c d", "d e f g", "g h."), texts("a b c d e f g h.", 4, 1));
  }

  @Test
  void theOverlapGivesWayToASentenceThatFitsAsAWhole() {
    // With two tokens of overlap the second sentence would be cut.
    assertEquals(
        List.of("One two three four five.", "Six seven eight nine ten."),
        texts("One two three four five. Six seven eight nine ten.", 6, 2));
  }

  @Test
  void whiteSpaceAloneIsNoReasonToRepeatAnOverlap() {
    Chunker chunker = Chunker.sentences(new FakeTokenizer(1, false), ChunkOptions.of(4, 1));
    List<Passage> passages = chunker.chunk(Document.of("d", "", ". 😀")); // four tokens
    assertEquals(List.of(".", "😀"), passages.stream().map(Passage::text).toList());
  }

  @Test
  void aSentenceThatIsTooLongIsCutBetweenWords() {
    List<Passage> passages =
        Chunker.sentences(new FakeTokenizer(2, false), ChunkOptions.of(5, 0))
            .chunk(Document.of("d", "", "abcd efgh ijkl mn."));
    assertEquals(List.of("abcd efgh", "ijkl mn."), passages.stream().map(Passage::text).toList());
  }

  @Test
  void aBlankLineEndsASentence() {
    assertEquals(List.of("a heading", "and the text"), texts("a heading\n \nand the text", 4, 0));
    assertEquals(List.of("two\r\nlines"), texts("two\r\nlines", 4, 0));
  }

  @Test
  void passagesKnowWhereTheyStand() {
    Document document =
        Document.of("d", "Title", " One two. Three four.").withMetadata(Metadata.of("lang", "en"));

    List<Passage> passages = Chunker.sentences(WORDS, ChunkOptions.of(3, 0)).chunk(document);

    assertEquals(List.of("d#0", "d#1"), passages.stream().map(Passage::id).toList());
    Passage second = passages.get(1);
    assertEquals("d", second.documentId());
    assertEquals("Title", second.title());
    assertEquals(
        Metadata.of("lang", "en")
            .with("chunk.index", 1L)
            .with("chunk.start", 10L)
            .with("chunk.end", 21L),
        second.metadata());
  }

  @Test
  void aCharacterOfManyTokensStaysWhole() {
    assertEquals(List.of("😀", "😀"), texts("😀😀", 2, 0));
    assertEquals(List.of("😀", "😀"), texts("😀😀", 2, 1));
  }

  @Test
  void aDocumentWithoutTextIsFoundByItsTitle() {
    List<Passage> passages = chunk(" \n", 5, 0);
    assertEquals(1, passages.size());
    assertEquals("", passages.get(0).text());
    assertEquals(
        List.of(),
        Chunker.sentences(WORDS, ChunkOptions.defaults()).chunk(Document.of("d", "", "")));
  }

  @Test
  void wholeIsOnePassageWithTheDocumentsId() {
    Passage whole = Chunker.whole().chunk(Document.of("d", "t", "A. B.")).get(0);
    assertEquals(Passage.of("d", "t", "A. B."), whole);
  }

  @Test
  void optionsAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> ChunkOptions.of(0, 0));
    assertThrows(IllegalArgumentException.class, () -> ChunkOptions.of(5, 5));
    assertThrows(IllegalArgumentException.class, () -> ChunkOptions.of(5, -1));
    assertEquals(
        ChunkOptions.of(9, 3), ChunkOptions.of(8, 2).withMaxTokens(9).withOverlapTokens(3));
  }

  @Test
  void aTextOfMegabytesWithoutASentenceIsCutInReasonableTime() {
    String text = "word ".repeat(400_000);
    List<Passage> passages = chunk(text, 100, 10);
    assertEquals(4_445, passages.size()); // 100 + n * 90 words
  }
}
