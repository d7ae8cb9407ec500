package io.chasqui.djl;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/**
 * A trained tokenizer of Llama 2's kind: BPE with byte fallback, spaces as U+2581, one of them in
 * front of each text; {@code <unk>} 0, {@code <s>} 1, {@code </s>} 2, then the 256 bytes, then
 * merged pieces in the order of their merges, then characters by falling frequency. Immutable.
 *
 * @param pieces by id
 * @param merges best first; both parts and the whole are pieces
 */
public record BpeVocabulary(List<String> pieces, List<BpeMerge> merges) {
  /** Special pieces, by id. */
  static final List<String> SPECIAL = List.of("<unk>", "<s>", "</s>");

  /** Ids below are special pieces and bytes. */
  static final int FIRST_FREE = 3 + 256;

  private static final JsonMapper JSON = new JsonMapper();
  private static final String SPACE = String.valueOf(TextUnits.SPACE);
  private static final String BOS = "<s>";

  public BpeVocabulary {
    pieces = List.copyOf(pieces);
    merges = List.copyOf(merges);
  }

  /** Number of ids: {@code vocab_size} of a model that is made for this tokenizer. */
  public int size() {
    return pieces.size();
  }

  /**
   * Writes {@code tokenizer.json}, {@code tokenizer_config.json} and {@code
   * special_tokens_map.json}, as Hugging Face's {@code LlamaTokenizer} has them, each whole or not
   * at all.
   *
   * @param directory made if it is not there
   */
  public void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    write(directory.resolve("tokenizer_config.json"), config());
    write(directory.resolve("special_tokens_map.json"), specialTokens());
    write(directory.resolve("tokenizer.json"), tokenizer());
  }

  private static void write(Path file, ObjectNode json) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    Files.write(temporary, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
    Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The tree of {@code tokenizer.json}. */
  private ObjectNode tokenizer() {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    for (int id = 0; id < SPECIAL.size(); id++) {
      ObjectNode token = added.addObject().put("id", id).put("content", SPECIAL.get(id));
      flags(token).put("special", true);
    }
    ArrayNode normalizers =
        root.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
    normalizers.addObject().put("type", "Prepend").put("prepend", SPACE);
    replace(normalizers.addObject(), " ", SPACE);
    root.putNull("pre_tokenizer");
    postProcessor(root.putObject("post_processor"));
    ArrayNode decoders = root.putObject("decoder").put("type", "Sequence").putArray("decoders");
    replace(decoders.addObject(), SPACE, " ");
    decoders.addObject().put("type", "ByteFallback");
    decoders.addObject().put("type", "Fuse");
    decoders.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
    model(root.putObject("model"));
    return root;
  }

  private void model(ObjectNode model) {
    model.put("type", "BPE").putNull("dropout").put("unk_token", SPECIAL.get(0));
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", true).put("byte_fallback", true);
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < pieces.size(); id++) {
      vocabulary.put(pieces.get(id), id);
    }
    ArrayNode pairs = model.putArray("merges");
    merges.forEach(merge -> pairs.add(merge.left() + " " + merge.right()));
  }

  /** BOS before a text; of a pair, before each. */
  private static void postProcessor(ObjectNode processor) {
    processor.put("type", "TemplateProcessing");
    ArrayNode single = processor.putArray("single");
    part(single, "SpecialToken", BOS, 0);
    part(single, "Sequence", "A", 0);
    ArrayNode pair = processor.putArray("pair");
    part(pair, "SpecialToken", BOS, 0);
    part(pair, "Sequence", "A", 0);
    part(pair, "SpecialToken", BOS, 1);
    part(pair, "Sequence", "B", 1);
    ObjectNode bos = processor.putObject("special_tokens").putObject(BOS).put("id", BOS);
    bos.putArray("ids").add(SPECIAL.indexOf(BOS));
    bos.putArray("tokens").add(BOS);
  }

  private static void part(ArrayNode parts, String kind, String id, int type) {
    parts.addObject().putObject(kind).put("id", id).put("type_id", type);
  }

  private static void replace(ObjectNode node, String from, String to) {
    node.put("type", "Replace").putObject("pattern").put("String", from);
    node.put("content", to);
  }

  private static ObjectNode config() {
    ObjectNode config = JSON.createObjectNode();
    config.put("add_bos_token", true).put("add_eos_token", false);
    config.put("bos_token", "<s>").put("eos_token", "</s>").put("unk_token", "<unk>");
    config.putNull("pad_token").put("clean_up_tokenization_spaces", false).put("legacy", false);
    config.put("tokenizer_class", "LlamaTokenizer");
    ObjectNode added = config.putObject("added_tokens_decoder");
    for (int id = 0; id < SPECIAL.size(); id++) {
      ObjectNode token = added.putObject(Integer.toString(id)).put("content", SPECIAL.get(id));
      flags(token).put("special", true);
    }
    return config;
  }

  private static ObjectNode specialTokens() {
    ObjectNode map = JSON.createObjectNode();
    Map.of("unk_token", 0, "bos_token", 1, "eos_token", 2).entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(
            entry ->
                flags(map.putObject(entry.getKey()).put("content", SPECIAL.get(entry.getValue()))));
    return map;
  }

  private static ObjectNode flags(ObjectNode token) {
    return token
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false);
  }
}
