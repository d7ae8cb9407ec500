package io.chasqui.checkpoint;

import java.util.List;

/**
 * What Hugging Face's tokenizer puts around one text and around two, by id: the post-processor of
 * {@code tokenizer.json}, as {@code add_bos_token} and {@code add_eos_token} change it. Immutable.
 *
 * @param before one text
 * @param after one text
 * @param pairBefore the first of two texts
 * @param pairBetween the two texts
 * @param pairAfter the second text
 */
public record TokenFrame(
    List<Integer> before,
    List<Integer> after,
    List<Integer> pairBefore,
    List<Integer> pairBetween,
    List<Integer> pairAfter) {
  public TokenFrame {
    before = List.copyOf(before);
    after = List.copyOf(after);
    pairBefore = List.copyOf(pairBefore);
    pairBetween = List.copyOf(pairBetween);
    pairAfter = List.copyOf(pairAfter);
  }
}
