package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The special tokens of a tokenizer: those that a prompt is framed with and that no text yields.
 * Read from {@code tokenizer_config.json}, {@code special_tokens_map.json} and {@code
 * tokenizer.json}, in this order of precedence. Immutable.
 *
 * @param bos begins a sequence
 * @param eos ends a sequence
 * @param unknown stands for a character without a piece
 * @param pad fills rows of a batch
 * @param frame what Hugging Face's tokenizer puts around texts ({@code add_bos_token}, {@code
 *     add_eos_token}; where they are absent, what the post-processor does)
 * @param contents of all special tokens, by id
 */
public record SpecialTokens(
    Optional<Integer> bos,
    Optional<Integer> eos,
    Optional<Integer> unknown,
    Optional<Integer> pad,
    TokenFrame frame,
    SortedMap<Integer, String> contents) {
  public SpecialTokens {
    contents = Collections.unmodifiableSortedMap(new TreeMap<>(contents));
  }

  /**
   * The special tokens of a model directory.
   *
   * @throws ModelFormatException if a file is malformed, or names a token that {@code
   *     tokenizer.json} does not have
   */
  public static SpecialTokens read(Path directory) throws IOException {
    Path file = JsonTokenizer.tokenizerFile(directory);
    return SpecialTokensReader.read(directory, TokenizerCheck.read(file, Integer.MAX_VALUE));
  }

  /** Whether this id is a special token's. */
  public boolean isSpecial(int id) {
    return contents.containsKey(id);
  }

  /** Whether Hugging Face's tokenizer puts {@code bos} first. */
  public boolean addBos() {
    return bos.isPresent() && frame.before().equals(List.of(bos.get()));
  }

  /** Whether it puts {@code eos} last. */
  public boolean addEos() {
    return eos.isPresent() && frame.after().equals(List.of(eos.get()));
  }

  /**
   * The framing that Hugging Face's tokenizer would give a single text, as a role states it;
   * padding on the right, with the pad token if there is one, else EOS, else id 0 (which id it is
   * makes no difference: padding is masked).
   *
   * @throws IllegalStateException if it puts more than one token before a text, which no role can
   *     say
   */
  public Role.Tokens toRoleTokens() {
    if (frame.before().size() > 1) {
      throw new IllegalStateException("more than one token before a text: " + frame.before());
    }
    return new Role.Tokens(
        frame.before().stream().findFirst(),
        frame.after(),
        pad.or(() -> eos).orElse(0),
        Role.PadSide.RIGHT);
  }
}
