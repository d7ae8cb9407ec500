package io.chasqui.examples;

import io.chasqui.Document;
import io.chasqui.Encoder;
import io.chasqui.Passage;
import io.chasqui.index.IndexOptions;
import io.chasqui.index.PassageIndex;
import io.chasqui.lucene.Analysis;
import io.chasqui.lucene.LuceneOptions;
import io.chasqui.lucene.LuceneRetriever;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;

/**
 * The quickstart's two indexes, vectors and words: opened if they are there, made of a sources jar
 * if they are not. A handle.
 *
 * <p>The vectors' index knows the model that made them and the jar that its texts come from; those
 * of another model or another jar are refused, not mixed.
 */
final class QuickstartIndex implements AutoCloseable {
  private static final String CORPUS = "corpus";
  private static final int BATCH = 64;

  private final PassageIndex vectors;
  private final LuceneRetriever words;
  private final PrintWriter out;

  private QuickstartIndex(PassageIndex vectors, LuceneRetriever words, PrintWriter out) {
    this.vectors = vectors;
    this.words = words;
    this.out = out;
  }

  /**
   * Opens the indexes or makes them.
   *
   * @param directory of the vectors; the words lie in {@code words} below it
   * @throws io.chasqui.SpaceMismatchException if the directory holds the index of another model
   * @throws IOException if it holds one of another corpus, or reading or writing fails
   */
  static QuickstartIndex open(Path directory, Path sourcesJar, Encoder encoder, PrintWriter out)
      throws IOException {
    String corpus = sourcesJar.getFileName().toString();
    long start = System.nanoTime();
    IndexOptions options = IndexOptions.defaults().withUserMetadata(Map.of(CORPUS, corpus));
    PassageIndex vectors = PassageIndex.openOrCreate(directory, encoder.space(), options);
    boolean ready = false;
    try {
      String found = vectors.options().userMetadata().getOrDefault(CORPUS, "something else");
      if (!found.equals(corpus)) {
        throw new IOException(
            directory + " is an index of " + found + ", not of " + corpus + ": choose another");
      }
      LuceneRetriever words =
          LuceneRetriever.openOrCreate(
              directory.resolve("words"), LuceneOptions.defaults().withAnalysis(Analysis.code()));
      QuickstartIndex index = new QuickstartIndex(vectors, words, out);
      try {
        index.fill(sourcesJar, encoder, start);
        ready = true;
        return index;
      } finally {
        if (!ready) {
          words.close();
        }
      }
    } finally {
      if (!ready) {
        vectors.close();
      }
    }
  }

  /** Passages by nearness of their vectors. */
  PassageIndex vectors() {
    return vectors;
  }

  /** Passages by their words. */
  LuceneRetriever words() {
    return words;
  }

  // One commit at the end of each: a run that is killed leaves it empty, and the next one fills it.
  private void fill(Path sourcesJar, Encoder encoder, long opening) throws IOException {
    if (vectors.size() > 0 && words.size() > 0) {
      say(
          "index",
          "%,d passages in %s, opened in %s",
          vectors.size(),
          vectors.directory(),
          since(opening));
      return;
    }
    long start = System.nanoTime();
    List<Passage> passages =
        JavadocCorpus.read(sourcesJar).stream().map(Document::asPassage).toList();
    say(
        "corpus",
        "Javadoc of %,d types and members, read out of%n           %s in %s",
        passages.size(),
        sourcesJar.getFileName(),
        since(start));
    start = System.nanoTime();
    if (words.size() == 0) {
      words.add(passages);
      words.commit();
    }
    if (vectors.size() == 0) {
      encode(passages, encoder);
    }
    say("index", "made in %s, kept in %s", since(start), vectors.directory());
  }

  private void encode(List<Passage> passages, Encoder encoder) throws IOException {
    try (ProgressBar bar = Terminal.progressBar("  encoding", passages.size()).build()) {
      for (int from = 0; from < passages.size(); from += BATCH) {
        List<Passage> batch = passages.subList(from, Math.min(from + BATCH, passages.size()));
        vectors.add(batch, encoder);
        bar.stepBy(batch.size());
      }
    }
    vectors.commit();
  }

  private void say(String what, String format, Object... arguments) {
    out.printf("  %-9s%s%n", what, String.format(Locale.ROOT, format, arguments));
    out.flush();
  }

  private static String since(long start) {
    return Terminal.time(Duration.ofNanos(System.nanoTime() - start));
  }

  @Override
  public void close() throws IOException {
    try {
      vectors.close();
    } finally {
      words.close();
    }
  }
}
