package io.chasqui.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BadInputTest {
  @TempDir Path folder;

  private interface Read {
    void read(Path file) throws IOException;
  }

  private void refuses(byte[] content, long line, String reason, Read read) throws IOException {
    Path file = Files.write(folder.resolve("bad"), content);
    DataFormatException error = assertThrows(DataFormatException.class, () -> read.read(file));
    assertEquals(file + ":" + line + ": " + reason, error.getMessage());
    assertEquals(file, error.file());
    assertEquals(line, error.line());
  }

  private void refuses(String content, long line, String reason, Read read) throws IOException {
    refuses(content.getBytes(StandardCharsets.UTF_8), line, reason, read);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "q Q0 d 1 0.5 | a run has six columns, this line has 5",
        "q Q0 d 1 NaN r | the score is not a finite number: \"NaN\"",
        "q Q0 d 1 Infinity r | the score is not a finite number: \"Infinity\"",
        "q Q0 d 1 1e999 r | the score is not a finite number: \"1e999\"",
        "q Q0 d 1 1.5f r | the score is not a finite number: \"1.5f\"",
        "q Q0 d 1 high r | the score is not a number: \"high\"",
        "p Q0 d 9 7 r | document d is ranked twice for query p",
      })
  void runLinesThatAreNone(String line, String reason) throws IOException {
    refuses("p Q0 d 1 0.5 r\n\n# note\n" + line + "\n", 4, reason, TrecFiles::readRun);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "q 0 d | qrels have four columns, this line has 3",
        "q 0 d 1 more | qrels have four columns, this line has 5",
        "q 0 d 1.0 | the grade is not an integer: \"1.0\"",
        "q 0 d 99999999999 | the grade is not an integer: \"99999999999\"",
        "p 0 d 0 | document d is judged twice for query p",
      })
  void qrelsLinesThatAreNone(String line, String reason) throws IOException {
    refuses("p 0 d 1\n" + line + "\n", 2, reason, TrecFiles::readQrels);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "q d | a run has 3 columns between tabs, this line has 1",
        "q\td\t0 | ranks begin at 1: 0",
        "q\td\tfirst | the rank is not an integer: \"first\"",
        "p\te\t1 | rank 1 is there twice for query p",
        "p\td\t2 | document d is ranked twice for query p",
      })
  void msMarcoRunLinesThatAreNone(String line, String reason) throws IOException {
    refuses("p\td\t1\n" + line.replace("\\t", "\t"), 2, reason, MsMarcoFiles::readRun);
  }

  @Test
  void textThatIsNotUtf8() throws IOException {
    byte[] latin = "q Q0 d 1 0.5 r\nq Q0 \u00e9 2 0.4 r\n".getBytes(StandardCharsets.ISO_8859_1);
    refuses(latin, 2, "not UTF-8", TrecFiles::readRun);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  @Test
  void truncatedGzipAtEveryLength() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      text.append("q Q0 d").append(i * 7919).append(" 1 ").append(i / 3.0).append(" r\n");
    }
    byte[] whole = gzip(text.toString());
    Path file = folder.resolve("run.gz");
    Files.write(file, whole);
    assertEquals(50, TrecFiles.readRun(file).size());
    for (int length = 2; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      DataFormatException error =
          assertThrows(DataFormatException.class, () -> TrecFiles.readRun(file));
      assertTrue(error.line() >= 1 && error.line() <= 51, error.getMessage());
    }
  }

  @Test
  void damagedBytesGiveTheTypedErrorOrAResult() throws IOException {
    byte[] run = "q1 Q0 d1 1 0.5 r\nq1 Q0 d2 2 0.25 r\n".getBytes(StandardCharsets.UTF_8);
    byte[] json =
        "{\"_id\": \"d\", \"title\": \"\", \"text\": \"x\", \"metadata\": {\"n\": [1, \"a\"]}}\n"
            .getBytes(StandardCharsets.UTF_8);
    byte[] zipped = gzip("q1 0 d1 1\nq1 0 d2 0\n");
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < 600; i++) {
      damaged(run, random, TrecFiles::readRun);
      damaged(zipped, random, TrecFiles::readQrels);
      damaged(
          json,
          random,
          file -> {
            Path corpus = Files.move(file, folder.resolve("c.jsonl"), REPLACE);
            try (Stream<?> all = MsMarcoFiles.streamCollection(corpus)) {
              all.forEach(document -> assertTrue(document != null));
            }
          });
    }
  }

  private static final java.nio.file.StandardCopyOption REPLACE =
      java.nio.file.StandardCopyOption.REPLACE_EXISTING;

  private void damaged(byte[] good, SplittableRandom random, Read read) throws IOException {
    byte[] bad = Arrays.copyOf(good, good.length - random.nextInt(3));
    for (int n = random.nextInt(3); n >= 0; n--) {
      bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
    }
    Path file = Files.write(folder.resolve("damaged"), bad);
    try {
      read.read(file);
    } catch (DataFormatException expected) {
      assertTrue(expected.getMessage().startsWith(expected.file().toString()));
    }
  }
}
