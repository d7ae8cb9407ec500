package io.chasqui.checkpoint;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.chasqui.BackendException;
import io.chasqui.ModelFormatException;
import io.chasqui.internal.Lease;
import io.chasqui.spi.Tokenization;
import io.chasqui.spi.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The tokenizer of a Hugging Face {@code tokenizer.json} (BPE, WordPiece or Unigram), run by native
 * code behind checks of our own. A handle: thread-safe until closed.
 *
 * <p>No text yields a special token: the ten characters of {@code "a</s> b"} are tokenized like any
 * others, as SentencePiece does. Added tokens that are not special (words that were added to a
 * vocabulary) keep their ids. The unknown token stands for characters that a vocabulary without
 * byte pieces lacks; of the special ones it alone can come.
 *
 * <p>Defined for every text: lone surrogates count as U+FFFD, NUL is a character, and of a run of
 * more than 65,536 characters without any place where cutting is harmless (no space, say) the parts
 * are tokenized apart.
 */
public final class JsonTokenizer implements Tokenizer {
  private static final String FILE = "tokenizer.json";
  private static final Tokenization EMPTY = new Tokenization(new int[0], new int[0], new int[0]);

  /** Parts of a long text: large enough that calls cost nothing, small for BPE's heap. */
  private static final int LONGEST_PART = 1 << 16;

  private static final int SHORTEST_PART = 256;

  /** First guess of the text that is needed for a token; the guess doubles. */
  private static final int CHARS_PER_TOKEN = 8;

  private final HuggingFaceTokenizer tokenizer;
  private final TokenizerPlan plan;
  private final SpecialTokens specialTokens;
  private final int vocabularySize;
  private final Lease lease;

  private JsonTokenizer(
      HuggingFaceTokenizer tokenizer,
      TokenizerPlan plan,
      SpecialTokens specialTokens,
      int vocabularySize,
      Lease lease) {
    this.tokenizer = tokenizer;
    this.plan = plan;
    this.specialTokens = specialTokens;
    this.vocabularySize = vocabularySize;
    this.lease = lease;
  }

  /**
   * The tokenizer of a model directory.
   *
   * @throws ModelFormatException naming file and JSON path, if a tokenizer file is malformed
   * @throws io.chasqui.NoBackendException if there is no native library for this platform
   */
  public static JsonTokenizer open(Path directory) throws IOException {
    return open(directory, Integer.MAX_VALUE, Set.of());
  }

  /**
   * The tokenizer of a model directory, for one model.
   *
   * @param embeddingRows the model's vocabulary: ids must be below this
   * @param reserved ids that the caller puts around texts; no text yields them, even where the file
   *     does not call them special
   * @throws ModelFormatException naming file and JSON path, if a tokenizer file is malformed, has
   *     an id that the model does not embed, or a reserved id is an ordinary piece
   * @throws io.chasqui.NoBackendException if there is no native library for this platform
   */
  public static JsonTokenizer open(Path directory, int embeddingRows, Set<Integer> reserved)
      throws IOException {
    Path file = tokenizerFile(directory);
    TokenizerJson json = TokenizerCheck.read(file, embeddingRows);
    SpecialTokens special = SpecialTokensReader.read(directory, json);
    TokenizerPlan plan = TokenizerPlan.of(json, hidden(json, special, reserved));
    return new JsonTokenizer(
        NativeTokenizer.create(plan.nativeJson(), file),
        plan,
        special,
        json.idBound(),
        new Lease("tokenizer " + file));
  }

  /**
   * The directory's {@code tokenizer.json}.
   *
   * @throws ModelFormatException if there is only a SentencePiece model; says how to convert it
   * @throws NoSuchFileException if there is neither
   */
  static Path tokenizerFile(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    if (Files.exists(file)) {
      return file;
    }
    if (Files.exists(directory.resolve("tokenizer.model"))) {
      throw new ModelFormatException(
          file,
          "",
          "is missing. There is a SentencePiece tokenizer.model; convert it once with Hugging"
              + " Face transformers: AutoTokenizer.from_pretrained(DIR,"
              + " use_fast=True).save_pretrained(DIR)");
    }
    throw new NoSuchFileException(file.toString());
  }

  private static SortedMap<Integer, String> hidden(
      TokenizerJson json, SpecialTokens special, Set<Integer> reserved) {
    SortedMap<Integer, String> hidden = new TreeMap<>(special.contents());
    for (int id : reserved) {
      if (hidden.containsKey(id)) {
        continue;
      }
      String content =
          json.added().stream()
              .filter(token -> token.id() == id)
              .map(TokenizerJson.Added::content)
              .findAny()
              .orElseThrow(() -> notSpecial(json, special, id));
      hidden.put(id, content);
    }
    return hidden;
  }

  private static ModelFormatException notSpecial(
      TokenizerJson json, SpecialTokens special, int id) {
    String content = json.contents().get(id);
    return new ModelFormatException(
        json.file(),
        "$.added_tokens",
        "id "
            + id
            + ", which frames the model's prompts, is "
            + (content == null ? "not there" : "the ordinary piece \"" + content + "\"")
            + "; special tokens are "
            + Json.abbreviate(special.contents().toString()));
  }

  @Override
  public Tokenization tokenize(String text) {
    return tokenize(text, Integer.MAX_VALUE);
  }

  @Override
  public Tokenization tokenize(String text, int maxTokens) {
    if (maxTokens < 0) {
      throw new IllegalArgumentException("maxTokens must not be negative: " + maxTokens);
    }
    String valid = LoneSurrogates.replace(text);
    return lease.during(() -> valid.isEmpty() || maxTokens == 0 ? EMPTY : encode(valid, maxTokens));
  }

  private Tokenization encode(String text, int maxTokens) {
    String prepared = plan.prepare().apply(text);
    int offset = text.length() - prepared.length(); // -1 if a char was put before the text
    TokenBuffer tokens = new TokenBuffer();
    int wanted =
        (int) Math.min(LONGEST_PART, Math.max(SHORTEST_PART, (long) maxTokens * CHARS_PER_TOKEN));
    for (int from = 0; from < prepared.length() && tokens.size() < maxTokens; ) {
      int to = plan.cuts().end(prepared, from, wanted);
      String part = prepared.substring(from, to);
      tokens.add(encodePart(part), part, from + offset, text.length());
      from = to;
      wanted = Math.min(LONGEST_PART, wanted * 2);
    }
    return tokens.first(maxTokens);
  }

  private Encoding encodePart(String part) {
    try {
      return tokenizer.encode(part, false, false);
    } catch (RuntimeException e) { // what the JNI layer throws for any error of the Rust side
      throw new BackendException("the tokenizer failed on a text", false, e);
    }
  }

  /** The special tokens, as the directory's files say. */
  public SpecialTokens specialTokens() {
    return specialTokens;
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public void close() {
    lease.close(tokenizer::close);
  }
}
