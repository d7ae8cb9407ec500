package io.chasqui.lucene;

import java.util.Objects;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.standard.StandardAnalyzer;

/**
 * How text becomes terms, by name: an index remembers the name and refuses another.
 *
 * @param name written into the index; not empty
 * @param analyzer thread-safe, as Lucene's are; not closed by Chasqui
 */
public record Analysis(String name, Analyzer analyzer) {
  public Analysis {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("analysis name must not be empty");
    }
    Objects.requireNonNull(analyzer, "analyzer");
  }

  /** Words by Unicode's rules, no possessive s, lower case, no stop words, Porter's stems. */
  public static Analysis english() {
    return new Analysis("english-porter", new EnglishAnalyzer());
  }

  /** Words by Unicode's rules in lower case: for any language that puts spaces between words. */
  public static Analysis standard() {
    return new Analysis("standard", new StandardAnalyzer());
  }

  /**
   * As {@link #english}, with names of program code taken apart where case changes and at dots,
   * underscores and digits: {@code StringUtils.leftPad} is found by "left pad".
   */
  public static Analysis code() {
    return new Analysis("code-porter", new CodeAnalyzer());
  }

  /**
   * The user's own.
   *
   * @param name changes whenever the analyzer yields other terms
   */
  public static Analysis of(String name, Analyzer analyzer) {
    return new Analysis(name, analyzer);
  }
}
