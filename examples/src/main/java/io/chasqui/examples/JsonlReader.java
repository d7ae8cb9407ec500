package io.chasqui.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.chasqui.Document;
import io.chasqui.Metadata;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * A corpus in BEIR's JSONL layout, read line by line: {@code {"_id": "7", "title": "…", "text":
 * "…", "metadata": {…}}}, UTF-8, gzip or plain (found by content, not by name).
 *
 * <p>{@code title} and {@code metadata} may be absent; other fields are ignored. Of metadata,
 * strings, numbers, booleans and lists of strings are kept as they are, nulls are left out, and
 * what is nested is kept as JSON text. Blank lines are skipped. Confined to one thread.
 */
final class JsonlReader implements AutoCloseable {
  /** A longer line is refused before it fills the memory. */
  static final int MAX_LINE_BYTES = 64 << 20;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Path file;
  private final CountingInputStream raw;
  private final InputStream in;
  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
  private long line;

  private JsonlReader(Path file, CountingInputStream raw, InputStream in) {
    this.file = file;
    this.raw = raw;
    this.in = in;
  }

  static JsonlReader open(Path file) throws IOException {
    CountingInputStream raw = new CountingInputStream(Files.newInputStream(file));
    try {
      BufferedInputStream buffered = new BufferedInputStream(raw, 1 << 16);
      buffered.mark(2);
      boolean gzip = buffered.read() == 0x1f && buffered.read() == 0x8b;
      buffered.reset();
      return new JsonlReader(
          file,
          raw,
          gzip ? new BufferedInputStream(new GZIPInputStream(buffered, 1 << 16)) : buffered);
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw e;
    }
  }

  /** Number of the line read last, from 1. */
  long line() {
    return line;
  }

  /** Bytes of the file read so far, as stored (of a gzip file: compressed). */
  long bytesRead() {
    return raw.count();
  }

  /**
   * The next document; empty at the end.
   *
   * @throws JsonlFormatException if the line is no such document; the reader stands behind it and
   *     can go on
   */
  Optional<Document> next() throws IOException {
    while (true) {
      if (!readLine()) {
        return Optional.empty();
      }
      String text = decode();
      if (line == 1 && text.startsWith("\ufeff")) {
        text = text.substring(1); // a byte-order mark
      }
      if (!text.isBlank()) {
        return Optional.of(document(text));
      }
    }
  }

  private boolean readLine() throws IOException {
    buffer.reset();
    int b = in.read();
    if (b < 0) {
      return false;
    }
    line++;
    boolean tooLong = false;
    for (; b >= 0 && b != '\n'; b = in.read()) {
      if (buffer.size() == MAX_LINE_BYTES) {
        tooLong = true;
      } else {
        buffer.write(b);
      }
    }
    if (tooLong) {
      throw problem("longer than " + MAX_LINE_BYTES + " bytes");
    }
    return true;
  }

  private String decode() throws JsonlFormatException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(buffer.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw problem("is not UTF-8");
    }
  }

  private Document document(String text) throws JsonlFormatException {
    JsonNode json;
    try {
      json = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw problem("is not JSON: " + e.getOriginalMessage());
    }
    if (!json.isObject()) {
      throw problem("expected an object, found " + kind(json));
    }
    JsonNode id = json.path("_id");
    if (!(id.isTextual() || id.isIntegralNumber()) || id.asText().isEmpty()) {
      throw problem("\"_id\" must be a string that is not empty, found " + kind(id));
    }
    if (!json.path("text").isTextual()) {
      throw problem("\"text\" must be a string, found " + kind(json.path("text")));
    }
    JsonNode title = json.path("title");
    if (!(title.isTextual() || title.isNull() || title.isMissingNode())) {
      throw problem("\"title\" must be a string, found " + kind(title));
    }
    return Document.of(
            id.asText(), title.isTextual() ? title.asText() : "", json.path("text").asText())
        .withMetadata(metadata(json.path("metadata")));
  }

  private Metadata metadata(JsonNode json) throws JsonlFormatException {
    if (json.isMissingNode() || json.isNull()) {
      return Metadata.empty();
    }
    if (!json.isObject()) {
      throw problem("\"metadata\" must be an object, found " + kind(json));
    }
    Map<String, Object> values = new LinkedHashMap<>();
    json.properties()
        .forEach(
            entry -> {
              if (!entry.getValue().isNull()) {
                values.put(entry.getKey(), value(entry.getValue()));
              }
            });
    return Metadata.of(values);
  }

  private static Object value(JsonNode json) {
    if (json.isTextual()) {
      return json.asText();
    }
    if (json.isBoolean()) {
      return json.asBoolean();
    }
    if (json.isIntegralNumber() && json.canConvertToLong()) {
      return json.asLong();
    }
    if (json.isNumber()) {
      return json.asDouble();
    }
    if (json.isArray()) {
      List<String> strings = new ArrayList<>();
      json.forEach(
          element -> {
            if (element.isTextual()) {
              strings.add(element.asText());
            }
          });
      if (strings.size() == json.size()) {
        return strings;
      }
    }
    return json.toString();
  }

  private static String kind(JsonNode json) {
    return json.isMissingNode() ? "nothing" : json.isTextual() ? "\"\"" : kindName(json);
  }

  private static String kindName(JsonNode json) {
    return switch (json.getNodeType()) {
      case ARRAY -> "an array";
      case BOOLEAN -> "a boolean";
      case NULL -> "null";
      case NUMBER -> "a number";
      case OBJECT -> "an object";
      default -> "a string";
    };
  }

  /** An error of the line read last. */
  JsonlFormatException problem(String problem) {
    return new JsonlFormatException(file, line, problem);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** Counts what passes, for the progress. */
  private static final class CountingInputStream extends java.io.FilterInputStream {
    private long count;

    CountingInputStream(InputStream in) {
      super(in);
    }

    long count() {
      return count;
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count += b < 0 ? 0 : 1;
      return b;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int n = super.read(bytes, offset, length);
      count += Math.max(0, n);
      return n;
    }
  }
}
