package io.chasqui.examples;

import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The HTML entities that occur in Javadoc: numeric ones and the usual names. */
final class HtmlEntities {
  private static final Pattern ENTITY =
      Pattern.compile("&(?:#(\\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(\\w{2,8}));");
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("lt", "<"),
          Map.entry("gt", ">"),
          Map.entry("amp", "&"),
          Map.entry("quot", "\""),
          Map.entry("apos", "'"),
          Map.entry("nbsp", " "),
          Map.entry("copy", "©"),
          Map.entry("hellip", "…"),
          Map.entry("ndash", "–"),
          Map.entry("mdash", "—"),
          Map.entry("lsquo", "‘"),
          Map.entry("rsquo", "’"),
          Map.entry("ldquo", "“"),
          Map.entry("rdquo", "”"),
          Map.entry("times", "×"),
          Map.entry("middot", "·"),
          Map.entry("le", "≤"),
          Map.entry("ge", "≥"),
          Map.entry("ne", "≠"),
          Map.entry("infin", "∞"),
          Map.entry("rarr", "→"),
          Map.entry("eacute", "é"));

  private HtmlEntities() {}

  /** The text with entities decoded; unknown ones stay as they are. */
  static String decode(String text) {
    return ENTITY.matcher(text).replaceAll(HtmlEntities::character);
  }

  private static String character(MatchResult entity) {
    String shown = entity.group();
    if (entity.group(3) != null) {
      shown = NAMES.getOrDefault(entity.group(3), shown);
    } else {
      int codePoint =
          entity.group(1) != null
              ? Integer.parseInt(entity.group(1))
              : Integer.parseInt(entity.group(2), 16);
      shown = Character.isValidCodePoint(codePoint) ? Character.toString(codePoint) : shown;
    }
    return Matcher.quoteReplacement(shown);
  }
}
