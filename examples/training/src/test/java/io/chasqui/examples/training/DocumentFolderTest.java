package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Passage;
import io.chasqui.evaluation.mining.TrainingQuery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentFolderTest {
  private static final String GARDEN =
      """
      # The garden
      Roses are watered in the morning before the sun is high. Nobody has to carry the water very far.

      ## Opening hours
      The gate opens at eight and closes when the last visitor has left the garden.
      """;

  @TempDir Path directory;

  @Test
  void passagesEndAtHeadingsAndAreTitledByThem() throws IOException {
    List<Passage> passages = DocumentFolder.cut("garden.md", GARDEN);

    assertEquals(
        List.of("The garden", "The garden: Opening hours"),
        passages.stream().map(Passage::title).toList());
    assertEquals("garden.md", passages.get(1).documentId());
    assertTrue(passages.get(1).text().startsWith("The gate opens"));
  }

  @Test
  void longSectionsAreCutBetweenSentences() throws IOException {
    List<Passage> passages =
        DocumentFolder.cut("a.txt", "One sentence of exactly seven words here. ".repeat(40));

    assertTrue(passages.size() > 1);
    assertTrue(passages.stream().allMatch(p -> p.text().endsWith("here.")));
    assertTrue(passages.stream().allMatch(p -> Sentences.words(p.text()).size() <= 120));
  }

  @Test
  void aTitleAsksForItsPassageWithoutTheTitleAndAFirstSentenceForTheRest() throws IOException {
    List<TrainingQuery> queries =
        new DocumentFolder(DocumentFolder.cut("garden.md", GARDEN)).makeQueries();

    TrainingQuery title = queries.get(0);
    assertEquals("The garden", title.text());
    assertEquals("", title.positives().get(0).title());
    TrainingQuery first = queries.get(1);
    assertTrue(first.text().startsWith("Roses are watered"), first.text());
    assertFalse(first.positives().get(0).text().contains("Roses"));
  }

  @Test
  void queriesOfAFileNameDocumentsOrPassages() throws IOException {
    DocumentFolder folder = new DocumentFolder(DocumentFolder.cut("garden.md", GARDEN));
    Path file =
        Files.writeString(directory.resolve("q.tsv"), "when\tgarden.md#1\nall\tgarden.md\n");

    List<TrainingQuery> queries = folder.readQueries(file);

    assertEquals(1, queries.get(0).positives().size());
    assertEquals(2, queries.get(1).positives().size());
    IOException unknown =
        assertThrows(
            IOException.class,
            () -> folder.readQueries(Files.writeString(directory.resolve("r"), "\nq\tnone.md\n")));
    assertTrue(unknown.getMessage().endsWith("r:2: no such document: none.md"));
    assertThrows(
        IOException.class,
        () -> folder.readQueries(Files.writeString(directory.resolve("s"), "no tab\n")));
  }

  @Test
  void aFolderWithoutTextIsAnError() {
    IOException empty = assertThrows(IOException.class, () -> DocumentFolder.read(directory));

    assertTrue(empty.getMessage().contains("has no passage"), empty.getMessage());
  }

  @Test
  void queriesOfOnePassageAreOnOneSideOfTheSplit() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      text.append("# Chapter number ").append(i).append("\nThe first sentence of it all. ");
      text.append("And then a second one that has many more words.\n");
    }
    List<TrainingQuery> queries =
        new DocumentFolder(DocumentFolder.cut("a.md", text.toString())).makeQueries();

    FineTuneOnYourDocuments.Split split = FineTuneOnYourDocuments.Split.of(queries, 1);

    assertEquals(queries.size(), split.train().size() + split.heldOut().size());
    Set<String> train = new TreeSet<>();
    split.train().forEach(q -> train.add(q.positives().get(0).id()));
    assertTrue(split.heldOut().stream().noneMatch(q -> train.contains(q.positives().get(0).id())));
  }
}
