package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Document;
import io.chasqui.evaluation.mining.TrainingQuery;
import io.chasqui.examples.JavadocMember;
import io.chasqui.examples.JavadocText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class JavadocQueriesTest {
  private static final JavadocText JAVADOC =
      JavadocText.parse(
          """
           * Closes the gate behind the last visitor. It squeaks on rainy days because nobody has
           * oiled the hinges since spring. Lanterns are lit afterwards along the whole path.
           *
           * @param slowly whether to spare the old hinges while doing so
           * @return how many visitors have left the garden before
          """);
  private static final JavadocMember MEMBER =
      new JavadocMember(
          Document.of("garden:Gate#shut()", "Gate.shut()", JAVADOC.paragraph()), JAVADOC);

  @Test
  void theSentenceThatMadeTheQueryIsNotInItsPassage() {
    Map<String, TrainingQuery> queries = all();

    TrainingQuery first = queries.get("first");
    assertFalse(first.positives().get(0).text().contains("gate behind"));
    assertTrue(first.positives().get(0).text().contains("hinges"));
    TrainingQuery returned = queries.get("return");
    assertFalse(returned.positives().get(0).text().contains("how many"));
    TrainingQuery inner = queries.get("inner");
    assertTrue(inner.positives().get(0).text().contains("gate behind"));
  }

  @Test
  void thePositiveHasTheMembersIdAndTitle() {
    for (TrainingQuery query : all().values()) {
      assertEquals("garden:Gate#shut()", query.positives().get(0).id());
      assertEquals("Gate.shut()", query.positives().get(0).title());
    }
  }

  @Test
  void keywordsLeaveOutWhatTheNameGivesAway() {
    String query = all().get("keywords").text();

    assertFalse(List.of(query.split(" ", 0)).contains("gate"), query);
    assertTrue(query.contains("visitor"), query);
  }

  @Test
  void theSameSeedMakesTheSameQueries() {
    assertEquals(new JavadocQueries(3).of(MEMBER), new JavadocQueries(3).of(MEMBER));
  }

  @Test
  void aVerbInTheThirdPersonBecomesAnInfinitive() {
    Map<String, String> expected =
        Map.of(
            "Creates", "create",
            "Returns", "get",
            "Copies", "copy",
            "Pushes", "push",
            "Passes", "pass",
            "This", "",
            "Process", "",
            "Whether", "");
    expected.forEach((word, verb) -> assertEquals(verb, QueryWords.infinitive(word), word));
  }

  @Test
  void identifiersFallApartAtTheirHumps() {
    assertEquals(
        List.of("cache", "get", "if", "present", "object"),
        QueryWords.identifier("Cache.getIfPresent(Object)"));
    assertEquals(List.of("xml", "reader"), QueryWords.identifier("XMLReader"));
  }

  @Test
  void variationReplacesWordsByOthersOfTheirGroup() {
    String varied = QueryWords.varied("remove the file", 1, new SplittableRandom(1));

    assertTrue(varied.matches("(delete|drop) the document"), varied);
    assertEquals(
        "remove the file", QueryWords.varied("remove the file", 0, new SplittableRandom(1)));
  }

  @Test
  void textsThatRepeatManyRunsOfWordsAreCopies() {
    NearCopies copies = new NearCopies();
    String text = "one two three four five six seven eight nine ten eleven twelve";
    copies.forbid(text);

    assertTrue(copies.isCopy(text.toUpperCase(java.util.Locale.ROOT) + " and more"));
    assertFalse(copies.isCopy("one two three four five six seven other eight nine ten eleven"));
    assertFalse(copies.isCopy("short"));
  }

  /** By kind, over several seeds: not each seed makes each kind. */
  private static Map<String, TrainingQuery> all() {
    Map<String, TrainingQuery> queries = new HashMap<>();
    for (int seed = 0; seed < 20; seed++) {
      for (TrainingQuery query : new JavadocQueries(seed).of(MEMBER)) {
        queries.putIfAbsent(query.id().substring(query.id().indexOf('/') + 1), query);
      }
    }
    return queries;
  }
}
