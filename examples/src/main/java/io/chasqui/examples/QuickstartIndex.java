package io.chasqui.examples;

import io.chasqui.Document;
import io.chasqui.Encoder;
import io.chasqui.Passage;
import io.chasqui.SpaceMismatchException;
import io.chasqui.index.IndexOptions;
import io.chasqui.index.PassageIndex;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;

/**
 * The quickstart's index: opened if it is there, made of a sources jar if it is not.
 *
 * <p>An index knows the model that made its vectors and the jar that its texts come from; those of
 * another model or another jar are refused, not mixed.
 */
final class QuickstartIndex {
  private static final String CORPUS = "corpus";
  private static final int BATCH = 64;

  private final Path directory;
  private final Encoder encoder;
  private final PrintWriter out;

  QuickstartIndex(Path directory, Encoder encoder, PrintWriter out) {
    this.directory = directory;
    this.encoder = encoder;
    this.out = out;
  }

  /**
   * Opens the index or makes it; the caller closes it.
   *
   * @throws SpaceMismatchException if the directory holds the index of another model
   * @throws IOException if it holds one of another corpus, or reading or writing fails
   */
  PassageIndex open(Path sourcesJar) throws IOException {
    String corpus = sourcesJar.getFileName().toString();
    long start = System.nanoTime();
    PassageIndex index =
        PassageIndex.openOrCreate(
            directory,
            encoder.space(),
            IndexOptions.defaults().withUserMetadata(Map.of(CORPUS, corpus)));
    boolean ready = false;
    try {
      String found = index.options().userMetadata().getOrDefault(CORPUS, "something else");
      if (!found.equals(corpus)) {
        throw new IOException(
            directory + " is an index of " + found + ", not of " + corpus + ": choose another");
      }
      if (index.size() > 0) {
        say("index", "%,d passages in %s, opened in %s", index.size(), directory, since(start));
      } else {
        fill(index, sourcesJar);
      }
      ready = true;
      return index;
    } finally {
      if (!ready) {
        index.close();
      }
    }
  }

  // One commit at the end: a run that is killed leaves an empty index, and the next one fills it.
  private void fill(PassageIndex index, Path sourcesJar) throws IOException {
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
    try (ProgressBar bar = Terminal.progressBar("  encoding", passages.size()).build()) {
      for (int from = 0; from < passages.size(); from += BATCH) {
        List<Passage> batch = passages.subList(from, Math.min(from + BATCH, passages.size()));
        index.add(batch, encoder);
        bar.stepBy(batch.size());
      }
    }
    index.commit();
    say("index", "made in %s, kept in %s", since(start), directory);
  }

  private void say(String what, String format, Object... arguments) {
    out.printf("  %-9s%s%n", what, String.format(Locale.ROOT, format, arguments));
    out.flush();
  }

  private static String since(long start) {
    return Terminal.time(Duration.ofNanos(System.nanoTime() - start));
  }
}
