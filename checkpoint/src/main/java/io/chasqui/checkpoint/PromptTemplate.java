package io.chasqui.checkpoint;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with places for a query, a title or a passage's text. Filled in one pass: placeholders
 * inside what is filled in are text. Immutable.
 */
final class PromptTemplate {
  private static final Pattern PLACEHOLDER =
      Pattern.compile("\\{(query|title|text|instruction)\\}");

  /** What a place is filled with. */
  enum Place {
    QUERY,
    TITLE,
    TEXT;

    String placeholder() {
      return "{" + name().toLowerCase(Locale.ROOT) + "}";
    }
  }

  private static final String INSTRUCTION = "{instruction}";

  private final List<Object> parts = new ArrayList<>(); // String or Place

  /**
   * @param instruction filled in here and now
   * @param places each must be there once, and no other
   * @throws IllegalArgumentException naming what is missing or surplus
   */
  private PromptTemplate(String template, Optional<String> instruction, Set<Place> places) {
    List<Place> found = new ArrayList<>();
    Matcher matcher = PLACEHOLDER.matcher(template);
    int from = 0;
    while (matcher.find()) {
      parts.add(template.substring(from, matcher.start()));
      from = matcher.end();
      if (matcher.group().equals(INSTRUCTION)) {
        parts.add(
            instruction.orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "no instruction is given for the template \"" + template + "\"")));
        continue;
      }
      Place place = Place.valueOf(matcher.group(1).toUpperCase(Locale.ROOT));
      parts.add(place);
      found.add(place);
    }
    parts.add(template.substring(from));
    if (found.size() != places.size() || !places.containsAll(found) || !isDistinct(found)) {
      throw new IllegalArgumentException(
          "expected "
              + places.stream().sorted().map(Place::placeholder).toList()
              + " once each in the template \""
              + template
              + "\"");
    }
  }

  static PromptTemplate ofQuery(String template, Optional<String> instruction) {
    return new PromptTemplate(template, instruction, EnumSet.of(Place.QUERY));
  }

  static PromptTemplate ofTitleAndText(String template, Optional<String> instruction) {
    return new PromptTemplate(template, instruction, EnumSet.of(Place.TITLE, Place.TEXT));
  }

  static PromptTemplate ofText(String template, Optional<String> instruction) {
    return new PromptTemplate(template, instruction, EnumSet.of(Place.TEXT));
  }

  /** A text that is the same in every prompt. */
  static PromptTemplate fixed(String template, Optional<String> instruction) {
    return new PromptTemplate(template, instruction, EnumSet.noneOf(Place.class));
  }

  static boolean takesInstruction(String template) {
    return template.contains(INSTRUCTION);
  }

  private static boolean isDistinct(List<Place> places) {
    return places.stream().distinct().count() == places.size();
  }

  String text() {
    return fill("", "", "");
  }

  String fillQuery(String query) {
    return fill(query, "", "");
  }

  String fillPassage(String title, String text) {
    return fill("", title, text);
  }

  private String fill(String query, String title, String text) {
    StringBuilder filled = new StringBuilder();
    for (Object part : parts) {
      if (part instanceof Place place) {
        filled.append(
            switch (place) {
              case QUERY -> query;
              case TITLE -> title;
              case TEXT -> text;
            });
      } else {
        filled.append(part);
      }
    }
    return filled.toString();
  }
}
