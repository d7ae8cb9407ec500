package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A {@code tokenizer.json} that passed {@link TokenizerCheck}. Immutable by convention: nobody
 * writes to {@code root}.
 *
 * @param file where it was read
 * @param root the whole file
 * @param vocabulary ids by piece
 * @param merges BPE merges, best first
 * @param added added tokens, special and other
 * @param byteFallback whether an unknown character becomes the pieces of its UTF-8 bytes
 * @param unknown the piece for unknown characters
 */
record TokenizerJson(
    Path file,
    ObjectNode root,
    Map<String, Integer> vocabulary,
    List<Merge> merges,
    List<Added> added,
    boolean byteFallback,
    Optional<String> unknown) {

  /** Two pieces that become one. */
  record Merge(String left, String right) {
    String product() {
      return left + right;
    }
  }

  /** A token found in text before the model sees it. */
  record Added(
      int id, String content, boolean special, boolean strips, boolean singleWord, int index) {}

  /** The id of a piece or an added token. */
  Optional<Integer> id(String content) {
    for (Added token : added) {
      if (token.content().equals(content)) {
        return Optional.of(token.id());
      }
    }
    return Optional.ofNullable(vocabulary.get(content));
  }

  /** Contents by id, of pieces and added tokens. */
  Map<Integer, String> contents() {
    Map<Integer, String> contents = new HashMap<>(vocabulary.size() * 2);
    vocabulary.forEach((piece, id) -> contents.put(id, piece));
    added.forEach(token -> contents.put(token.id(), token.content()));
    return contents;
  }

  /** One more than the highest id. */
  int idBound() {
    int highest = -1;
    for (int id : vocabulary.values()) {
      highest = Math.max(highest, id);
    }
    for (Added token : added) {
      highest = Math.max(highest, token.id());
    }
    return highest + 1;
  }

  /**
   * The {@code type} of a component ("normalizer", "pre_tokenizer"), "" if it is null or absent.
   */
  String type(String component) {
    return root.path(component).path("type").asText("");
  }

  /** The component itself; missing or null if there is none. */
  JsonNode component(String name) {
    return root.path(name);
  }
}
