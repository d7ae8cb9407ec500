package io.chasqui.examples.training;

import io.chasqui.Document;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.Qrels;
import io.chasqui.evaluation.Query;
import io.chasqui.evaluation.mining.TrainingQuery;
import io.chasqui.examples.JavadocCorpus;
import io.chasqui.examples.JavadocMember;
import io.chasqui.examples.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;

/**
 * Training data for a model that knows Javadoc: passages of libraries' sources jars, and queries
 * made of them. One library is held out: its passages, and near-copies of them in other libraries,
 * do not get in.
 */
final class JavadocTrainingSet {
  /** Passages, one JSON object per line, as BEIR has them. */
  static final String CORPUS = "corpus.jsonl";

  /** Queries with a positive, shuffled, as Tevatron has them. */
  static final String TRAIN = "train.jsonl";

  /** Queries of members that are not in {@link #TRAIN}. */
  static final String DEV = "dev.jsonl";

  /** Texts that begin with as many equal words are the same text. */
  private static final int SAME_WORDS = 40;

  /** One member in so many is for measuring. */
  private static final int DEV_SHARE = 100;

  /**
   * What a run made.
   *
   * @param passages in the corpus
   * @param copies left out because they repeat the held-out library
   * @param repeated left out because an earlier passage begins alike
   * @param train queries
   * @param dev queries
   */
  record Summary(int passages, int copies, int repeated, int train, int dev) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%,d passages (%,d repetitions and %,d near-copies of the held-out library left out),"
              + " %,d training queries, %,d held-out queries",
          passages,
          repeated,
          copies,
          train,
          dev);
    }
  }

  private final String heldOut;
  private final long seed;

  /**
   * @param heldOut file name of the jar that must not get in, without version: "guava"
   * @param seed of the queries and their order
   */
  JavadocTrainingSet(String heldOut, long seed) {
    this.heldOut = heldOut;
    this.seed = seed;
  }

  /**
   * Reads all sources jars of a folder and writes {@link #CORPUS}, {@link #TRAIN} and {@link #DEV},
   * the latter also as the split "dev" of a BEIR folder.
   *
   * @param warnings told of source files that can't be parsed
   * @throws IOException if the folder has no jar, or not the held-out one
   */
  Summary write(Path jars, Path target, Consumer<String> warnings) throws IOException {
    List<Path> all = jars(jars);
    List<Path> held = all.stream().filter(this::isHeldOut).toList();
    if (held.isEmpty()) {
      throw new IOException(
          jars + " holds no sources jar of " + heldOut + ", which must be known to be kept out");
    }
    NearCopies copies = new NearCopies();
    for (Path jar : held) {
      JavadocCorpus.members(jar, warnings).forEach(m -> copies.forbid(m.document().text()));
    }
    List<Document> corpus = new ArrayList<>();
    List<TrainingQuery> train = new ArrayList<>();
    List<TrainingQuery> dev = new ArrayList<>();
    JavadocQueries queries = new JavadocQueries(seed);
    Set<String> beginnings = new HashSet<>();
    int repeated = 0;
    int copied = 0;
    List<Path> wanted = all.stream().filter(jar -> !isHeldOut(jar)).toList();
    try (ProgressBar bar = Terminal.progressBar("reading", wanted.size()).build()) {
      for (Path jar : wanted) {
        String library = library(jar);
        for (JavadocMember found : JavadocCorpus.members(jar, warnings)) {
          JavadocMember member = named(found, library);
          String text = member.document().text();
          if (copies.isCopy(text)) {
            copied++;
          } else if (!beginnings.add(Sentences.first(text, SAME_WORDS))) {
            repeated++;
          } else {
            corpus.add(member.document());
            boolean measured = Math.floorMod(member.document().id().hashCode(), DEV_SHARE) == 0;
            (measured ? dev : train).addAll(queries.of(member));
          }
        }
        bar.step();
      }
    }
    Collections.shuffle(train, new Random(seed));
    BeirFolder.writeCorpus(target.resolve(CORPUS), corpus.iterator());
    TrainingSteps.writeQueries(target.resolve(TRAIN), train);
    TrainingSteps.writeQueries(target.resolve(DEV), dev);
    writeSplit(target, dev);
    return new Summary(corpus.size(), copied, repeated, train.size(), dev.size());
  }

  /** The queries for measuring as a split of a BEIR folder, whose corpus is the whole one. */
  private static void writeSplit(Path target, List<TrainingQuery> dev) throws IOException {
    Qrels.Builder qrels = Qrels.builder();
    dev.forEach(query -> qrels.add(query.id(), query.positives().get(0).id(), 1));
    BeirFolder.writeQueries(
        target.resolve("queries.jsonl"),
        dev.stream().map(query -> Query.of(query.id(), query.text())).iterator());
    Files.createDirectories(target.resolve("qrels"));
    BeirFolder.writeQrels(target.resolve("qrels").resolve("dev.tsv"), qrels.build());
  }

  /** The sources jars of a folder, by name. */
  static List<Path> jars(Path folder) throws IOException {
    List<Path> jars;
    try (Stream<Path> files = Files.list(folder)) {
      jars = files.filter(f -> f.toString().endsWith("-sources.jar")).sorted().toList();
    }
    if (jars.isEmpty()) {
      throw new IOException(
          folder
              + " holds no *-sources.jar; mvn -Pjavadoc-jars -pl examples/training -am"
              + " process-sources puts them into examples/training/target/javadoc-jars");
    }
    return jars;
  }

  private boolean isHeldOut(Path jar) {
    return library(jar).equals(heldOut);
  }

  /** "commons-lang3" of commons-lang3-3.17.0-sources.jar. */
  private static String library(Path jar) {
    return String.valueOf(jar.getFileName()).replaceFirst("-\\d.*$", "");
  }

  private static JavadocMember named(JavadocMember member, String library) {
    Document found = member.document();
    Document document =
        Document.of(library + ":" + found.id(), found.title(), found.text())
            .withMetadata(found.metadata());
    return new JavadocMember(document, member.javadoc());
  }
}
