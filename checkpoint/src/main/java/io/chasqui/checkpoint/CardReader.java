package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.RoleTemplate.Part;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads a {@link RetrievalCard}, strictly: what it does not know is an error. */
final class CardReader {
  private static final Set<String> SECTIONS =
      Set.of(
          "backbone", "tokens", "template", "truncation", "pooling", "output", "head", "adapter");

  private CardReader() {}

  static RetrievalCard read(Path file, ObjectNode root) {
    JsonFields card = new JsonFields(file, "", root);
    requireKnown(card, Set.of("version", "onnx", "roles"));
    int version = card.requiredPositive("version");
    if (version != RetrievalCard.VERSION) {
      throw card.problem(
          "version", "is " + version + "; this release reads " + RetrievalCard.VERSION);
    }
    JsonFields roles = section(card, "roles");
    Map<String, Role> byName = new LinkedHashMap<>();
    for (String name : roles.names()) {
      JsonNode node = root.path("roles").path(name);
      if (name.isEmpty() || !(node instanceof ObjectNode role)) {
        throw roles.expected(name, "a name and an object");
      }
      byName.put(name, role(file, name, role));
    }
    return new RetrievalCard(byName, plainPath(card, "onnx", "a file below the card's directory"));
  }

  private static Role role(Path file, String name, ObjectNode node) {
    ObjectNode merged = Json.MAPPER.createObjectNode();
    JsonFields written = new JsonFields(file, "roles." + name, node);
    written.string("preset").ifPresent(preset -> merged.setAll(preset(written, preset)));
    override(merged, node);
    merged.remove("preset");
    JsonFields fields = new JsonFields(file, "roles." + name, merged);
    requireKnown(fields, SECTIONS);
    Optional<ScoreHead> head = head(fields);
    RoleTemplate template = template(section(fields, "template"));
    if (head.isPresent() == (template instanceof RoleTemplate.Single)) {
      throw fields.problem(
          "head", "a head goes with a template of mode pair, joined or framed, and only with one");
    }
    Role role =
        new Role(
            name,
            attention(fields),
            tokens(section(fields, "tokens")),
            template,
            truncation(section(fields, "truncation")),
            choice(fields, "pooling", Role.Pooling.values()),
            output(fields, head.isPresent()),
            head,
            adapter(fields),
            section(fields, "template").string("instruction"));
    try {
      RoleTemplates.of(role);
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException(file, "roles." + name, String.valueOf(e.getMessage()), e);
    }
    return role;
  }

  private static ObjectNode preset(JsonFields fields, String preset) {
    if (!Presets.names().contains(preset)) {
      throw fields.expected("preset", "one of " + Presets.names());
    }
    return CardWriter.role(Presets.named(preset));
  }

  /** Puts what is written over the preset, object by object; null takes away. */
  private static void override(ObjectNode target, ObjectNode written) {
    for (Map.Entry<String, JsonNode> entry : written.properties()) {
      JsonNode value = entry.getValue();
      if (value.isNull()) {
        target.remove(entry.getKey());
      } else if (value instanceof ObjectNode object
          && target.get(entry.getKey()) instanceof ObjectNode base) {
        override(base, object);
      } else {
        target.set(entry.getKey(), value);
      }
    }
  }

  private static Role.Attention attention(JsonFields role) {
    Optional<JsonFields> backbone = role.object("backbone");
    if (backbone.isEmpty()) {
      return Role.Attention.CAUSAL;
    }
    requireKnown(backbone.get(), Set.of("attention"));
    return choice(backbone.get(), "attention", Role.Attention.values());
  }

  private static Role.Tokens tokens(JsonFields tokens) {
    requireKnown(tokens, Set.of("bosId", "appendIds", "padId", "padSide"));
    List<Integer> append = new ArrayList<>();
    JsonNode array = required(tokens, "appendIds", "an array of token ids");
    for (JsonNode id : array) {
      append.add(id(tokens, "appendIds", id));
    }
    if (!array.isArray()) {
      throw tokens.expected("appendIds", "an array of token ids");
    }
    return new Role.Tokens(
        tokens.node("bosId").map(id -> id(tokens, "bosId", id)),
        append,
        id(tokens, "padId", required(tokens, "padId", "a token id")),
        choice(tokens, "padSide", Role.PadSide.values()));
  }

  private static int id(JsonFields tokens, String name, JsonNode id) {
    if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
      throw tokens.expected(name, "token ids from 0 to 2147483647");
    }
    return id.intValue();
  }

  private static RoleTemplate template(JsonFields template) {
    String mode = text(template, "mode");
    Set<String> known =
        new HashSet<>(Set.of("mode", "query", "passage", "passageWithoutTitle", "instruction"));
    switch (mode) {
      case "single", "pair" -> {}
      case "joined" -> known.add("separator");
      case "framed" -> known.addAll(Set.of("before", "between", "after", "passageFirst"));
      default -> throw template.expected("mode", "one of [single, pair, joined, framed]");
    }
    requireKnown(template, known);
    String query = text(template, "query");
    String passage = text(template, "passage");
    String untitled = text(template, "passageWithoutTitle");
    return switch (mode) {
      case "single" -> new RoleTemplate.Single(query, passage, untitled);
      case "pair" -> new RoleTemplate.Pair(query, passage, untitled, true, "");
      case "joined" ->
          new RoleTemplate.Pair(query, passage, untitled, false, text(template, "separator"));
      default ->
          new RoleTemplate.Framed(
              parts(template, "before"),
              query,
              parts(template, "between"),
              passage,
              untitled,
              parts(template, "after"),
              template.flag("passageFirst", false));
    };
  }

  private static List<Part> parts(JsonFields template, String name) {
    String what = "an array of token ids and texts";
    JsonNode array = required(template, name, what);
    List<Part> parts = new ArrayList<>();
    for (JsonNode part : array) {
      parts.add(
          part.isTextual()
              ? new Part.Text(part.textValue())
              : new Part.Id(id(template, name, part)));
    }
    if (!array.isArray()) {
      throw template.expected(name, what);
    }
    return parts;
  }

  private static Role.Truncation truncation(JsonFields truncation) {
    requireKnown(truncation, Set.of("query", "passage"));
    return new Role.Truncation(
        truncation.requiredPositive("query"), truncation.requiredPositive("passage"));
  }

  private static Role.Output output(JsonFields role, boolean scorer) {
    if (scorer) {
      if (role.has("output")) {
        throw role.problem("output", "a role with a head has no output section");
      }
      return new Role.Output(false, Optional.empty());
    }
    JsonFields output = section(role, "output");
    requireKnown(output, Set.of("normalise", "dimensions", "dense"));
    if (!output.has("normalise")) {
      throw output.expected("normalise", "true or false");
    }
    return new Role.Output(
        output.flag("normalise", false),
        output.positive("dimensions").stream().boxed().findAny(),
        plainPaths(output, "dense", "directories below the card's, like [\"2_Dense\"]"));
  }

  private static Optional<ScoreHead> head(JsonFields role) {
    return role.object("head").map(CardReader::scoreHead);
  }

  private static ScoreHead scoreHead(JsonFields head) {
    requireKnown(
        head, Set.of("linear", "tokenDifference", "singleToken", "graphOutput", "activation"));
    ScoreHead.Activation activation =
        head.has("activation")
            ? choice(head, "activation", ScoreHead.Activation.values())
            : ScoreHead.Activation.NONE;
    long kinds =
        Stream.of("linear", "tokenDifference", "singleToken", "graphOutput")
            .filter(head::has)
            .count();
    if (kinds != 1) {
      throw head.problem(
          "linear",
          "one of linear, tokenDifference, singleToken, graphOutput is needed; found " + kinds);
    }
    if (head.has("graphOutput")) {
      return new ScoreHead.GraphOutput(text(head, "graphOutput"), activation);
    }
    if (head.has("linear")) {
      return new ScoreHead.Linear(text(head, "linear"), activation);
    }
    if (head.has("singleToken")) {
      JsonNode id = required(head, "singleToken", "a token id");
      return new ScoreHead.SingleToken(id(head, "singleToken", id), activation);
    }
    JsonFields difference = section(head, "tokenDifference");
    requireKnown(difference, Set.of("yesId", "noId"));
    return new ScoreHead.TokenDifference(
        id(difference, "yesId", required(difference, "yesId", "a token id")),
        id(difference, "noId", required(difference, "noId", "a token id")),
        activation);
  }

  private static Optional<String> adapter(JsonFields role) {
    return plainPath(role, "adapter", "a directory below the card's, like \"adapters/x\"");
  }

  private static Optional<String> plainPath(JsonFields fields, String name, String what) {
    Optional<String> path = fields.string(name);
    path.ifPresent(written -> requirePlain(fields, name, what, written));
    return path;
  }

  private static List<String> plainPaths(JsonFields fields, String name, String what) {
    List<String> paths = fields.strings(name).orElse(List.of());
    paths.forEach(written -> requirePlain(fields, name, what, written));
    return paths;
  }

  private static void requirePlain(JsonFields fields, String name, String what, String written) {
    boolean plain =
        !written.isEmpty()
            && written.chars().noneMatch(c -> c == '\\' || c == ':' || c < ' ')
            && Stream.of(written.split("/", -1))
                .noneMatch(part -> part.isEmpty() || part.equals(".."));
    if (!plain) {
      throw fields.expected(name, what);
    }
  }

  private static JsonFields section(JsonFields fields, String name) {
    return fields.object(name).orElseThrow(() -> fields.expected(name, "an object"));
  }

  private static JsonNode required(JsonFields fields, String name, String what) {
    return fields.node(name).orElseThrow(() -> fields.expected(name, what));
  }

  private static String text(JsonFields fields, String name) {
    return fields.string(name).orElseThrow(() -> fields.expected(name, "a string"));
  }

  private static <E extends Enum<E>> E choice(JsonFields fields, String name, E[] choices) {
    String value = fields.string(name).orElse("");
    for (E choice : choices) {
      if (choice.name().toLowerCase(Locale.ROOT).equals(value)) {
        return choice;
      }
    }
    List<String> names =
        Stream.of(choices).map(choice -> choice.name().toLowerCase(Locale.ROOT)).toList();
    throw fields.expected(name, "one of " + names);
  }

  private static void requireKnown(JsonFields fields, Set<String> known) {
    for (String name : fields.names()) {
      if (!known.contains(name)) {
        throw fields.problem(name, "unknown field; known are " + known.stream().sorted().toList());
      }
    }
  }
}
