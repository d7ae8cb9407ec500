package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;

/** The 8,000-piece tokenizer in the test resources, with ids that SentencePiece gave. */
final class TinyModel {
  static final ObjectMapper MAPPER = new ObjectMapper();

  private TinyModel() {}

  /** A text and its ids. */
  @SuppressWarnings("ArrayRecordComponent")
  record Row(String text, int[] ids) {}

  static Path directory() {
    try {
      return Path.of(Objects.requireNonNull(TinyModel.class.getResource("tiny-tokenizer")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static JsonTokenizer open() {
    try {
      return JsonTokenizer.open(directory());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ObjectNode tokenizerJson() {
    try {
      return (ObjectNode) MAPPER.readTree(directory().resolve("tokenizer.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** 106 texts with ids from SentencePiece 0.2.2 on the tokenizer.model beside the original. */
  static List<Row> texts() throws IOException {
    return Files.readAllLines(directory().resolve("texts.jsonl")).stream()
        .map(
            line -> {
              try {
                JsonNode row = MAPPER.readTree(line);
                return new Row(row.get("text").textValue(), ids(row.get("ids")));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
        .toList();
  }

  static JsonNode prompts() throws IOException {
    return MAPPER.readTree(directory().resolve("prompts.json").toFile());
  }

  static int[] ids(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::intValue).toArray();
  }
}
