package io.chasqui.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Javadoc comment as plain text: no stars, no HTML, inline tags replaced by what they show.
 * Immutable.
 *
 * @param description everything before the first block tag
 * @param returns of {@code @return}, "" if there is none
 * @param parameters of {@code @param}, type parameters left out
 * @param failures of {@code @throws} and {@code @exception}; names without package
 * @param since of {@code @since}
 * @param deprecated whether there is {@code @deprecated}
 */
public record JavadocText(
    String description,
    String returns,
    List<Described> parameters,
    List<Described> failures,
    Optional<String> since,
    boolean deprecated) {

  /** A name and what is said of it. */
  public record Described(String name, String text) {}

  // Known names only: code samples hold lines that begin with @Override.
  private static final Pattern BLOCK_TAG =
      Pattern.compile(
          "(?m)^\\s*@(param|returns?|throws|exception|see|since|author|version|deprecated"
              + "|serial\\w*|hidden|provides|uses|apiNote|implSpec|implNote)\\b");
  private static final Pattern LEADING_STARS = Pattern.compile("(?m)^\\s*\\* ?");
  private static final Pattern NOT_SHOWN =
      Pattern.compile("(?is)<(script|style)\\b.*?</\\1>|<!--.*?-->");
  private static final Pattern BREAKING_ELEMENT =
      Pattern.compile(
          "(?i)</?(?:p|li|br|ul|ol|pre|h\\d|tr|td|th|table|div|dl|dt|dd|blockquote)\\b[^>]*>");
  private static final Pattern OTHER_ELEMENT = Pattern.compile("</?[a-zA-Z][^<>]{0,120}>");
  private static final Pattern SPACE = Pattern.compile("[\\s\\u00a0]+");

  public JavadocText {
    parameters = List.copyOf(parameters);
    failures = List.copyOf(failures);
  }

  /**
   * Reads a comment.
   *
   * @param comment what stands between {@code /}{@code **} and {@code *}{@code /}, with the stars
   *     that begin its lines
   */
  public static JavadocText parse(String comment) {
    String body = LEADING_STARS.matcher(comment).replaceAll("");
    Matcher tags = BLOCK_TAG.matcher(body);
    List<Integer> starts = new ArrayList<>();
    while (tags.find()) {
      starts.add(tags.start());
    }
    Parts parts = new Parts();
    for (int i = 0; i < starts.size(); i++) {
      int end = i + 1 < starts.size() ? starts.get(i + 1) : body.length();
      parts.add(body.substring(starts.get(i), end).strip());
    }
    String description = plain(starts.isEmpty() ? body : body.substring(0, starts.get(0)));
    return new JavadocText(
        description,
        parts.returns,
        parts.parameters,
        parts.failures,
        parts.since,
        parts.deprecated);
  }

  /** Description, result, parameters and failures in one paragraph, as a reader would tell it. */
  public String paragraph() {
    StringBuilder text = new StringBuilder(description);
    if (!returns.isEmpty()) {
      sentence(text, "Returns: " + returns);
    }
    parameters.forEach(p -> sentence(text, "Parameter " + p.name() + ": " + p.text()));
    failures.forEach(f -> sentence(text, "Throws " + f.name() + ": " + f.text()));
    return text.toString().strip();
  }

  private static void sentence(StringBuilder text, String sentence) {
    text.append(' ').append(sentence).append(sentence.endsWith(".") ? "" : ".");
  }

  /** Javadoc markup to plain text on one line. */
  static String plain(String markup) {
    String text = NOT_SHOWN.matcher(markup).replaceAll(" ");
    text = InlineTags.resolve(text);
    text = BREAKING_ELEMENT.matcher(text).replaceAll(" ");
    text = OTHER_ELEMENT.matcher(text).replaceAll("");
    text = HtmlEntities.decode(InlineTags.restore(text));
    return SPACE.matcher(text).replaceAll(" ").strip();
  }

  /** Collects block tags. */
  private static final class Parts {
    private final List<Described> parameters = new ArrayList<>();
    private final List<Described> failures = new ArrayList<>();
    private String returns = "";
    private Optional<String> since = Optional.empty();
    private boolean deprecated;

    void add(String block) {
      int end = 1;
      while (end < block.length() && Character.isJavaIdentifierPart(block.charAt(end))) {
        end++;
      }
      String markup = block.substring(end).strip();
      String text = plain(markup);
      switch (block.substring(1, end)) {
        case "return", "returns" -> returns = text;
        case "param" -> {
          if (!markup.startsWith("<")) { // a type parameter
            described(text, parameters);
          }
        }
        case "throws", "exception" -> described(text, failures);
        case "since" -> since = Optional.of(text).filter(s -> !s.isEmpty());
        case "deprecated" -> deprecated = true;
        default -> {} // authors, versions, see-also: nothing that answers a question
      }
    }

    private static void described(String text, List<Described> target) {
      int space = text.indexOf(' ');
      if (space <= 0) {
        return; // a name without a description
      }
      String name = text.substring(0, space);
      String rest = text.substring(space + 1);
      target.add(
          new Described(
              name.substring(name.lastIndexOf('.') + 1),
              rest.startsWith("- ") ? rest.substring(2) : rest));
    }
  }
}
