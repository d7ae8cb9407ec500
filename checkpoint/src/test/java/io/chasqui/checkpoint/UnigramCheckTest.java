package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class UnigramCheckTest {
  private static final Path FILE = Path.of("tokenizer.json");
  private static final int ROWS = 1000;
  private static final String MAP = "$.normalizer.precompiled_charsmap";

  private static ObjectNode good() throws IOException {
    return Json.readObject(UnigramTokenizerIT.resource("words/tokenizer.json"));
  }

  private static ObjectNode model(ObjectNode root) {
    return (ObjectNode) root.path("model");
  }

  private static ArrayNode pieces(ObjectNode root) {
    return (ArrayNode) model(root).path("vocab");
  }

  private static void refused(String field, String part, Consumer<ObjectNode> damage)
      throws IOException {
    ObjectNode root = good();
    TokenizerCheck.check(FILE, root, ROWS); // good before
    damage.accept(root);
    ModelFormatException e =
        assertThrows(
            ModelFormatException.class, () -> TokenizerCheck.check(FILE, root, ROWS), part);
    assertEquals(field, e.field().orElse(""), e.getMessage());
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void piecesHaveScoresAndIdsOfTheirOwn() throws IOException {
    refused("$.model.vocab", "object", root -> model(root).putObject("vocab"));
    refused("$.model.vocab", "array", root -> model(root).putArray("vocab"));
    refused("$.model.vocab[5]", "finite score", root -> pieces(root).insert(5, "x"));
    refused("$.model.vocab[5]", "finite score", root -> pieces(root).insertArray(5).add("x"));
    refused(
        "$.model.vocab[5]", "finite score", root -> pieces(root).insertArray(5).add("x").add("y"));
    refused(
        "$.model.vocab[5]", "finite score", root -> pieces(root).insertArray(5).add("").add(-1));
    refused(
        "$.model.vocab[5]",
        "finite score",
        root ->
            pieces(root)
                .insertArray(5)
                .add("new")
                .add(JsonNodeFactory.instance.numberNode(Double.NEGATIVE_INFINITY)));
    refused(
        "$.model.vocab[6]",
        "also the piece of id 4",
        root -> pieces(root).insertArray(6).add(pieces(root).get(4).get(0)).add(-1));
    ObjectNode root = good();
    int size = pieces(root).size();
    TokenizerCheck.check(FILE, root, size);
    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> TokenizerCheck.check(FILE, root, size - 1));
    assertEquals("$.model.vocab", e.field().orElse(""));
    assertTrue(e.getMessage().contains("embeds only " + (size - 1)), e.getMessage());
  }

  @Test
  void oneOfThemStandsForWhatIsUnknown() throws IOException {
    ObjectNode good = good();
    ((ArrayNode) pieces(good).get(3)).set(0, JsonNodeFactory.instance.textNode("[other]"));
    added(good, 3).put("content", "[other]");
    assertEquals(Optional.of("[other]"), TokenizerCheck.check(FILE, good, ROWS).unknown());
    refused("$.model.unk_id", "nothing", root -> model(root).remove("unk_id"));
    refused("$.model.unk_id", "null", root -> model(root).putNull("unk_id"));
    refused("$.model.unk_id", "-1", root -> model(root).put("unk_id", -1));
    refused("$.model.unk_id", "1000000", root -> model(root).put("unk_id", 1_000_000));
    refused("$.model.unk_id", "2.5", root -> model(root).put("unk_id", 2.5));
    refused("$.added_tokens[0]", "vocabulary", root -> added(root, 0).put("id", 9));
    refused("$.model.byte_fallback", "1", root -> model(root).put("byte_fallback", 1));
  }

  private static ObjectNode added(ObjectNode root, int index) {
    return (ObjectNode) root.path("added_tokens").get(index);
  }

  private static Consumer<ObjectNode> map(Consumer<ByteBuffer> damage) {
    return root -> {
      byte[] map = map(root);
      damage.accept(ByteBuffer.wrap(map).order(ByteOrder.LITTLE_ENDIAN));
      put(root, map);
    };
  }

  private static byte[] map(ObjectNode root) {
    return Base64.getDecoder()
        .decode(root.path("normalizer").path("precompiled_charsmap").textValue());
  }

  private static void put(ObjectNode root, byte[] map) {
    ((ObjectNode) root.path("normalizer"))
        .put("precompiled_charsmap", Base64.getEncoder().encodeToString(map));
  }

  @Test
  void compiledNormalizersStayWithinThemselves() throws IOException {
    refused(MAP, "number", root -> ((ObjectNode) root.path("normalizer")).put(last(), 7));
    refused(MAP, "SentencePiece", root -> ((ObjectNode) root.path("normalizer")).put(last(), "%"));
    refused(MAP, "0 bytes", root -> put(root, new byte[0]));
    refused(MAP, "an array of 0", map(map -> map.putInt(0, 0)));
    refused(MAP, "an array of 6", map(map -> map.putInt(0, 6)));
    refused(MAP, "an array of 4294967292", map(map -> map.putInt(0, -4)));
    refused(MAP, "not UTF-8", map(map -> map.put(map.capacity() - 2, (byte) 0xFF)));
    // The first unit says where the first step leads.
    refused(MAP, "a step leads to", map(map -> map.putInt(4, 0x3FFFFF << 10)));
    refused(MAP, "a text that begins", UnigramCheckTest::putTextsBeyondTheEnd);
    refused("$.normalizer.type", "ByteLevel", UnigramCheckTest::underByteLevel);
  }

  private static void underByteLevel(ObjectNode root) {
    root.putObject("pre_tokenizer").put("type", "ByteLevel").put("add_prefix_space", true);
  }

  private static String last() {
    return "precompiled_charsmap";
  }

  /** Of the two published forms; not where a word's first mark or its spaces may differ. */
  @Test
  void longTextsMayBeCutWhereWordsAreTakenApart() throws IOException {
    for (String form : new String[] {"words", "metaspace"}) {
      ObjectNode root = Json.readObject(UnigramTokenizerIT.resource(form + "/tokenizer.json"));
      assertTrue(splits(root), form);
      ObjectNode last = lastStep(root);
      last.put("prepend_scheme", "first");
      assertFalse(splits(root), form);
      last.put("prepend_scheme", "always").put("split", false);
      assertFalse(splits(root), form);
      last.put("split", true).put("type", "Digits");
      assertFalse(splits(root), form);
      last.put("type", "Metaspace");
      assertTrue(splits(root), form);
      root.putObject("normalizer").put("type", "Strip").put("strip_left", true);
      assertFalse(splits(root), form);
      root.putObject("normalizer")
          .put("type", "Replace")
          .put("content", "x")
          .putObject("pattern")
          .put("String", " ");
      assertFalse(splits(root), form);
      root.putNull("normalizer").putNull("pre_tokenizer");
      assertFalse(splits(root), form);
    }
  }

  private static ObjectNode lastStep(ObjectNode root) {
    var steps = root.path("pre_tokenizer").path("pretokenizers");
    return (ObjectNode) (steps.isEmpty() ? root.path("pre_tokenizer") : steps.get(1));
  }

  private static boolean splits(ObjectNode root) {
    return UnigramWords.splits(root.path("normalizer"), root.path("pre_tokenizer"));
  }

  /** Every unit that holds a value gets one beyond the texts. */
  private static void putTextsBeyondTheEnd(ObjectNode root) {
    byte[] bytes = map(root);
    ByteBuffer map = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int units = map.getInt(0) / 4;
    for (int i = 1; i <= units; i++) {
      int unit = map.getInt(4 * i);
      if (unit < 0) { // a leaf
        map.putInt(4 * i, unit | 0x00FFFFFF);
      }
    }
    put(root, bytes);
  }
}
