package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
 * @param addBos whether Hugging Face's tokenizer puts {@code bos} first ({@code add_bos_token}; if
 *     that is absent, what the post-processor does)
 * @param addEos whether it puts {@code eos} last ({@code add_eos_token}, likewise)
 * @param contents of all special tokens, by id
 */
public record SpecialTokens(
    Optional<Integer> bos,
    Optional<Integer> eos,
    Optional<Integer> unknown,
    Optional<Integer> pad,
    boolean addBos,
    boolean addEos,
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

  /**
   * The framing that Hugging Face's tokenizer would give a single text, as a role states it: BOS
   * and EOS as configured; padding on the right, with the pad token if there is one, else EOS, else
   * id 0 (which id it is makes no difference: padding is masked).
   */
  public Role.Tokens toRoleTokens() {
    List<Integer> append = new ArrayList<>();
    if (addEos) {
      eos.ifPresent(append::add);
    }
    return new Role.Tokens(
        addBos ? bos : Optional.empty(), append, pad.or(() -> eos).orElse(0), Role.PadSide.RIGHT);
  }
}
