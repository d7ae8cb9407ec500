package io.chasqui.examples.training;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/**
 * How a developer would say what a Javadoc sentence says: imperative instead of third person, other
 * words for the same thing, without the words that carry nothing. Immutable.
 */
final class QueryWords {
  private static final Pattern HUMPS =
      Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[._$(),\\s]+");
  private static final Pattern LONG_ENDING = Pattern.compile(".*(ch|sh|ss|x|zz)es");

  private static final Set<String> EMPTY_WORDS =
      Set.of(
          ("the a an of this that is to be by it its in for and or with from as at on are was will"
                  + " which given specified into if has been")
              .split(" ", 0));

  /** Words that developers use for one another, group by group. */
  private static final String SYNONYMS =
      """
      get fetch obtain retrieve
      returns gives finds
      create make build construct
      creates makes builds
      remove delete drop
      removes deletes
      check test verify
      string text
      list sequence
      collection container
      number count amount
      wait block pause
      close shut
      start launch begin
      stop halt end
      convert transform turn change
      copy duplicate
      compute calculate
      element item entry
      elements items entries
      map dictionary mapping
      file document
      directory folder
      path location
      read load
      write save store
      thread worker
      exception error failure
      time duration
      timeout deadline
      cache memoize
      size length
      empty blank
      first earliest
      last final
      maximum max largest highest
      minimum min smallest lowest
      sort order arrange
      compare match
      equal same identical
      split separate break
      join concatenate combine merge
      add insert append put
      print show display
      parse interpret decode
      random arbitrary
      bytes octets
      execute run invoke call
      task job
      lock mutex
      concurrent parallel simultaneous
      immutable unmodifiable read-only constant
      iterate loop traverse
      filter select choose pick
      replace substitute swap
      null missing nothing
      contains includes holds
      limit restrict bound cap throttle
      retry repeat
      request call
      response answer reply
      message event notification
      listener callback handler observer
      format pattern layout
      hash digest checksum
      update refresh modify
      ignore skip
      reverse invert flip
      range interval
      char character letter
      prefix start beginning
      suffix ending
      whitespace spaces blanks
      uppercase capital
      argument parameter
      expire evict
      """;

  private static final Map<String, List<String>> OTHERS = others();

  private QueryWords() {}

  private static Map<String, List<String>> others() {
    Map<String, List<String>> others = new HashMap<>();
    SYNONYMS
        .lines()
        .map(line -> List.of(line.split(" ", 0)))
        .forEach(
            group ->
                group.forEach(
                    word ->
                        others
                            .computeIfAbsent(word, w -> new ArrayList<>())
                            .addAll(group.stream().filter(w -> !w.equals(word)).toList())));
    return others;
  }

  static boolean isEmpty(String word) {
    return EMPTY_WORDS.contains(word.toLowerCase(Locale.ROOT));
  }

  /** "getIfPresent" and "Cache.getIfPresent(Object)" as words in lower case. */
  static List<String> identifier(String name) {
    List<String> words = new ArrayList<>();
    for (String word : HUMPS.split(name, 0)) {
      if (!word.isEmpty()) {
        words.add(word.toLowerCase(Locale.ROOT));
      }
    }
    return words;
  }

  /** The text with some words replaced by others of the same meaning. */
  static String varied(String text, double share, SplittableRandom random) {
    List<String> words = new ArrayList<>();
    for (String word : Sentences.words(text)) {
      List<String> others = OTHERS.getOrDefault(word, List.of());
      boolean replaced = !others.isEmpty() && random.nextDouble() < share;
      words.add(replaced ? others.get(random.nextInt(others.size())) : word);
    }
    return String.join(" ", words);
  }

  /** The text without most of the words that carry nothing. */
  static String terse(String text, SplittableRandom random) {
    List<String> words = new ArrayList<>();
    for (String word : Sentences.words(text)) {
      if (!isEmpty(word) || random.nextDouble() < 0.4) {
        words.add(word);
      }
    }
    return String.join(" ", words);
  }

  /**
   * The verb that a Javadoc sentence begins with, as one would ask for it: "Creates" to "create";
   * "" if the word is no verb in the third person.
   */
  static String infinitive(String word) {
    String verb = word.toLowerCase(Locale.ROOT);
    switch (verb) {
      case "returns", "gets" -> {
        return "get";
      }
      case "indicates" -> {
        return "tell";
      }
      case "this", "is", "has", "was", "its", "as", "does", "class" -> {
        return "";
      }
      default -> {}
    }
    if (verb.endsWith("ies")) {
      return verb.substring(0, verb.length() - 3) + "y";
    }
    if (LONG_ENDING.matcher(verb).matches()) {
      return verb.substring(0, verb.length() - 2);
    }
    boolean third = verb.endsWith("s") && !verb.endsWith("ss") && verb.length() > 3;
    return third ? verb.substring(0, verb.length() - 1) : "";
  }
}
