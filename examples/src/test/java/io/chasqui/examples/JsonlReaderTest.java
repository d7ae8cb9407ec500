package io.chasqui.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Document;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonlReaderTest {
  @TempDir private Path folder;

  private Path write(String content) throws IOException {
    return Files.writeString(folder.resolve("corpus.jsonl"), content);
  }

  private static List<Document> readAll(Path file) throws IOException {
    List<Document> documents = new ArrayList<>();
    try (JsonlReader reader = JsonlReader.open(file)) {
      for (var next = reader.next(); next.isPresent(); next = reader.next()) {
        documents.add(next.get());
      }
      assertEquals(Files.size(file), reader.bytesRead());
    }
    return documents;
  }

  @Test
  void documentsAreReadInOrderWithTheirMetadata() throws IOException {
    List<Document> documents =
        readAll(
            write(
                """
                \ufeff{"_id": "a", "title": "Tea", "text": "Green\\nor black", "metadata": {"year": 1999, "hot": true, "price": 2.5, "tags": ["x", "y"], "none": null, "more": {"z": [1]}}}

                {"_id": 17, "text": "naïve 🍵", "unknown": []}\r
                {"_id": "c", "title": null, "text": "", "metadata": null}"""));
    assertEquals(List.of("a", "17", "c"), documents.stream().map(Document::id).toList());
    assertEquals("Tea", documents.get(0).title());
    assertEquals("Green\nor black", documents.get(0).text());
    assertEquals(
        Map.of(
            "year",
            1999L,
            "hot",
            true,
            "price",
            2.5,
            "tags",
            List.of("x", "y"),
            "more",
            "{\"z\":[1]}"),
        documents.get(0).metadata().asMap());
    assertEquals("naïve 🍵", documents.get(1).text());
    assertEquals("", documents.get(2).title());
  }

  @Test
  void gzipIsFoundByContent() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write("{\"_id\":\"a\",\"text\":\"x\"}\n".getBytes(StandardCharsets.UTF_8));
    }
    Path file = Files.write(folder.resolve("corpus.txt"), bytes.toByteArray());
    assertEquals(List.of(Document.of("a", "", "x")), readAll(file));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"_id\": \"b\", | is not JSON: Unexpected end-of-input",
        "{\"_id\":\"b\",\"text\":\"x\"} {} | is not JSON: Trailing token",
        "{\"_id\":\"b\",\"_id\":\"c\",\"text\":\"x\"} | is not JSON: Duplicate field '_id'",
        "[\"b\", \"x\"] | expected an object, found an array",
        "{\"text\":\"x\"} | \"_id\" must be a string that is not empty, found nothing",
        "{\"_id\":\"\",\"text\":\"x\"} | \"_id\" must be a string that is not empty, found \"\"",
        "{\"_id\":\"b\",\"text\":null} | \"text\" must be a string, found null",
        "{\"_id\":\"b\",\"text\":\"x\",\"title\":3} | \"title\" must be a string, found a number",
        "{\"_id\":\"b\",\"text\":\"x\",\"metadata\":[]} | \"metadata\" must be an object, found an"
            + " array",
      })
  void aBadLineIsNamedAndTheReaderGoesOn(String bad, String problem) throws IOException {
    Path file =
        write("{\"_id\":\"a\",\"text\":\"x\"}\n" + bad + "\n{\"_id\":\"c\",\"text\":\"x\"}");
    try (JsonlReader reader = JsonlReader.open(file)) {
      assertEquals(Optional.of("a"), reader.next().map(Document::id));
      JsonlFormatException e = assertThrows(JsonlFormatException.class, reader::next);
      assertEquals(2, e.line());
      assertTrue(e.getMessage().startsWith(file + " line 2: " + problem), e.getMessage());
      assertEquals(Optional.of("c"), reader.next().map(Document::id));
      assertEquals(Optional.empty(), reader.next());
    }
  }

  @Test
  void bytesThatAreNoUtf8AreAnErrorOfTheirLine() throws IOException {
    Path file = folder.resolve("corpus.jsonl");
    Files.write(file, "\n{\"_id\":\"\u00e9\",\"text\":\"\"}".getBytes(StandardCharsets.ISO_8859_1));
    try (JsonlReader reader = JsonlReader.open(file)) {
      JsonlFormatException e = assertThrows(JsonlFormatException.class, reader::next);
      assertEquals(file + " line 2: is not UTF-8", e.getMessage());
    }
  }

  @Test
  void aTruncatedGzipFileIsAnIoException() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write("{\"_id\":\"a\",\"text\":\"x\"}\n".repeat(9).getBytes(StandardCharsets.UTF_8));
    }
    Path file =
        Files.write(
            folder.resolve("corpus.gz"),
            java.util.Arrays.copyOf(bytes.toByteArray(), bytes.size() - 12));
    assertThrows(IOException.class, () -> readAll(file));
  }
}
