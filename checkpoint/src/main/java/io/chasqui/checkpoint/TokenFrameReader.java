package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.chasqui.ModelFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the {@link TokenFrame} off a post-processor. Of several in a sequence the first that adds
 * tokens counts.
 *
 * @see <a href="https://huggingface.co/docs/tokenizers/api/post-processors">Hugging Face
 *     tokenizers: post-processors</a>
 */
final class TokenFrameReader {
  private static final String PATH = "$.post_processor";
  private static final int MAX_DEPTH = 8;

  private final TokenizerJson json;

  private TokenFrameReader(TokenizerJson json) {
    this.json = json;
  }

  /**
   * The frame of a tokenizer.
   *
   * @param addBos what {@code tokenizer_config.json} says, if it does
   * @param addEos likewise
   */
  static TokenFrame read(
      TokenizerJson json,
      Optional<Integer> bos,
      Optional<Integer> eos,
      Optional<Boolean> addBos,
      Optional<Boolean> addEos) {
    Optional<TokenFrame> written =
        new TokenFrameReader(json).find(PATH, json.component("post_processor"), 0);
    List<Integer> before = written.map(TokenFrame::before).orElse(List.of());
    List<Integer> after = written.map(TokenFrame::after).orElse(List.of());
    List<Integer> flaggedBefore = flagged(before, bos, addBos);
    List<Integer> flaggedAfter = flagged(after, eos, addEos);
    if (written.isPresent() && flaggedBefore.equals(before) && flaggedAfter.equals(after)) {
      return written.get();
    }
    return new TokenFrame(
        flaggedBefore,
        flaggedAfter,
        flaggedBefore,
        concat(flaggedAfter, flaggedBefore),
        flaggedAfter);
  }

  /** A flag gives the token, or takes it away; it says nothing of other tokens. */
  private static List<Integer> flagged(
      List<Integer> ids, Optional<Integer> token, Optional<Boolean> flag) {
    if (flag.isEmpty() || token.isEmpty()) {
      return ids;
    }
    if (flag.get()) {
      return ids.isEmpty() ? List.of(token.get()) : ids;
    }
    return ids.equals(List.of(token.get())) ? List.of() : ids;
  }

  private Optional<TokenFrame> find(String path, JsonNode processor, int depth) {
    String type = processor.path("type").asText("");
    return switch (type) {
      case "TemplateProcessing" -> Optional.of(template(path, processor));
      case "BertProcessing" -> Optional.of(classic(path, processor, 1));
      case "RobertaProcessing" -> Optional.of(classic(path, processor, 2));
      case "Sequence" -> {
        Optional<TokenFrame> found = Optional.empty();
        JsonNode members = processor.path("processors");
        for (int i = 0; i < members.size() && found.isEmpty() && depth < MAX_DEPTH; i++) {
          found = find(path + ".processors[" + i + "]", members.get(i), depth + 1);
        }
        yield found;
      }
      default -> Optional.empty();
    };
  }

  /** [CLS] A [SEP] B [SEP], with one or two separators in the middle. */
  private TokenFrame classic(String path, JsonNode processor, int separators) {
    int cls = classicId(path + ".cls", processor.path("cls"));
    int sep = classicId(path + ".sep", processor.path("sep"));
    List<Integer> between = separators == 1 ? List.of(sep) : List.of(sep, sep);
    return new TokenFrame(List.of(cls), List.of(sep), List.of(cls), between, List.of(sep));
  }

  private int classicId(String path, JsonNode pair) {
    return id(path, pair.path(0));
  }

  private TokenFrame template(String path, JsonNode processor) {
    List<List<Integer>> single = pieces(path, processor, "single", "A");
    List<List<Integer>> pair =
        processor.path("pair").isArray() && !processor.path("pair").isEmpty()
            ? pieces(path, processor, "pair", "AB")
            : List.of(single.get(0), concat(single.get(1), single.get(0)), single.get(1));
    return new TokenFrame(single.get(0), single.get(1), pair.get(0), pair.get(1), pair.get(2));
  }

  /** Ids before, between and after the sequences, which must come in order. */
  private List<List<Integer>> pieces(
      String path, JsonNode processor, String name, String sequences) {
    List<List<Integer>> runs = new ArrayList<>(List.of(new ArrayList<>()));
    JsonNode pieces = processor.path(name);
    for (int i = 0; i < pieces.size(); i++) {
      String piecePath = path + "." + name + "[" + i + "]";
      JsonNode piece = pieces.get(i);
      if (piece.has("SpecialToken")) {
        List<Integer> run = runs.get(runs.size() - 1);
        run.addAll(specialIds(piecePath, processor, piece.path("SpecialToken").path("id")));
        continue;
      }
      int next = runs.size() - 1;
      String found = piece.path("Sequence").path("id").asText("");
      if (next >= sequences.length() || !found.equals(sequences.substring(next, next + 1))) {
        throw new ModelFormatException(
            json.file(),
            piecePath,
            "expected a SpecialToken, or the sequences " + sequences + " once each and in order");
      }
      runs.add(new ArrayList<>());
    }
    if (runs.size() != sequences.length() + 1) {
      throw new ModelFormatException(
          json.file(), path + "." + name, "expected the sequences " + sequences + " once each");
    }
    return runs;
  }

  private List<Integer> specialIds(String path, JsonNode processor, JsonNode name) {
    JsonNode ids = processor.path("special_tokens").path(name.asText("")).path("ids");
    if (!ids.isArray() || ids.isEmpty()) {
      return List.of(id(path, name));
    }
    List<Integer> all = new ArrayList<>();
    for (JsonNode id : ids) {
      if (!id.canConvertToInt() || id.intValue() < 0 || id.intValue() >= json.idBound()) {
        throw new ModelFormatException(
            json.file(), path, "names an id that the tokenizer does not have: " + id);
      }
      all.add(id.intValue());
    }
    return all;
  }

  private int id(String path, JsonNode name) {
    return json.id(name.asText(""))
        .orElseThrow(
            () ->
                new ModelFormatException(
                    json.file(),
                    path,
                    "names a token that the tokenizer does not have: " + Json.describe(name)));
  }

  private static List<Integer> concat(List<Integer> first, List<Integer> second) {
    List<Integer> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
