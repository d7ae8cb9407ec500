package io.chasqui.examples.training;

import io.chasqui.Document;
import io.chasqui.Passage;
import io.chasqui.evaluation.mining.TrainingQuery;
import io.chasqui.examples.JavadocMember;
import io.chasqui.examples.JavadocText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Makes queries out of Javadoc, each with the member's text without the sentence that it was made
 * of, so that the same words alone do not answer it (inverse cloze). The same member, the same
 * seed: the same queries. Immutable.
 *
 * @see <a href="https://arxiv.org/abs/1906.00300">Lee, Chang and Toutanova 2019, section 4</a>
 */
final class JavadocQueries {
  private static final int MAX_QUERY_WORDS = 18;
  private static final int MIN_QUERY_WORDS = 3;
  private static final int MAX_TEXT_WORDS = 90;
  private static final int MIN_TEXT_WORDS = 8;

  /** A rest of fewer words says too little: the whole text stands in for it. */
  private static final int MIN_REST_WORDS = 12;

  private static final List<String> OPENINGS =
      List.of(
          "how do i ",
          "how to ",
          "how can i ",
          "what is the way to ",
          "is there a way to ",
          "i want to ",
          "",
          "need to ",
          "java ",
          "which method lets me ",
          "best way to ");
  private static final List<String> TESTS =
      List.of("how to check if ", "check whether ", "how do i tell if ", "test if ");

  private final long seed;

  JavadocQueries(long seed) {
    this.seed = seed;
  }

  /** A member's queries, each with one positive. */
  List<TrainingQuery> of(JavadocMember member) {
    Document document = member.document();
    JavadocText javadoc = member.javadoc();
    SplittableRandom random = new SplittableRandom(seed * 31 + document.id().hashCode());
    List<String> sentences = Sentences.of(javadoc.description());
    if (sentences.isEmpty()) {
      return List.of();
    }
    Draft draft = new Draft(document, random);
    String first = sentences.get(0);
    String tail = tail(javadoc);
    String rest = String.join(" ", sentences.subList(1, sentences.size())) + tail;
    boolean longRest = Sentences.words(rest).size() >= MIN_REST_WORDS;
    String orWhole = longRest ? rest : document.text();

    draft.add(
        "question",
        draft.noisy(question(first, random)),
        random.nextInt(10) < 7 ? orWhole : document.text());
    if (longRest) {
      draft.add("first", draft.noisy(first), rest);
    }
    draft.add("return", draft.noisy(javadoc.returns()), String.join(" ", sentences));
    if (random.nextBoolean()) {
      draft.add("keywords", keywords(first, document.title(), random), orWhole);
    }
    if (longRest && sentences.size() > 2) {
      int inner = 1 + random.nextInt(sentences.size() - 1);
      List<String> others = new ArrayList<>(sentences);
      draft.add("inner", draft.noisy(others.remove(inner)), String.join(" ", others) + tail);
    }
    if (random.nextInt(10) < 3) {
      String name = String.join(" ", QueryWords.identifier(document.title()));
      draft.add("name", QueryWords.varied(opening(random) + name, 0.25, random), document.text());
    }
    if (!javadoc.parameters().isEmpty() && random.nextInt(10) < 3) {
      var parameter = javadoc.parameters().get(random.nextInt(javadoc.parameters().size()));
      draft.add("parameter", draft.noisy(parameter.text()), String.join(" ", sentences));
    }
    return draft.queries;
  }

  private static String tail(JavadocText javadoc) {
    StringBuilder tail = new StringBuilder();
    if (!javadoc.returns().isEmpty()) {
      tail.append(" Returns: ").append(javadoc.returns());
    }
    javadoc
        .parameters()
        .forEach(p -> tail.append(" Parameter ").append(p.name()).append(": ").append(p.text()));
    return tail.toString();
  }

  /**
   * "Returns true if it is empty." as "how to check if it is empty"; "" if it is no such sentence.
   */
  private static String question(String sentence, SplittableRandom random) {
    String plain = sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    List<String> words = Sentences.words(plain);
    String verb = words.isEmpty() ? "" : QueryWords.infinitive(words.get(0));
    if (words.size() < 4 || verb.isEmpty() || !Character.isUpperCase(plain.charAt(0))) {
      return "";
    }
    boolean test =
        words.get(0).equals("Returns")
            && words.get(1).equals("true")
            && (words.get(2).equals("if") || words.get(2).equals("when"));
    if (test) {
      String rest = String.join(" ", words.subList(3, words.size()));
      return TESTS.get(random.nextInt(TESTS.size())) + rest;
    }
    return opening(random) + verb + " " + String.join(" ", words.subList(1, words.size()));
  }

  private static String opening(SplittableRandom random) {
    return OPENINGS.get(random.nextInt(OPENINGS.size()));
  }

  /** The words of a sentence that its member's name does not give away. */
  private static String keywords(String sentence, String title, SplittableRandom random) {
    Set<String> name = new HashSet<>(QueryWords.identifier(title));
    List<String> words = new ArrayList<>();
    for (String word : sentence.split("[^A-Za-z']+", -1)) {
      boolean given = QueryWords.identifier(word).stream().anyMatch(name::contains);
      if (!word.isEmpty() && !QueryWords.isEmpty(word) && !given && random.nextInt(100) < 85) {
        words.add(word.toLowerCase(Locale.ROOT));
      }
    }
    return QueryWords.varied(String.join(" ", words), 0.3, random);
  }

  /** The queries of one member while they are made. */
  private static final class Draft {
    private final Document document;
    private final SplittableRandom random;
    private final List<TrainingQuery> queries = new ArrayList<>();

    Draft(Document document, SplittableRandom random) {
      this.document = document;
      this.random = random;
    }

    /** As people type: often without capitals, now and then without the small words. */
    String noisy(String text) {
      String typed =
          text.length() > 1 && Character.isLowerCase(text.charAt(1))
              ? text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1)
              : text;
      typed = random.nextBoolean() ? typed.toLowerCase(Locale.ROOT) : typed;
      typed = random.nextInt(100) < 35 ? QueryWords.terse(typed, random) : typed;
      return QueryWords.varied(typed, 0.3, random);
    }

    void add(String kind, String query, String text) {
      String asked = Sentences.first(query, MAX_QUERY_WORDS);
      if (Sentences.words(asked).size() >= MIN_QUERY_WORDS
          && Sentences.words(text).size() >= MIN_TEXT_WORDS) {
        String id = document.id() + "/" + kind;
        // The member's own id: whoever mines negatives must not take the member for one.
        Passage positive =
            Passage.of(document.id(), document.title(), Sentences.first(text, MAX_TEXT_WORDS));
        queries.add(new TrainingQuery(id, asked, List.of(positive)));
      }
    }
  }
}
