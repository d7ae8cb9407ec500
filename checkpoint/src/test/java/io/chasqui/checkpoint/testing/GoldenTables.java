package io.chasqui.checkpoint.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.chasqui.Passage;
import io.chasqui.checkpoint.JsonTokenizer;
import io.chasqui.checkpoint.PreparedInput;
import io.chasqui.checkpoint.Presets;
import io.chasqui.checkpoint.PromptEncoder;
import io.chasqui.checkpoint.Role;
import io.chasqui.spi.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * Compares ids with tables that belong to tokenizers which can't be shipped: a program, run by
 * hand. Arguments: {@code table TOKENIZER_DIR TABLE.jsonl}, {@code recipes TOKENIZER_DIR
 * RECIPES.json} or {@code tiny TOKENIZER_DIR GOLDEN.json}. Exits with 1 if anything differs.
 */
public final class GoldenTables {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private int compared;
  private int different;

  private GoldenTables() {}

  public static void main(String[] args) throws IOException {
    GoldenTables tables = new GoldenTables();
    try (Tokenizer tokenizer =
        JsonTokenizer.open(Path.of(args[1]), Integer.MAX_VALUE, Set.of(1, 2))) {
      Path file = Path.of(args[2]);
      switch (args[0]) {
        case "table" -> tables.table(tokenizer, file);
        case "recipes" -> tables.recipes(tokenizer, MAPPER.readTree(file.toFile()));
        case "tiny" -> tables.tiny(tokenizer, MAPPER.readTree(file.toFile()));
        default -> throw new IllegalArgumentException("unknown table: " + args[0]);
      }
    }
    System.err.printf(
        "%s: %d compared, %d different%n", args[0], tables.compared, tables.different);
    System.exit(tables.different == 0 ? 0 : 1);
  }

  private void table(Tokenizer tokenizer, Path file) throws IOException {
    for (String line : Files.readAllLines(file)) {
      if (!line.isBlank()) {
        JsonNode row = MAPPER.readTree(line);
        String text = row.get("text").textValue();
        compare(text, row.get("spm_ids"), tokenizer.tokenize(text).ids());
      }
    }
  }

  private void recipes(Tokenizer tokenizer, JsonNode rows) {
    PromptEncoder card = PromptEncoder.of(tokenizer, Presets.named("repllama-v1"));
    PromptEncoder code = PromptEncoder.of(tokenizer, Presets.named("repllama-v1-code"));
    PromptEncoder mteb = PromptEncoder.of(tokenizer, Presets.named("repllama-mteb"));
    PromptEncoder rank = PromptEncoder.of(tokenizer, Presets.named("rankllama-v1"));
    for (JsonNode row : rows) {
      String text = row.path("text").asText();
      Passage passage = Passage.of("p", row.path("title").asText(""), text);
      switch (row.get("kind").textValue()) {
        case "query" -> {
          compare(text, row.get("repllama_model_card"), card.query(text).ids());
          compare(text, row.get("repllama_tevatron_v1"), code.query(text).ids());
          compare(text, row.get("repllama_double_space_era"), mteb.query(text).ids());
        }
        case "passage" -> {
          compare(text, row.get("repllama_model_card"), card.passage(passage).ids());
          compare(text, row.get("repllama_tevatron_v1"), code.passage(passage).ids());
        }
        case "pair" ->
            compare(
                text,
                row.get("rankllama_pair"),
                rank.pair(row.get("query").textValue(), passage).ids());
        default -> System.err.println("not compared: " + row.get("kind") + " " + row.fieldNames());
      }
    }
  }

  private void tiny(Tokenizer tokenizer, JsonNode golden) {
    PromptEncoder card = tinyEncoder(tokenizer, "repllama-v1", 32, 128);
    PromptEncoder code = tinyEncoder(tokenizer, "repllama-v1-code", 30, 126);
    PromptEncoder rank = tinyEncoder(tokenizer, "rankllama-v1", 33, 126);
    for (JsonNode row : golden.get("texts")) {
      String text = row.get("text").textValue();
      Passage passage = Passage.of("p", row.path("title").asText(""), text);
      boolean query = row.get("kind").textValue().equals("query");
      if (row.path("title").isTextual() && row.path("title").textValue().isEmpty()) {
        System.err.println("present but empty title, not compared: " + text);
        continue;
      }
      JsonNode presets = row.get("presets");
      PreparedInput asCard = query ? card.query(text) : card.passage(passage);
      PreparedInput asCode = query ? code.query(text) : code.passage(passage);
      compare(text, presets.get("repllama-card").get("ids"), asCard.ids());
      compare(text, presets.get("repllama-v1code").get("ids"), asCode.ids());
    }
    for (JsonNode row : golden.get("pairs")) {
      if (row.path("title").isTextual() && row.path("title").textValue().isEmpty()) {
        System.err.println("present but empty title, not compared: " + row.get("text"));
        continue;
      }
      String title = row.path("title").isNull() ? "" : row.path("title").textValue();
      Passage passage = Passage.of("p", title, row.get("text").textValue());
      compare(
          row.get("text").textValue(),
          row.get("ids"),
          rank.pair(row.get("query").textValue(), passage).ids());
    }
  }

  private static PromptEncoder tinyEncoder(
      Tokenizer tokenizer, String preset, int query, int passage) {
    return PromptEncoder.of(
        tokenizer, Presets.named(preset).withTruncation(new Role.Truncation(query, passage)));
  }

  private void compare(String text, JsonNode expected, int[] found) {
    compared++;
    int[] ids =
        StreamSupport.stream(expected.spliterator(), false).mapToInt(JsonNode::intValue).toArray();
    if (!Arrays.equals(ids, found)) {
      different++;
      System.err.println(
          Optional.of(text).map(t -> t.length() > 80 ? t.substring(0, 80) : t).get()
              + "\n  expected "
              + Arrays.toString(ids)
              + "\n  found    "
              + Arrays.toString(found));
    }
  }
}
