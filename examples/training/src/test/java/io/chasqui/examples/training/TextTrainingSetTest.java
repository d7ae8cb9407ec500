package io.chasqui.examples.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.djl.TrainingExample;
import io.chasqui.djl.TrainingFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TextTrainingSetTest {
  @TempDir Path scratch;

  /** Lines of sentences, no two of which are equal. */
  private Path texts(int lines) throws IOException {
    List<String> all = new ArrayList<>();
    for (int line = 0; line < lines; line++) {
      StringBuilder text = new StringBuilder();
      for (int sentence = 0; sentence < 30; sentence++) {
        String word = "w" + line + "x" + sentence;
        text.append("The " + word + " of the house was seen by nobody at all. ");
      }
      all.add(text.toString());
    }
    return Files.write(scratch.resolve("books.txt"), all);
  }

  private Path write(long seed, Path texts, String name) throws IOException {
    Path target = Files.createDirectory(scratch.resolve(name));
    new TextTrainingSet(seed).write(List.of(texts), target);
    return target;
  }

  private static List<TrainingExample> read(Path directory, String file) throws IOException {
    try (Stream<TrainingExample> all =
        TrainingFiles.tevatron(directory.resolve(file)).epoch(1, 0)) {
      return all.toList();
    }
  }

  @Test
  void passagesHoldAllSentencesAndAtMostAHundredWords() throws IOException {
    Path target = write(1, texts(200), "set");
    List<String> passages = new ArrayList<>();
    try (Stream<String> all =
        TrainingFiles.texts(target.resolve(TextTrainingSet.CORPUS)).epoch(1, 0)) {
      all.forEach(passages::add);
    }
    Set<String> sentences = new HashSet<>();
    for (String passage : passages) {
      assertTrue(Sentences.words(passage).size() <= 100, passage);
      sentences.addAll(Sentences.of(passage));
    }
    assertEquals(200 * 30, sentences.size());
  }

  @Test
  void aQueryIsASentenceThatMostlyDoesNotStandInItsPassage() throws IOException {
    List<TrainingExample> train = read(write(1, texts(200), "set"), TextTrainingSet.TRAIN);
    long stays =
        train.stream().filter(e -> e.positives().get(0).text().contains(e.query())).count();
    assertEquals(0.1, stays / (double) train.size(), 0.05, stays + " of " + train.size());
    for (TrainingExample example : train) {
      String line = example.query().replaceFirst("The (w\\d+x).*", "$1");
      assertTrue(example.positives().get(0).text().contains(" " + line), example.query());
    }
  }

  @Test
  void pairsForMeasuringAreOfOtherPassages() throws IOException {
    Path target = write(1, texts(200), "set");
    Set<String> train = ids(read(target, TextTrainingSet.TRAIN));
    Set<String> dev = ids(read(target, TextTrainingSet.DEV));
    assertFalse(dev.isEmpty());
    assertTrue(dev.stream().noneMatch(train::contains));
  }

  private static Set<String> ids(List<TrainingExample> examples) {
    return examples.stream().map(e -> e.positives().get(0).id()).collect(Collectors.toSet());
  }

  @Test
  void theSeedDecides() throws IOException {
    Path texts = texts(200);
    String one = Files.readString(write(1, texts, "a").resolve(TextTrainingSet.TRAIN));
    assertEquals(one, Files.readString(write(1, texts, "b").resolve(TextTrainingSet.TRAIN)));
    assertNotEquals(one, Files.readString(write(2, texts, "c").resolve(TextTrainingSet.TRAIN)));
  }

  @Test
  void tooLittleTextIsAnError() throws IOException {
    Path file = Files.writeString(scratch.resolve("short.txt"), "One sentence alone.\n");
    IOException e = assertThrows(IOException.class, () -> write(1, file, "set"));
    assertTrue(e.getMessage().contains("1 passages gave 0 pairs"), e.getMessage());
  }
}
