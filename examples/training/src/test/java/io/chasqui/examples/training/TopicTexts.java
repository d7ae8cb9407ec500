package io.chasqui.examples.training;

import io.chasqui.Passage;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Texts of some topic each, between words that all have, and small models of their words. Queries
 * have some of their text's words, and their topic's word, which the text has as well.
 */
record TopicTexts(Path scratch, List<TrainingExample> pairs) {
  static final int PAIRS = 300;
  private static final int SAMPLES = 900;
  private static final int TOPICS = 20;

  static TopicTexts in(Path scratch) {
    return of(scratch, 4, PAIRS);
  }

  /** As many others of the same topics as a reranker's start needs to be fitted to. */
  TopicTexts samples() {
    return of(scratch, 5, SAMPLES);
  }

  private static TopicTexts of(Path scratch, long seed, int count) {
    Random random = new Random(seed);
    List<TrainingExample> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String topic = word(new Random(1_000 + i % TOPICS));
      String own = word(random) + " " + word(random);
      String text = "the " + own + " of the " + topic + " is not what it was and will never be";
      String query = "what is the " + own.split(" ", 0)[0] + " of " + topic;
      Passage passage = Passage.of("p" + i, "", text);
      pairs.add(new TrainingExample("q" + i, query, List.of(passage), List.of(), List.of()));
    }
    return new TopicTexts(scratch, pairs);
  }

  private static String word(Random random) {
    StringBuilder word = new StringBuilder();
    for (int syllable = 0; syllable < 3; syllable++) {
      word.append("bdfgklmnprstvz".charAt(random.nextInt(14)));
      word.append("aeiou".charAt(random.nextInt(5)));
    }
    return word.toString();
  }

  /** What its models are like: two groups of heads are spare. */
  static BaseShape shape(int layers) {
    return new BaseShape(layers, 256, 600, 2);
  }

  List<String> queries() {
    return pairs.stream().map(TrainingExample::query).toList();
  }

  List<Passage> passages() {
    return pairs.stream().map(pair -> pair.positives().get(0)).toList();
  }

  /** A model with its tokenizer: random weights, or the structured start. */
  Path model(String name, int layers, boolean structured) throws IOException {
    List<String> lines = new ArrayList<>(queries());
    passages().forEach(passage -> lines.add(passage.text()));
    Path corpus = Files.write(scratch.resolve("corpus.txt"), lines);
    BaseRecipe recipe = new BaseRecipe(shape(layers), 1, 5);
    Path tokenizer = Files.createDirectories(scratch.resolve(name + "-tokenizer"));
    recipe.tokenizer(corpus, tokenizer);
    Path model = Files.createDirectories(scratch.resolve(name));
    if (structured) {
      recipe.structure(tokenizer, TrainingData.of(pairs), model);
    } else {
      recipe.initialise(tokenizer, model);
    }
    return model;
  }
}
