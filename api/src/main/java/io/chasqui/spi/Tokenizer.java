package io.chasqui.spi;

import java.util.List;

/**
 * Text to token ids of one model. Adds nothing, cuts nothing: BOS, EOS and truncation belong to the
 * retrieval card. User text never yields the id of a special token. Thread-safe until closed.
 */
public interface Tokenizer extends AutoCloseable {
  /**
   * The ids of the text's tokens and where each stands in it.
   *
   * @throws IllegalStateException after close
   */
  Tokenization tokenize(String text);

  /**
   * The first tokens of the text: exactly the first of those that {@link #tokenize(String)} gives.
   * Implementations override this so that a long text costs no more than what is asked of it.
   *
   * @param maxTokens how many at most, not negative; ask for one more than is needed to learn
   *     whether there are more
   * @throws IllegalStateException after close
   */
  default Tokenization tokenize(String text, int maxTokens) {
    return tokenize(text).first(maxTokens);
  }

  /** {@link #tokenize(String)} for many texts, in order. */
  default List<Tokenization> tokenizeAll(List<String> texts) {
    return texts.stream().map(this::tokenize).toList();
  }

  /** Number of tokens of a text. */
  default int count(String text) {
    return tokenize(text).size();
  }

  /** Ids are below this. */
  int vocabularySize();

  @Override
  void close();
}
