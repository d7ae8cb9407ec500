package io.chasqui.examples.training;

import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.evaluation.Qrels;
import io.chasqui.evaluation.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The stages of the paper in miniature and what each depends on. Confined to one thread. */
final class PaperExperiment {
  private static final String LORA = "RepLLaMA-LoRA";
  private static final String FULL = "RepLLaMA-full";
  private static final String IN_BATCH = "RepLLaMA-in-batch";
  private static final String DENSE_NEGATIVES = "RepLLaMA-dense-negatives";
  private static final String HYBRID = "RRF";
  private static final String RERANKED = LORA + "+RankLLaMA";

  /** The positive and one hard negative. */
  private static final int WITH_NEGATIVE = 2;

  private final PaperPlan plan;
  private final Stages stages;
  private final PaperModels models;

  /**
   * What came of one collection.
   *
   * @param name of the collection
   * @param title of its table
   * @param runs its queries and judgements
   * @param table stages with runs, RepLLaMA with LoRA first: what the others are tested against
   * @param curve by passage length; empty for other collections
   */
  record Outcome(
      String name,
      String title,
      PaperRuns runs,
      List<Stages.Done> table,
      Map<Integer, Stages.Done> curve) {}

  /** The trained models. */
  private record Trained(
      Stages.Done lora,
      Stages.Done full,
      Stages.Done inBatch,
      Stages.Done denseNegatives,
      Stages.Done reranker) {}

  PaperExperiment(PaperPlan plan, Stages stages) {
    this.plan = plan;
    this.stages = stages;
    this.models = new PaperModels(plan);
  }

  /** Runs what is not done yet. */
  List<Outcome> run() throws IOException {
    PaperRuns home = new PaperRuns(plan, plan.collection());
    String data = Stages.sha256(plan.collection());
    Trained trained = train(home, data);
    List<Outcome> outcomes = new ArrayList<>();
    String name = PaperPlan.name(plan.collection());
    List<Stages.Done> table = new ArrayList<>(measure(home, data, trained));
    table.add(retrieve(home, data, IN_BATCH, trained.inBatch(), false, plan.length()));
    table.add(
        retrieve(home, data, DENSE_NEGATIVES, trained.denseNegatives(), false, plan.length()));
    Map<Integer, Stages.Done> curve = new LinkedHashMap<>();
    for (int length : plan.lengths()) {
      curve.put(length, retrieve(home, data, LORA, trained.lora(), false, length));
    }
    outcomes.add(new Outcome(name, name + ", trained on", home, table, curve));
    for (Path other : plan.others()) {
      PaperRuns runs = new PaperRuns(plan, other);
      String title = PaperPlan.name(other) + ", zero-shot";
      outcomes.add(
          new Outcome(
              PaperPlan.name(other),
              title,
              runs,
              measure(runs, Stages.sha256(other), trained),
              Map.of()));
    }
    return outcomes;
  }

  /**
   * Asks what a collection's runs can answer.
   *
   * @param runs by name; some collections lack some
   */
  static void ask(PaperQuestions questions, String collection, Qrels qrels, Map<String, Run> runs) {
    List<List<String>> all =
        List.of(
            List.of("Does RankLLaMA improve on RepLLaMA?", LORA, RERANKED),
            List.of("Is LoRA better than full fine-tuning?", FULL, LORA),
            List.of("Is the hybrid above RepLLaMA?", LORA, HYBRID),
            List.of("Is the hybrid above BM25?", PaperRuns.BM25, HYBRID),
            List.of("Do BM25's negatives help?", IN_BATCH, LORA),
            List.of("Are RepLLaMA's own negatives better?", LORA, DENSE_NEGATIVES));
    for (List<String> question : all) {
      Run without = runs.get(question.get(1));
      Run with = runs.get(question.get(2));
      if (without != null && with != null) {
        questions.ask(question.get(0), collection, qrels, without, with);
      }
    }
  }

  private Trained train(PaperRuns home, String data) throws IOException {
    String settings =
        "base %s, %d updates, %d tokens, seed %d"
            .formatted(
                ModelBundle.read(plan.model()).weightsFingerprint(),
                plan.updates(),
                plan.length(),
                plan.seed());
    String mining = data + ", " + plan.trainSplit() + ", seed " + plan.seed();
    Stages.Done words = stages.run("negatives-bm25", List.of(mining), home::mineBm25);
    Path mined = words.file(PaperRuns.MINED);
    List<String> inputs = List.of(words.key(), settings);
    Stages.Done lora =
        stages.run(
            "repllama-lora",
            inputs,
            dir -> models.trainRetriever(mined, false, WITH_NEGATIVE, dir));
    Stages.Done full =
        stages.run(
            "repllama-full", inputs, dir -> models.trainRetriever(mined, true, WITH_NEGATIVE, dir));
    Stages.Done inBatch =
        stages.run("repllama-in-batch", inputs, dir -> models.trainRetriever(mined, false, 1, dir));
    Stages.Done dense =
        stages.run(
            "negatives-dense",
            List.of(mining, lora.key()),
            dir ->
                home.mineDense(
                    models.retriever(lora, false, plan.length()),
                    vectors(home, data, lora, false, plan.length()),
                    dir));
    Path candidates = dense.file(PaperRuns.MINED);
    Stages.Done denseNegatives =
        stages.run(
            "repllama-dense",
            List.of(dense.key(), settings),
            dir -> models.trainRetriever(candidates, false, WITH_NEGATIVE, dir));
    Stages.Done reranker =
        stages.run(
            "rankllama",
            List.of(dense.key(), settings),
            dir -> models.trainReranker(candidates, dir));
    return new Trained(lora, full, inBatch, denseNegatives, reranker);
  }

  /** The runs that every collection has. */
  private List<Stages.Done> measure(PaperRuns runs, String data, Trained trained)
      throws IOException {
    int length = plan.length();
    List<Stages.Done> table = new ArrayList<>();
    table.add(retrieve(runs, data, LORA, trained.lora(), false, length));
    table.add(stages.run("run-bm25", search(data), runs::bm25));
    table.add(retrieve(runs, data, FULL, trained.full(), true, length));
    table.add(
        stages.run(
            "run-rrf",
            search(data, trained.lora().key()),
            dir ->
                runs.hybrid(
                    HYBRID,
                    models.retriever(trained.lora(), false, length),
                    vectors(runs, data, trained.lora(), false, length),
                    dir)));
    table.add(
        stages.run(
            "run-rankllama",
            search(data, trained.lora().key(), trained.reranker().key(), "" + plan.rerankDepth()),
            dir ->
                runs.rerank(
                    RERANKED,
                    models.both(trained.lora(), trained.reranker()),
                    vectors(runs, data, trained.lora(), false, length),
                    dir)));
    return table;
  }

  private Stages.Done retrieve(
      PaperRuns runs, String data, String name, Stages.Done trained, boolean full, int length)
      throws IOException {
    return stages.run(
        "run-retriever",
        search(data, trained.key(), name, length + " tokens"),
        dir ->
            runs.retrieve(
                name,
                models.retriever(trained, full, length),
                vectors(runs, data, trained, full, length),
                dir));
  }

  /** Where a retriever's vectors of a collection are; encodes unless they are there. */
  private Path vectors(PaperRuns runs, String data, Stages.Done trained, boolean full, int length)
      throws IOException {
    return stages
        .run(
            "vectors",
            List.of(data, trained.key(), length + " tokens"),
            dir -> runs.encode(models.retriever(trained, full, length), dir))
        .directory();
  }

  private List<String> search(String... more) {
    List<String> inputs = new ArrayList<>(List.of(more));
    inputs.add(plan.split() + ", depth " + plan.depth() + ", queries " + plan.maxQueries());
    return inputs;
  }
}
