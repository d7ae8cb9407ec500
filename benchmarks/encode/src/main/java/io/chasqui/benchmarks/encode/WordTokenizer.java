package io.chasqui.benchmarks.encode;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * A tokenizer of random words, one token each, between BOS and EOS. All peers read the same ids
 * from it: LangChain4j takes a text apart and joins its tokens by spaces again, which changes what
 * tokenizers say whose tokens carry their spaces, such as Llama's.
 */
final class WordTokenizer {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String CONSONANTS = "bcdfghjklmnprstvwz";
  private static final String VOWELS = "aeiou";

  /** What prompts of roles consist of. */
  private static final List<String> PROMPTS = List.of("query:", "passage:", "document:");

  private final List<String> words;

  /**
   * @param count words, of two to four syllables
   */
  WordTokenizer(int count, Random random) {
    Set<String> distinct = new LinkedHashSet<>();
    while (distinct.size() < count) {
      StringBuilder word = new StringBuilder();
      for (int syllables = 2 + random.nextInt(3); syllables > 0; syllables--) {
        word.append(CONSONANTS.charAt(random.nextInt(CONSONANTS.length())));
        word.append(VOWELS.charAt(random.nextInt(VOWELS.length())));
      }
      distinct.add(word.toString());
    }
    words = new ArrayList<>(distinct);
  }

  /** A text of so many words and tokens. */
  String text(int tokens, Random random) {
    List<String> text = new ArrayList<>();
    for (int i = 0; i < tokens; i++) {
      text.add(words.get(random.nextInt(words.size())));
    }
    return String.join(" ", text);
  }

  /** As a {@code tokenizer.json}. */
  ObjectNode toJson() {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", "1.0").putNull("truncation").putNull("padding");
    List<String> specials = List.of("<unk>", "<s>", "</s>"); // ids 0, BOS 1, EOS 2
    ArrayNode added = root.putArray("added_tokens");
    for (String special : specials) {
      added
          .addObject()
          .put("id", specials.indexOf(special))
          .put("content", special)
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    root.putNull("normalizer");
    root.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
    frame(root.putObject("post_processor"));
    root.putNull("decoder");
    ObjectNode model = root.putObject("model").put("type", "BPE").put("unk_token", "<unk>");
    model.put("fuse_unk", true).put("byte_fallback", false).put("ignore_merges", true);
    ObjectNode vocabulary = model.putObject("vocab");
    specials.forEach(special -> vocabulary.put(special, vocabulary.size()));
    PROMPTS.forEach(word -> vocabulary.put(word, vocabulary.size()));
    words.forEach(word -> vocabulary.put(word, vocabulary.size()));
    model.putArray("merges");
    return root;
  }

  private static void frame(ObjectNode processor) {
    processor.put("type", "TemplateProcessing");
    ArrayNode single = processor.putArray("single");
    special(single, "<s>");
    sequence(single, "A", 0);
    special(single, "</s>");
    ArrayNode pair = processor.putArray("pair");
    sequence(pair, "A", 0);
    sequence(pair, "B", 1);
    ObjectNode tokens = processor.putObject("special_tokens");
    define(tokens, "<s>", Workspace.BOS);
    define(tokens, "</s>", Workspace.EOS);
  }

  private static void special(ArrayNode parts, String token) {
    parts.addObject().putObject("SpecialToken").put("id", token).put("type_id", 0);
  }

  private static void sequence(ArrayNode parts, String name, int type) {
    parts.addObject().putObject("Sequence").put("id", name).put("type_id", type);
  }

  private static void define(ObjectNode tokens, String token, int id) {
    ObjectNode entry = tokens.putObject(token).put("id", token);
    entry.putArray("ids").add(id);
    entry.putArray("tokens").add(token);
  }
}
