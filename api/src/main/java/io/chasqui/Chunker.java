package io.chasqui;

import io.chasqui.spi.Tokenizer;
import java.util.List;

/**
 * Cuts documents into passages. A lambda is a fake.
 *
 * <p>Passages inherit title and metadata, and know their document, their place and their span: id
 * {@code documentId#n} with n from 0, and metadata {@value #INDEX}, {@value #START}, {@value #END}
 * (longs; span in chars of the document's text). Chunkers from this interface are immutable and as
 * thread-safe as their tokenizer.
 */
@FunctionalInterface
public interface Chunker {
  /** Metadata name: the passage's number in its document, from 0. */
  String INDEX = "chunk.index";

  /** Metadata name: index of the passage's first char in the document's text. */
  String START = "chunk.start";

  /** Metadata name: index after the passage's last char in the document's text. */
  String END = "chunk.end";

  /** The document's passages, in the order of the text. */
  List<Passage> chunk(Document document);

  /** One passage per document, with the document's own id, whatever its length. */
  static Chunker whole() {
    return document -> List.of(document.asPassage());
  }

  /**
   * Passages of as many whole sentences as fit.
   *
   * <p>A sentence longer than the limit is cut at token boundaries, between words if one is near,
   * never inside a surrogate pair. The next passage repeats the last sentences of the one before,
   * as far as they fit {@code overlapTokens} and leave room for a new sentence; if the last
   * sentence alone is longer, its end. White space around passages is cut off; every other char of
   * the text is in some passage. Each passage, tokenized on its own, has at most {@code maxTokens}
   * tokens; title, prompt and special tokens come on top. The only exception is a passage of a
   * single token's text that has more tokens by itself.
   *
   * <p>A document without text gives one passage without text if it has a title, else none.
   *
   * @param tokenizer of the model that will read the passages; must stay open
   */
  static Chunker sentences(Tokenizer tokenizer, ChunkOptions options) {
    return new SentenceChunker(tokenizer, options);
  }
}
