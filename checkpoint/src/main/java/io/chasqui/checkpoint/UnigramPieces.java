package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.chasqui.ModelFormatException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The pieces of a Unigram model, XLM-RoBERTa's kind: a list of pieces with their log-probabilities,
 * ids by their place in it, and one piece for what none of them spells.
 *
 * @param vocabulary ids by piece
 * @param unknown the piece for unknown characters
 * @see <a href="https://huggingface.co/docs/tokenizers/api/models">Hugging Face tokenizers:
 *     Unigram</a>
 */
record UnigramPieces(Map<String, Integer> vocabulary, String unknown) {
  static final String TYPE = "Unigram";
  private static final String VOCABULARY = "$.model.vocab";

  static boolean isIn(JsonNode model) {
    return model.path("type").asText("").equals(TYPE);
  }

  /**
   * Reads and checks them.
   *
   * @param embeddingRows ids must be below this
   * @throws ModelFormatException naming the JSON path of the first fault
   */
  static UnigramPieces read(Path file, JsonNode model, int embeddingRows) {
    JsonNode list = model.path("vocab");
    if (!list.isArray() || list.isEmpty()) {
      throw new ModelFormatException(
          file, VOCABULARY, "expected pieces with scores, found " + Json.describe(list));
    }
    if (list.size() > embeddingRows) {
      throw new ModelFormatException(
          file,
          VOCABULARY,
          "has " + list.size() + " pieces, but the model embeds only " + embeddingRows + " ids");
    }
    Map<String, Integer> vocabulary = new HashMap<>(list.size() * 2);
    for (int id = 0; id < list.size(); id++) {
      String path = VOCABULARY + "[" + id + "]";
      String piece = piece(file, path, list.get(id));
      Integer other = vocabulary.putIfAbsent(piece, id);
      if (other != null) {
        throw new ModelFormatException(
            file, path, "\"" + Json.abbreviate(piece) + "\" is also the piece of id " + other);
      }
    }
    JsonNode unknown = model.path("unk_id");
    if (!unknown.isIntegralNumber()
        || !unknown.canConvertToInt()
        || unknown.intValue() < 0
        || unknown.intValue() >= list.size()) {
      throw new ModelFormatException(
          file, "$.model.unk_id", "expected a piece's id, found " + Json.describe(unknown));
    }
    return new UnigramPieces(vocabulary, list.get(unknown.intValue()).get(0).textValue());
  }

  private static String piece(Path file, String path, JsonNode pair) {
    boolean valid =
        pair.isArray()
            && pair.size() == 2
            && pair.get(0).isTextual()
            && !pair.get(0).textValue().isEmpty()
            && pair.get(1).isNumber()
            && Double.isFinite(pair.get(1).doubleValue());
    if (!valid) {
      throw new ModelFormatException(
          file, path, "expected a piece and a finite score, found " + Json.describe(pair));
    }
    return pair.get(0).textValue();
  }
}
