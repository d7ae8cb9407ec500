package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.testing.TinyTokenizers;
import io.chasqui.spi.Tokenization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class JsonTokenizerIT {
  private static final int TWELVE_MB = 12 << 20;
  private static JsonTokenizer tokenizer;

  @BeforeAll
  static void open() {
    tokenizer = TinyModel.open();
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @Test
  void idsAreSentencePieces() throws IOException {
    List<TinyModel.Row> rows = TinyModel.texts();
    assertEquals(106, rows.size());
    for (TinyModel.Row row : rows) {
      assertArrayEquals(row.ids(), tokenizer.tokenize(row.text()).ids(), row.text());
    }
  }

  @Test
  void tokensCoverTheirChars() throws IOException {
    for (TinyModel.Row row : TinyModel.texts()) {
      Tokenization tokens = tokenizer.tokenize(row.text());
      int end = 0;
      for (int i = 0; i < tokens.size(); i++) {
        assertTrue(tokens.starts()[i] <= tokens.ends()[i], row.text());
        assertTrue(i == 0 || tokens.starts()[i] >= tokens.starts()[i - 1], row.text());
        assertTrue(tokens.starts()[i] <= end, "a gap before token " + i + " of " + row.text());
        end = Math.max(end, tokens.ends()[i]);
      }
      assertEquals(row.text().length(), end, row.text());
    }
  }

  @Test
  void offsetsCountChars() {
    String text = "\uD83D\uDE00 words";
    Tokenization tokens = tokenizer.tokenize(text);
    int last = tokens.size() - 1;
    assertEquals(text.length(), tokens.ends()[last]);
    // space piece, four bytes of the emoji, then words
    assertArrayEquals(new int[] {0, 0, 0, 0, 0}, Arrays.copyOf(tokens.starts(), 5));
    assertArrayEquals(new int[] {0, 2, 2, 2, 2}, Arrays.copyOf(tokens.ends(), 5));
    assertEquals(2, tokens.starts()[5]);
  }

  @Test
  void specialTokensAreResolved() {
    SpecialTokens special = tokenizer.specialTokens();
    assertEquals(1, special.bos().orElseThrow());
    assertEquals(2, special.eos().orElseThrow());
    assertEquals(0, special.unknown().orElseThrow());
    assertTrue(special.pad().isEmpty());
    assertTrue(special.addBos());
    assertFalse(special.addEos());
    assertEquals(Set.of(0, 1, 2), special.contents().keySet());
    assertEquals(8000, tokenizer.vocabularySize());
  }

  @Test
  void loneSurrogatesAreReplacementCharacters() {
    assertArrayEquals(
        tokenizer.tokenize("a\uFFFDb\uFFFD").ids(), tokenizer.tokenize("a\uD83Db\uDE00").ids());
    assertArrayEquals(
        tokenizer.tokenize("\uFFFD\uD83D\uDE00").ids(),
        tokenizer.tokenize("\uD83D\uD83D\uDE00").ids());
  }

  @Test
  void nulIsACharacter() {
    int[] ids = tokenizer.tokenize("a\u0000b").ids();
    assertTrue(Arrays.stream(ids).anyMatch(id -> id == 3), Arrays.toString(ids)); // <0x00>
  }

  @Test
  @Timeout(60)
  void firstTokensOfTwelveMegabytesAreThoseOfTheWhole() {
    String text = "The limits of twelve megabytes </s> \uD83D\uDE00 ".repeat(TWELVE_MB / 41);
    Tokenization whole = tokenizer.tokenize(text.substring(0, 60_000));
    Tokenization first = tokenizer.tokenize(text, 512);
    assertArrayEquals(Arrays.copyOf(whole.ids(), 512), first.ids());
    assertArrayEquals(Arrays.copyOf(whole.ends(), 512), first.ends());
  }

  @Test
  @Timeout(120)
  void megabytesWithoutASpaceEnd() {
    Tokenization tokens = tokenizer.tokenize("the".repeat(TWELVE_MB / 12));
    assertEquals(TWELVE_MB / 4, tokens.ends()[tokens.size() - 1]);
  }

  @Test
  void partsOfALongTextHaveTheTokensOfTheWhole() throws IOException {
    StringBuilder text = new StringBuilder();
    for (TinyModel.Row row : TinyModel.texts()) {
      text.append(row.text()).append(row.text().length() % 3 == 0 ? " " : "");
    }
    String whole =
        text.toString().repeat(10); // below the size of a part: native code sees it at once
    assertTrue(whole.length() < 1 << 16 && whole.length() > 10_000, "" + whole.length());
    Tokenization all = tokenizer.tokenize(whole);
    for (int count = 1; count < all.size(); count += 1 + count / 8) {
      Tokenization first = tokenizer.tokenize(whole, count);
      assertArrayEquals(Arrays.copyOf(all.ids(), count), first.ids());
      assertArrayEquals(Arrays.copyOf(all.starts(), count), first.starts());
    }
  }

  @Test
  void eightThreadsAgree() throws Exception {
    List<TinyModel.Row> rows = TinyModel.texts();
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Integer>> tasks = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        tasks.add(
            () -> {
              int wrong = 0;
              for (int round = 0; round < 20; round++) {
                for (TinyModel.Row row : rows) {
                  wrong += Arrays.equals(row.ids(), tokenizer.tokenize(row.text()).ids()) ? 0 : 1;
                }
              }
              return wrong;
            });
      }
      for (Future<Integer> wrong : pool.invokeAll(tasks)) {
        assertEquals(0, wrong.get());
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  @Timeout(60)
  void closeWaitsForCallsInFlightAndRefusesLaterOnes() throws Exception {
    for (int round = 0; round < 5; round++) {
      JsonTokenizer closing = TinyModel.open();
      ExecutorService pool = Executors.newFixedThreadPool(4);
      CountDownLatch started = new CountDownLatch(4);
      List<Future<Integer>> results = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        results.add(
            pool.submit(
                () -> {
                  int done = 0;
                  started.countDown();
                  try {
                    while (true) {
                      closing.tokenize("close while encoding ".repeat(50));
                      done++;
                    }
                  } catch (IllegalStateException e) {
                    assertTrue(e.getMessage().contains("tokenizer.json is closed"), e.getMessage());
                    return done;
                  }
                }));
      }
      started.await();
      closing.close();
      closing.close();
      for (Future<Integer> result : results) {
        result.get(30, TimeUnit.SECONDS);
      }
      pool.shutdownNow();
    }
  }

  @Test
  void mergesThatMakeASpecialPieceAreNotReached(@TempDir Path directory) throws IOException {
    TinyTokenizers.write(directory, 400);
    ObjectNode root = TinyTokenizers.tokenizer(400);
    ObjectNode vocabulary = (ObjectNode) root.path("model").path("vocab");
    vocabulary.put("<", 400).put("/", 401).put(">", 402).put("</", 403).put("</s", 404);
    var merges = (com.fasterxml.jackson.databind.node.ArrayNode) root.path("model").path("merges");
    merges.insert(0, "</s >").insert(0, "</ s").insert(0, "< /");
    TinyModel.MAPPER.writeValue(directory.resolve("tokenizer.json").toFile(), root);
    try (JsonTokenizer reachable = JsonTokenizer.open(directory)) {
      int[] ids = reachable.tokenize("</s>").ids();
      assertArrayEquals(new int[] {259, 404, 402}, ids);
    }
  }

  @Test
  void reservedIdsMustBeSpecial() {
    ModelFormatException e =
        assertThrows(
            ModelFormatException.class,
            () -> JsonTokenizer.open(TinyModel.directory(), 8000, Set.of(300)));
    assertTrue(e.getMessage().contains("id 300"), e.getMessage());
    assertTrue(e.getMessage().contains("ordinary piece"), e.getMessage());
  }

  @Test
  void idsBeyondTheEmbeddingAreRefused() {
    ModelFormatException e =
        assertThrows(
            ModelFormatException.class,
            () -> JsonTokenizer.open(TinyModel.directory(), 7999, Set.of()));
    assertTrue(e.getMessage().contains("7999"), e.getMessage());
  }

  @Test
  void sentencePieceAloneSaysHowToConvert(@TempDir Path directory) throws IOException {
    assertThrows(NoSuchFileException.class, () -> JsonTokenizer.open(directory));
    Files.write(directory.resolve("tokenizer.model"), new byte[] {1});
    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> JsonTokenizer.open(directory));
    assertTrue(e.getMessage().contains("save_pretrained"), e.getMessage());
  }

  @Test
  void generatedTokenizersUseEveryId(@TempDir Path directory) throws IOException {
    for (int size : new int[] {TinyTokenizers.SMALLEST, 300, 1000, 5000}) {
      TinyTokenizers.write(directory, size);
      try (JsonTokenizer generated = JsonTokenizer.open(directory, size, Set.of(1, 2))) {
        assertEquals(size, generated.vocabularySize());
        int[] ids = generated.tokenize("the tiny tests need text </s>").ids();
        assertTrue(ids.length > 0 && Arrays.stream(ids).allMatch(id -> id > 2 && id < size));
      }
    }
  }
}
