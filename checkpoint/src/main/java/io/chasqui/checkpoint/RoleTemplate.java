package io.chasqui.checkpoint;

import java.util.List;

/** How a role's texts become prompts. All may have the place {@code {instruction}}. */
public sealed interface RoleTemplate {
  /**
   * One text, one input: an encoder's.
   *
   * @param query with {@code {query}}: "query: {query}"
   * @param passage with {@code {title}} and {@code {text}}: "passage: {title} {text}"
   * @param passageWithoutTitle with {@code {text}} only: "passage: {text}"
   */
  record Single(String query, String passage, String passageWithoutTitle) implements RoleTemplate {}

  /**
   * Query and passage in one input: a scorer's. In two segments each begins with the BOS.
   *
   * @param query first segment, "query: {query}"
   * @param passage second segment, "document: {title} {text}"
   * @param passageWithoutTitle "document: {text}"
   * @param separate whether the segments are tokenized apart (a tokenizer's pair); otherwise their
   *     texts are joined by {@code separator} and tokenized as one
   * @param separator between the texts of one joined segment; "" if separate
   */
  record Pair(
      String query, String passage, String passageWithoutTitle, boolean separate, String separator)
      implements RoleTemplate {}

  /**
   * Query and passage in one input between fixed tokens: a scorer's that is a chat, say. Texts are
   * cut, the frame never is.
   *
   * @param before what every input begins with
   * @param query "A: {query}"
   * @param between if empty, the texts of query and passage are tokenized as one, else apart
   * @param passage "B: {title} {text}"
   * @param passageWithoutTitle "B: {text}"
   * @param after what every input ends with, before {@link Role.Tokens#append()}
   * @param passageFirst whether the passage stands before {@code between} and the query behind;
   *     each text's limit counts the parts on its side, those between with the second
   */
  record Framed(
      List<Part> before,
      String query,
      List<Part> between,
      String passage,
      String passageWithoutTitle,
      List<Part> after,
      boolean passageFirst)
      implements RoleTemplate {
    public Framed {
      before = List.copyOf(before);
      between = List.copyOf(between);
      after = List.copyOf(after);
    }

    /** The query stands first. */
    public Framed(
        List<Part> before,
        String query,
        List<Part> between,
        String passage,
        String passageWithoutTitle,
        List<Part> after) {
      this(before, query, between, passage, passageWithoutTitle, after, false);
    }
  }

  /** A piece of a frame. */
  sealed interface Part {
    /** A special token. */
    record Id(int id) implements Part {}

    /** A text that is tokenized by itself. */
    record Text(String text) implements Part {}
  }
}
