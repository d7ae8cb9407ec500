package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * Whether a Unigram tokenizer takes words apart from each other, so that a text may be cut between
 * a letter and a space that a letter follows: its pre-tokenizer splits at spaces and begins each
 * word with the same mark, and its normalizer reaches over no such place.
 */
final class UnigramWords {
  private static final Set<String> LOCAL =
      Set.of("Precompiled", "NFC", "NFKC", "NFD", "NFKD", "Nmt", "Lowercase", "StripAccents");

  private UnigramWords() {}

  static boolean splits(JsonNode normalizer, JsonNode preTokenizer) {
    List<JsonNode> steps = members(preTokenizer, "pretokenizers");
    JsonNode last = steps.isEmpty() ? preTokenizer : steps.get(steps.size() - 1);
    boolean words =
        steps.size() == 1 || (steps.size() == 2 && type(steps.get(0)).equals("WhitespaceSplit"));
    return words
        && type(last).equals("Metaspace")
        && last.path("split").asBoolean(true)
        && last.path("prepend_scheme").asText("always").equals("always")
        && members(normalizer, "normalizers").stream().allMatch(UnigramWords::isLocal);
  }

  private static boolean isLocal(JsonNode normalizer) {
    return switch (type(normalizer)) {
      case "Strip" -> !normalizer.path("strip_left").asBoolean(true);
      case "Replace" -> normalizer.path("pattern").path("Regex").asText("").equals(" {2,}");
      default -> LOCAL.contains(type(normalizer));
    };
  }

  private static List<JsonNode> members(JsonNode component, String name) {
    return switch (type(component)) {
      case "" -> List.of();
      case "Sequence" -> StreamSupport.stream(component.path(name).spliterator(), false).toList();
      default -> List.of(component);
    };
  }

  private static String type(JsonNode component) {
    return component.path("type").asText("");
  }
}
