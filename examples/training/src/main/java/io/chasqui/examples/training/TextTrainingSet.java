package io.chasqui.examples.training;

import io.chasqui.Document;
import io.chasqui.Passage;
import io.chasqui.djl.TrainingFiles;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.mining.TrainingQuery;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Training data for a base of any texts: passages of whole sentences, and pairs of a sentence and
 * the passage that it was taken from (inverse cloze).
 *
 * @see <a href="https://arxiv.org/abs/1906.00300">Lee, Chang and Toutanova 2019, section 4</a>
 */
final class TextTrainingSet {
  /** Passages, one JSON object per line, as BEIR has them. */
  static final String CORPUS = "corpus.jsonl";

  /** Sentences with the rest of their passage, shuffled, as Tevatron has them. */
  static final String TRAIN = "train.jsonl";

  /** Pairs of passages that are not in {@link #TRAIN}. */
  static final String DEV = "dev.jsonl";

  private static final int PASSAGE_WORDS = 100;
  private static final int FEWEST_SENTENCES = 3;
  private static final int MIN_QUERY_WORDS = 5;
  private static final int MAX_QUERY_WORDS = 25;

  /** In one pair of ten the sentence stays in its passage, so that equal words count too. */
  private static final int STAYS = 10;

  /** One passage in so many is for measuring. */
  private static final int DEV_SHARE = 100;

  /**
   * What a run made.
   *
   * @param passages in the corpus
   * @param train pairs
   * @param dev pairs
   */
  record Summary(int passages, int train, int dev) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%,d passages, %,d training pairs, %,d held-out pairs",
          passages,
          train,
          dev);
    }
  }

  private final long seed;

  /**
   * @param seed of the pairs and their order
   */
  TextTrainingSet(long seed) {
    this.seed = seed;
  }

  /**
   * Reads texts and writes {@link #CORPUS}, {@link #TRAIN} and {@link #DEV}.
   *
   * @param files each as {@link TrainingFiles#texts} reads it
   * @throws IOException if they hold nothing that a pair could be made of
   */
  Summary write(List<Path> files, Path target) throws IOException {
    List<Document> corpus = new ArrayList<>();
    for (Path file : files) {
      String name = String.valueOf(file.getFileName()).replaceFirst("\\..*", "");
      // In the order of the seed, which alone decides: the same files give the same passages.
      try (Stream<String> texts = TrainingFiles.texts(file).epoch(seed, 0)) {
        texts.forEach(text -> addPassages(name, text, corpus));
      }
    }
    List<TrainingQuery> train = new ArrayList<>();
    List<TrainingQuery> dev = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(seed);
    for (Document passage : corpus) {
      boolean measured = Math.floorMod(passage.id().hashCode(), DEV_SHARE) == 0;
      addPair(passage, random.split(), measured ? dev : train);
    }
    if (train.isEmpty() || dev.isEmpty()) {
      throw new IOException(
          files
              + " are too short: %d passages gave %d pairs to train on and %d to measure on"
                  .formatted(corpus.size(), train.size(), dev.size()));
    }
    Collections.shuffle(train, new Random(seed));
    BeirFolder.writeCorpus(target.resolve(CORPUS), corpus.iterator());
    TrainingSteps.writeQueries(target.resolve(TRAIN), train);
    TrainingSteps.writeQueries(target.resolve(DEV), dev);
    return new Summary(corpus.size(), train.size(), dev.size());
  }

  private static void addPassages(String name, String text, List<Document> corpus) {
    StringBuilder passage = new StringBuilder();
    int words = 0;
    for (String sentence : Sentences.of(text)) {
      String plain = String.join(" ", Sentences.words(sentence));
      int more = Sentences.words(plain).size();
      if (words > 0 && words + more > PASSAGE_WORDS) {
        corpus.add(Document.of(name + "-" + corpus.size(), "", passage.toString().strip()));
        passage.setLength(0);
        words = 0;
      }
      passage.append(plain).append(' ');
      words += more;
    }
    if (words > 0) {
      corpus.add(Document.of(name + "-" + corpus.size(), "", passage.toString().strip()));
    }
  }

  private static void addPair(Document passage, SplittableRandom random, List<TrainingQuery> to) {
    List<String> sentences = new ArrayList<>(Sentences.of(passage.text()));
    if (sentences.size() < FEWEST_SENTENCES) {
      return;
    }
    int chosen = random.nextInt(sentences.size());
    String query = sentences.get(chosen);
    int words = Sentences.words(query).size();
    if (words < MIN_QUERY_WORDS || words > MAX_QUERY_WORDS) {
      return;
    }
    if (random.nextInt(STAYS) > 0) {
      sentences.remove(chosen);
    }
    Passage positive = Passage.of(passage.id(), String.join(" ", sentences));
    to.add(new TrainingQuery(passage.id() + "/sentence", query, List.of(positive)));
  }
}
