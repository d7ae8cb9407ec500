package io.chasqui.examples.training;

import io.chasqui.Device;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.Retriever;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import io.chasqui.djl.TrainingFiles;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.mining.MiningOptions;
import io.chasqui.evaluation.mining.TrainingQuery;
import io.chasqui.index.PassageIndex;
import io.chasqui.lucene.Analysis;
import io.chasqui.lucene.LuceneRetriever;
import io.chasqui.onnx.OnnxBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What BM25 and a dense retriever find for the queries of a {@link JavadocTrainingSet}, with what
 * both together think of it: the groups that adapters learn from.
 *
 * @param data folder of the training set
 * @param directory of the groups
 * @param seed of the choice of queries
 */
record HybridCandidates(Path data, Path directory, long seed) {
  private static final String TRAINING = "mined.jsonl";
  private static final String HELD_OUT = "held-out.jsonl";
  private static final int HELD_OUT_QUERIES = 300;
  private static final int NEGATIVES = 15;

  /** Kinds of queries that ask as people do; others are names, or parts of signatures. */
  private static final Set<String> KINDS = Set.of("question", "first", "keywords", "inner");

  /**
   * Mines and asks the teacher; goes on where an earlier run stopped.
   *
   * @param searching a model whose {@link TinyModelRecipe#RETRIEVER} searches
   * @param passages of the pool: all, or as many drawn at random
   * @param queries at most
   */
  void write(ModelBundle searching, int threads, long passages, long queries) throws IOException {
    List<Passage> pool = new ArrayList<>(TrainingSteps.passages(BeirFolder.open(data)));
    Collections.shuffle(pool, new Random(seed));
    pool = pool.subList(0, (int) Math.min(passages, pool.size()));
    Set<String> ids = pool.stream().map(Passage::id).collect(Collectors.toSet());
    try (ModelSession session = OnnxBackend.load(searching, Device.cpu(threads))) {
      Encoder encoder = session.encoder(TinyModelRecipe.RETRIEVER);
      try (PassageIndex index =
              TrainingSteps.vectors(
                  directory.resolve("vectors"), encoder, pool.iterator(), pool.size());
          LuceneRetriever words =
              TrainingSteps.words(
                  directory.resolve("words"), Analysis.code(), pool.iterator(), pool.size())) {
        Retriever dense = Retriever.of(encoder, index);
        Map<String, Retriever> sources = new LinkedHashMap<>();
        sources.put("bm25", words);
        sources.put("dense", dense);
        HybridTeacher teacher = new HybridTeacher(words, dense);
        for (String name : List.of(HELD_OUT, TRAINING)) {
          boolean training = name.equals(TRAINING);
          String file = training ? JavadocTrainingSet.TRAIN : JavadocTrainingSet.DEV;
          List<TrainingQuery> wanted =
              TrainingSteps.queries(
                      TrainingFiles.tevatron(data.resolve(file)), seed, Long.MAX_VALUE)
                  .stream()
                  .filter(query -> ids.contains(query.positives().get(0).id()))
                  .filter(query -> KINDS.contains(kind(query.id())))
                  .limit(training ? queries : HELD_OUT_QUERIES)
                  .toList();
          MiningOptions options =
              MiningOptions.defaults().withRanks(1, 100).withNegatives(NEGATIVES);
          TrainingSteps.mine(sources, wanted, options, directory.resolve(name));
          teacher.write(TrainingFiles.tevatron(directory.resolve(name)), teacherFile(name));
        }
      }
    }
  }

  private static String kind(String id) {
    return id.substring(id.lastIndexOf('/') + 1);
  }

  private Path teacherFile(String name) {
    return directory.resolve(name + ".trec");
  }

  /**
   * Groups to train on.
   *
   * @param strangers passages drawn at random that each group gets besides: what a reranker learns
   *     to compare by before it can tell hard candidates apart
   */
  TrainingData<TrainingExample> training(int strangers) throws IOException {
    return groups(TRAINING, strangers);
  }

  /** Groups of members that no training query was made of. */
  TrainingData<TrainingExample> heldOut(int strangers) throws IOException {
    return groups(HELD_OUT, strangers);
  }

  private TrainingData<TrainingExample> groups(String name, int strangers) throws IOException {
    return BareTitles.of(
        TeacherGroups.of(
            TrainingFiles.withTeacher(
                TrainingFiles.tevatron(directory.resolve(name)), teacherFile(name)),
            TrainingSteps.passages(BeirFolder.open(data)),
            strangers));
  }
}
