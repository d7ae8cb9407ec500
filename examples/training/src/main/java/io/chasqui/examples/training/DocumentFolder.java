package io.chasqui.examples.training;

import io.chasqui.Passage;
import io.chasqui.evaluation.mining.TrainingQuery;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The text and Markdown files below a folder, cut into passages at headings and by length. A
 * passage's title is its document's title and the heading above it. Immutable.
 *
 * @param passages in the order of the files' paths
 */
record DocumentFolder(List<Passage> passages) {
  private static final int MAX_WORDS = 120;
  private static final int MIN_WORDS = 8;

  DocumentFolder {
    passages = List.copyOf(passages);
  }

  /**
   * Reads a folder.
   *
   * @throws IOException if there is no file to read, or one is not UTF-8; names it
   */
  static DocumentFolder read(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(Files::isRegularFile).filter(DocumentFolder::isText).sorted().toList();
    }
    List<Passage> passages = new ArrayList<>();
    for (Path file : files) {
      String id = folder.relativize(file).toString().replace('\\', '/');
      try {
        passages.addAll(cut(id, Files.readString(file)));
      } catch (MalformedInputException e) {
        throw new IOException(file + " is not UTF-8", e);
      }
    }
    if (passages.isEmpty()) {
      throw new IOException(
          folder + " has no passage of " + MIN_WORDS + " words in any .txt, .md or .adoc file");
    }
    return new DocumentFolder(passages);
  }

  private static boolean isText(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).matches(".*\\.(txt|md|markdown|adoc)");
  }

  /** The passages of one document. */
  static List<Passage> cut(String id, String text) {
    List<Passage> passages = new ArrayList<>();
    String title = "";
    String heading = "";
    StringBuilder section = new StringBuilder();
    boolean code = false;
    for (String line : text.lines().toList()) {
      code ^= line.startsWith("```");
      boolean isHeading = !code && line.matches("(#{1,6}|={1,6})\\s+\\S.*");
      if (isHeading) {
        add(passages, id, title, heading, section);
        heading = line.replaceFirst("^(#+|=+)\\s+", "").replaceFirst("\\s+#+$", "").strip();
        title = title.isEmpty() ? heading : title;
      } else if (title.isEmpty() && passages.isEmpty() && section.isEmpty() && isTitle(line)) {
        title = line.strip();
        heading = title;
      } else {
        section.append(line).append('\n');
      }
    }
    add(passages, id, title, heading, section);
    return passages;
  }

  /** A first line without a sentence's end. */
  private static boolean isTitle(String line) {
    return !line.isBlank() && line.length() < 100 && !line.strip().matches(".*[.!?:;,]$");
  }

  private static void add(
      List<Passage> passages, String id, String title, String heading, StringBuilder section) {
    List<String> part = new ArrayList<>();
    int words = 0;
    for (String sentence : Sentences.of(section.toString().replaceAll("\\s+", " "))) {
      int length = Sentences.words(sentence).size();
      if (words > 0 && words + length > MAX_WORDS) {
        add(passages, id, title, heading, part, words);
        part.clear();
        words = 0;
      }
      part.add(sentence);
      words += length;
    }
    add(passages, id, title, heading, part, words);
    section.setLength(0);
  }

  private static void add(
      List<Passage> passages,
      String id,
      String title,
      String heading,
      List<String> part,
      int words) {
    if (words >= MIN_WORDS) {
      String shown = heading.isEmpty() || heading.equals(title) ? title : title + ": " + heading;
      passages.add(
          Passage.of(id + "#" + passages.size(), shown, String.join(" ", part)).withDocumentId(id));
    }
  }

  /**
   * Queries made of the passages themselves: the title or heading above a passage, asking for it
   * without its title; its first sentence, asking for the rest.
   *
   * @see <a href="https://arxiv.org/abs/1906.00300">Lee, Chang and Toutanova 2019, section 4</a>
   */
  List<TrainingQuery> makeQueries() {
    List<TrainingQuery> queries = new ArrayList<>();
    String before = "";
    for (Passage passage : passages) {
      if (Sentences.words(passage.title()).size() >= 2 && !passage.title().equals(before)) {
        Passage untitled = Passage.of(passage.id(), passage.text());
        queries.add(new TrainingQuery(passage.id() + "/title", passage.title(), List.of(untitled)));
      }
      before = passage.title();
      List<String> sentences = Sentences.of(passage.text());
      if (sentences.size() > 1 && Sentences.words(sentences.get(0)).size() >= 4) {
        String rest = String.join(" ", sentences.subList(1, sentences.size()));
        if (Sentences.words(rest).size() >= MIN_WORDS) {
          Passage positive = Passage.of(passage.id(), passage.title(), rest);
          queries.add(
              new TrainingQuery(
                  passage.id() + "/first",
                  Sentences.first(sentences.get(0), 24),
                  List.of(positive)));
        }
      }
    }
    return queries;
  }

  /**
   * Queries of a file: lines of a query, a tab, and the path of the document that answers it, all
   * of whose passages count as answers, or one passage's id.
   *
   * @throws IOException naming the line that is wrong
   */
  List<TrainingQuery> readQueries(Path file) throws IOException {
    List<TrainingQuery> queries = new ArrayList<>();
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      String[] columns = line.split("\t", -1);
      if (columns.length != 2 || columns[0].isBlank()) {
        throw new IOException(
            file + ":" + number + ": expected a query, a tab and a document's path");
      }
      String wanted = columns[1].strip();
      List<Passage> positives =
          passages.stream()
              .filter(p -> p.id().equals(wanted) || p.documentId().equals(wanted))
              .toList();
      if (positives.isEmpty()) {
        throw new IOException(file + ":" + number + ": no such document: " + wanted);
      }
      queries.add(new TrainingQuery("line " + number, columns[0].strip(), positives));
    }
    if (queries.isEmpty()) {
      throw new IOException(file + " holds no query");
    }
    return queries;
  }
}
