package io.chasqui.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The pieces that stand for single bytes, in the two ways that tokenizers write them. */
final class ByteAlphabet {
  private ByteAlphabet() {}

  /** SentencePiece's: "&lt;0x00&gt;" to "&lt;0xFF&gt;". */
  static List<String> fallbackPieces() {
    return IntStream.range(0, 256).mapToObj(b -> "<0x%02X>".formatted(b)).toList();
  }

  /**
   * GPT-2's ({@code bytes_to_unicode}): printable bytes stand for themselves, the others for U+0100
   * and following.
   */
  static List<String> byteLevelPieces() {
    List<String> pieces = new ArrayList<>(256);
    int next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xFF && b != 0xAD);
      pieces.add(String.valueOf((char) (printable ? b : next++)));
    }
    return pieces;
  }
}
