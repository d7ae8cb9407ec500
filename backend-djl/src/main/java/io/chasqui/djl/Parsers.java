package io.chasqui.djl;

import io.chasqui.Passage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the lines of training files mean. */
final class Parsers {
  private static final List<String> QUERY_ID = List.of("query_id", "qid", "_id", "id");
  private static final List<String> QUERY = List.of("query", "query_text", "anchor", "question");
  private static final List<String> POSITIVE = List.of("positive", "pos", "positives", "answer");
  private static final List<String> NEGATIVE = List.of("negative", "neg", "negatives");

  private Parsers() {}

  /** Tevatron's two forms, told by their fields. */
  static TrainingExample tevatron(DataLine line, PassageLookup lookup) throws IOException {
    JsonRecord json = JsonRecord.of(line);
    String id = json.id(QUERY_ID);
    String query = json.text(QUERY);
    if (json.has("positive_passages")) {
      List<Passage> positives = json.passages("positive_passages");
      List<Passage> negatives =
          json.has("negative_passages") ? json.passages("negative_passages") : List.of();
      return example(line, id, query, "positive_passages", positives, negatives);
    }
    String field = "positive_document_ids";
    if (!json.has(field)) {
      throw line.problem("has neither field \"positive_passages\" nor \"" + field + "\"");
    }
    return example(
        line,
        id,
        query,
        field,
        find(line, lookup, json, field),
        find(line, lookup, json, "negative_document_ids"));
  }

  private static List<Passage> find(
      DataLine line, PassageLookup lookup, JsonRecord json, String field) throws IOException {
    List<Passage> passages = new ArrayList<>();
    if (json.has(field)) {
      for (String id : json.texts(field)) {
        passages.add(lookup.find(line, field, id));
      }
    }
    return passages;
  }

  /** Query, positive and any number of negatives: columns between tabs, or a JSON object. */
  static TrainingExample texts(DataLine line, int fewestNegatives) {
    boolean json = isJson(line);
    List<String> columns = json ? jsonColumns(line) : List.of(line.text().split("\t", -1));
    if (columns.size() < 2 + fewestNegatives) {
      throw line.problem(
          "expected a query, a positive"
              + (fewestNegatives > 0 ? " and a negative" : "")
              + " between tabs, found "
              + columns.size()
              + (columns.size() == 1 ? " column" : " columns"));
    }
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).isBlank()) {
        throw line.problem("column " + (i + 1) + " is empty");
      }
    }
    List<Passage> passages = columns.stream().skip(1).map(Parsers::passage).toList();
    return example(
        line,
        Long.toString(line.number()),
        columns.get(0),
        "positive",
        passages.subList(0, 1),
        passages.subList(1, passages.size()));
  }

  private static List<String> jsonColumns(DataLine line) {
    JsonRecord json = JsonRecord.of(line);
    List<String> columns = new ArrayList<>(List.of(json.text(QUERY)));
    String positive =
        json.first(POSITIVE).orElseThrow(() -> line.problem("has none of the fields " + POSITIVE));
    List<String> positives = json.texts(positive);
    if (positives.size() != 1) {
      throw json.problem(positive, "must hold one text, found " + positives.size());
    }
    columns.addAll(positives);
    json.first(NEGATIVE).ifPresent(field -> columns.addAll(json.texts(field)));
    return columns;
  }

  /** A text for a language model: the line itself, or the title and text of a JSON object. */
  static String text(DataLine line) {
    if (!isJson(line)) {
      return line.text();
    }
    JsonRecord json = JsonRecord.of(line);
    String title = json.text("title", "");
    return (title.isEmpty() ? "" : title + " ") + json.text("text");
  }

  private static boolean isJson(DataLine line) {
    String name = String.valueOf(line.file().getFileName()).toLowerCase(Locale.ROOT);
    return name.replaceFirst("\\.gz$", "").matches(".*\\.(jsonl|json|ndjson)");
  }

  private static TrainingExample example(
      DataLine line,
      String id,
      String query,
      String field,
      List<Passage> positives,
      List<Passage> negatives) {
    if (positives.isEmpty()) {
      throw line.problem("field \"" + field + "\" is empty: query " + id + " has no positive");
    }
    if (query.isBlank()) {
      throw line.problem("query " + id + " is empty");
    }
    return TrainingExample.of(id, query, positives, negatives);
  }

  /** A passage without an id gets one from its text, so that the same text is the same passage. */
  private static Passage passage(String text) {
    return Passage.of(Hashes.sha256(text).substring(0, 24), text);
  }
}
