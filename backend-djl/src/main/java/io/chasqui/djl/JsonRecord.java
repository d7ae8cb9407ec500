package io.chasqui.djl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.chasqui.Passage;
import io.chasqui.evaluation.DataFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A JSON object on one line, read field by field; errors name file, line and field. */
final class JsonRecord {
  private static final ObjectReader READER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readerFor(JsonNode.class);

  /** Names of an id: Tevatron's, BEIR's, MS MARCO's, Anserini's. */
  static final List<String> DOCUMENT_ID = List.of("docid", "_id", "pid", "id");

  private final DataLine line;
  private final String path;
  private final JsonNode json;

  private JsonRecord(DataLine line, String path, JsonNode json) {
    this.line = line;
    this.path = path;
    this.json = json;
  }

  static JsonRecord of(DataLine line) {
    JsonNode json;
    try {
      json = READER.readValue(line.text());
    } catch (JsonProcessingException e) {
      throw line.problem("not JSON: " + e.getOriginalMessage());
    }
    if (!json.isObject()) {
      throw line.problem("not a JSON object: " + json.getNodeType());
    }
    return new JsonRecord(line, "", json);
  }

  boolean has(String field) {
    return json.hasNonNull(field);
  }

  /** The first of the fields that is there. */
  Optional<String> first(List<String> fields) {
    return fields.stream().filter(this::has).findFirst();
  }

  /** A text. */
  String text(String field) {
    JsonNode value = json.path(field);
    if (!value.isTextual()) {
      throw expected(field, "a string");
    }
    return value.textValue();
  }

  /** A text that may be missing. */
  String text(String field, String otherwise) {
    return has(field) ? text(field) : otherwise;
  }

  /** A text under one of several names. */
  String text(List<String> fields) {
    return text(first(fields).orElseThrow(() -> line.problem("has none of the fields " + fields)));
  }

  /** An id, not empty, under one of several names; many collections number their documents. */
  String id(List<String> fields) {
    String field = first(fields).orElseThrow(() -> missing(fields));
    JsonNode value = json.path(field);
    String id = value.isIntegralNumber() ? value.asText() : text(field);
    if (id.isEmpty()) {
      throw problem(field, "must not be empty");
    }
    return id;
  }

  /** A list of texts, or one text in place of a list of one. */
  List<String> texts(String field) {
    List<String> texts = new ArrayList<>();
    if (json.path(field).isTextual()) {
      return List.of(text(field));
    }
    for (JsonNode item : array(field)) {
      if (!item.isTextual() && !item.isIntegralNumber()) {
        throw problem(field + "[" + texts.size() + "]", "must be a string, found " + show(item));
      }
      texts.add(item.asText());
    }
    return texts;
  }

  /** A list of passages: objects with an id, a text and perhaps a title. */
  List<Passage> passages(String field) {
    List<Passage> passages = new ArrayList<>();
    for (JsonNode item : array(field)) {
      String place = field + "[" + passages.size() + "]";
      if (!item.isObject()) {
        throw problem(place, "must be an object, found " + show(item));
      }
      passages.add(new JsonRecord(line, place + ".", item).passage());
    }
    return passages;
  }

  /** This object as a passage. */
  Passage passage() {
    return Passage.of(id(DOCUMENT_ID), text("title", ""), text("text"));
  }

  private JsonNode array(String field) {
    JsonNode value = json.path(field);
    if (!value.isArray()) {
      throw expected(field, "an array");
    }
    return value;
  }

  private DataFormatException missing(List<String> fields) {
    return line.problem(
        (path.isEmpty() ? "" : "field \"" + path.substring(0, path.length() - 1) + "\" ")
            + "has none of the fields "
            + fields);
  }

  private DataFormatException expected(String field, String what) {
    return problem(field, "must be " + what + ", found " + show(json.path(field)));
  }

  /** An error about a field of this line. */
  DataFormatException problem(String field, String problem) {
    return line.problem("field \"" + path + field + "\" " + problem);
  }

  private static String show(JsonNode value) {
    if (value.isMissingNode()) {
      return "nothing";
    }
    String text = value.toString();
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }
}
