package io.chasqui.evaluation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.Document;
import io.chasqui.Metadata;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** Documents and queries as JSON objects, one per line. */
final class JsonLines {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final ObjectReader READER = MAPPER.readerFor(JsonNode.class);
  private static final ObjectWriter WRITER = MAPPER.writer();

  /** Names of the id: BEIR's, Tevatron's, MS MARCO v2's, Anserini's. */
  private static final List<String> ID = List.of("_id", "docid", "pid", "query_id", "qid", "id");

  /** Names of the text: BEIR's, MS MARCO v2's for passages and documents, Anserini's. */
  private static final List<String> TEXT = List.of("text", "passage", "body", "contents", "query");

  private JsonLines() {}

  static Optional<Document> document(LineReader lines, String line) {
    if (line.isBlank()) {
      return Optional.empty();
    }
    JsonNode json = object(lines, line);
    String title = json.has("title") ? string(lines, json, "title") : "";
    // MS MARCO v2 passages have the id of their document beside their own.
    List<String> ids = json.has("pid") ? List.of("pid") : ID;
    return Optional.of(
        new Document(
            id(lines, json, ids),
            title,
            string(lines, json, field(lines, json, TEXT)),
            metadata(lines, json)));
  }

  static Optional<Query> query(LineReader lines, String line) {
    if (line.isBlank()) {
      return Optional.empty();
    }
    JsonNode json = object(lines, line);
    String text = string(lines, json, field(lines, json, TEXT));
    return Optional.of(new Query(id(lines, json, ID), text, metadata(lines, json)));
  }

  static String write(Document document) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("_id", document.id()).put("title", document.title()).put("text", document.text());
    return write(json, document.metadata());
  }

  static String write(Query query) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("_id", query.id()).put("text", query.text());
    return write(json, query.metadata());
  }

  private static String write(ObjectNode json, Metadata metadata) {
    if (!metadata.isEmpty()) {
      json.set("metadata", MAPPER.valueToTree(metadata.asMap()));
    }
    return write(json);
  }

  /** Any value as one line of JSON. */
  static String write(Object value) {
    try {
      return WRITER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not expressible as JSON: " + value, e);
    }
  }

  static JsonNode object(LineReader lines, String line) {
    JsonNode json;
    try {
      json = READER.readValue(line);
    } catch (JsonProcessingException e) {
      throw lines.problem("not JSON: " + e.getOriginalMessage());
    }
    if (!json.isObject()) {
      throw lines.problem("not a JSON object: " + json.getNodeType());
    }
    return json;
  }

  private static String field(LineReader lines, JsonNode json, List<String> names) {
    return names.stream()
        .filter(json::has)
        .findFirst()
        .orElseThrow(() -> lines.problem("has none of the fields " + names));
  }

  private static String id(LineReader lines, JsonNode json, List<String> names) {
    String name = field(lines, json, names);
    JsonNode value = json.get(name);
    // Many collections number their documents.
    String id = value.isIntegralNumber() ? value.asText() : string(lines, json, name);
    if (id.isEmpty()) {
      throw lines.problem("field \"" + name + "\" must not be empty");
    }
    return id;
  }

  static String string(LineReader lines, JsonNode json, String name) {
    JsonNode value = json.get(name);
    if (value == null || !value.isTextual()) {
      throw lines.problem("field \"" + name + "\" must be a string");
    }
    return value.textValue();
  }

  private static Metadata metadata(LineReader lines, JsonNode json) {
    JsonNode found = json.path("metadata");
    if (found.isMissingNode() || found.isNull()) {
      return Metadata.empty();
    }
    if (!found.isObject()) {
      throw lines.problem("field \"metadata\" must be an object");
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : found.properties()) {
      value(entry.getValue()).ifPresent(value -> values.put(entry.getKey(), value));
    }
    return Metadata.of(values);
  }

  /** What {@link Metadata} can hold as it is, anything deeper as JSON text, null not at all. */
  private static Optional<Object> value(JsonNode json) {
    if (json.isNull()) {
      return Optional.empty();
    }
    if (json.isTextual()) {
      return Optional.of(json.textValue());
    }
    if (json.isBoolean()) {
      return Optional.of(json.booleanValue());
    }
    if (json.isIntegralNumber() && json.canConvertToLong()) {
      return Optional.of(json.longValue());
    }
    if (json.isNumber()) {
      return Optional.of(json.doubleValue());
    }
    if (json instanceof ArrayNode array
        && StreamSupport.stream(array.spliterator(), false).allMatch(JsonNode::isTextual)) {
      return Optional.of(
          StreamSupport.stream(array.spliterator(), false).map(JsonNode::textValue).toList());
    }
    return Optional.of(json.toString());
  }
}
