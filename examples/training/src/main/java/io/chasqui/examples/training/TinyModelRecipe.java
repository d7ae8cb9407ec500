package io.chasqui.examples.training;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.Passage;
import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Presets;
import io.chasqui.checkpoint.RetrievalCard;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.RoleTemplate;
import io.chasqui.checkpoint.SafetensorsFile;
import io.chasqui.checkpoint.SafetensorsWriter;
import io.chasqui.checkpoint.TensorData;
import io.chasqui.checkpoint.TensorInfo;
import io.chasqui.djl.Evaluation;
import io.chasqui.djl.Objective;
import io.chasqui.djl.TrainerOptions;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import io.chasqui.djl.TrainingReport;
import io.chasqui.djl.TrainingTask;
import io.chasqui.djl.Tuning;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How the small model is made, stage by stage: sizes, rates and lengths in one place. A Llama of
 * four layers and 256 dimensions, vocabulary 8,000, tied embeddings: 6.1 million parameters.
 *
 * @param threads of the processor
 * @param seed of everything
 */
record TinyModelRecipe(int threads, long seed) {
  static final String RETRIEVER = "repllama";
  static final String RERANKER = "rankllama";

  /** Keeps adapters apart from those of other recipes: changes with any number of theirs here. */
  static final String ADAPTERS = "adapters 5";

  static final int RETRIEVER_STRANGERS = 4;
  static final int RERANKER_STRANGERS = 8;

  private static final BaseShape SHAPE = new BaseShape(4, 256, 8_000, 2);
  private static final Role.Truncation BRIEF = new Role.Truncation(24, 64);
  private static final int RETRIEVER_GROUPS = 24;
  private static final int RERANKER_GROUPS = 8;
  private static final int GROUP = 8;
  private static final String ADAPTER_WEIGHTS = "adapter_model.safetensors";
  private static final String ADAPTER_SETTINGS = "adapter_config.json";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int RERANKER_RANK = 128;
  private static final int SAMPLES = 2_000;

  /** What both adapters learn: a hybrid's order, which labels know less of. */
  private static final Objective TEACHER = Objective.Distillation.defaults();

  private static final int QUERY_TOKENS = 30;
  private static final int PASSAGE_TOKENS = 80;

  /** How the base is made. */
  BaseRecipe base() {
    return new BaseRecipe(SHAPE, threads, seed);
  }

  /**
   * A retriever that learns to order passages as a teacher does who knows words as well.
   *
   * @param base its directory
   * @param groups {@link BehindPassages}
   * @param heldOut likewise
   */
  TrainingReport retrieverAdapter(
      Path base,
      TrainingData<TrainingExample> groups,
      TrainingData<TrainingExample> heldOut,
      long updates,
      Path run)
      throws IOException {
    TrainingTask task =
        new TrainingTask(
            ModelBundle.read(base).withRole(BehindPassages.role(retriever())),
            RETRIEVER,
            TEACHER,
            lora(32));
    return base()
        .trainer(task, options(5e-4, updates, RETRIEVER_GROUPS))
        .train(groups, heldOut, run);
  }

  /**
   * An adapter from which a reranker starts: it orders as the retriever does.
   *
   * @param base its directory
   * @param retriever directory of the retriever's adapter
   * @param pairs what it reads samples from
   */
  void rerankerStart(Path base, Path retriever, TrainingData<TrainingExample> pairs, Path target)
      throws IOException {
    List<String> queries = new ArrayList<>();
    List<Passage> passages = new ArrayList<>();
    try (Stream<TrainingExample> examples = pairs.epoch(seed, 0)) {
      examples
          .limit(SAMPLES)
          .forEach(
              example -> {
                queries.add(example.query());
                passages.add(example.positives().get(0));
              });
    }
    ModelBundle model = ModelBundle.read(base).withRole(retriever(), retriever);
    Path work = Files.createDirectories(target.resolve("states"));
    RerankerStart.write(
        new InnerStates(model, retriever(), threads, work),
        SpareParts.of(model.config(), SHAPE),
        model.adapter(RETRIEVER).orElseThrow(),
        RERANKER_RANK,
        queries,
        passages,
        seed,
        Files.createDirectories(target.resolve("adapter")));
  }

  /** A reranker that learns the same; goes on with the adapter that its role has. */
  TrainingReport rerankerAdapter(
      ModelBundle model,
      TrainingData<TrainingExample> groups,
      TrainingData<TrainingExample> heldOut,
      long updates,
      Path run)
      throws IOException {
    Tuning.Lora lora = AdapterShape.of(model, RERANKER, lora(RERANKER_RANK));
    // Most of what a text is about stands at its beginning, and short texts are learnt faster.
    Role role = model.role(RERANKER).withTruncation(pairs(BRIEF));
    ModelBundle brief =
        model
            .adapterDirectory(RERANKER)
            .map(adapter -> model.withRole(role, adapter))
            .orElseGet(() -> model.withRole(role));
    TrainingTask task = new TrainingTask(brief, RERANKER, TEACHER, lora);
    return base()
        .trainer(task, options(1e-4, updates, RERANKER_GROUPS))
        .train(groups, heldOut, run);
  }

  /** The best by the held-out loss: the teacher's best of a few hundred groups is too rough. */
  private TrainerOptions options(double rate, long updates, int groups) {
    TrainerOptions options = base().options(rate, updates, groups, GROUP);
    return options.withEvaluation(options.evaluation().withCriterion(Evaluation.Criterion.LOSS));
  }

  /** The base with both adapters, in half precision as it is, and their card. */
  static void assemble(
      Path base, Role retrieving, Path retriever, Role reranking, Path reranker, Path target)
      throws IOException {
    copy(base, target);
    halve(retriever, target.resolve(RETRIEVER));
    halve(reranker, target.resolve(RERANKER));
    RetrievalCard.of(retrieving.withAdapter(RETRIEVER), reranking.withAdapter(RERANKER))
        .write(target.resolve(RetrievalCard.FILE));
  }

  /** Copies an adapter whose weights become float16, for the base that lies above it. */
  private static void halve(Path from, Path to) throws IOException {
    copy(from, to);
    SafetensorsFile weights = SafetensorsFile.read(from.resolve(ADAPTER_WEIGHTS));
    List<TensorData> halves = new ArrayList<>();
    for (Map.Entry<String, TensorInfo> tensor : weights.all().entrySet()) {
      String name = tensor.getKey();
      halves.add(TensorData.of(name, DType.F16, tensor.getValue().shape(), weights.floats(name)));
    }
    SafetensorsWriter.write(to.resolve(ADAPTER_WEIGHTS), halves);
    Path settings = to.resolve(ADAPTER_SETTINGS);
    ObjectNode config = (ObjectNode) JSON.readTree(settings.toFile());
    config.put("base_model_name_or_path", "..");
    Files.writeString(settings, config.toPrettyString() + "\n");
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  static Role retriever() {
    return Presets.named("repllama-v1-code")
        .withName(RETRIEVER)
        .withTruncation(new Role.Truncation(QUERY_TOKENS, PASSAGE_TOKENS));
  }

  /**
   * As {@link #retriever}, with texts cut shorter, as most are short and the base learns faster.
   */
  static Role brief() {
    return retriever().withTruncation(BRIEF);
  }

  /**
   * The passage's prompt and then the query's, both as the retriever has them, each with its EOS, a
   * BOS between them: what the retriever knows of the passage stands at the passage's EOS, and the
   * query's tokens can look for themselves in the passage, or at the BOS if they find nothing. Cut
   * as the retriever cuts.
   */
  static Role reranker() {
    Role card = Presets.named("rankllama-v1");
    Role.Tokens tokens = card.tokens();
    RoleTemplate.Single prompts = (RoleTemplate.Single) retriever().template();
    RoleTemplate.Part bos = new RoleTemplate.Part.Id(BaseShape.BOS);
    RoleTemplate.Part eos = new RoleTemplate.Part.Id(BaseShape.EOS);
    return card.withName(RERANKER)
        .withTokens(new Role.Tokens(Optional.empty(), List.of(), tokens.pad(), tokens.padSide()))
        .withTemplate(
            new RoleTemplate.Framed(
                List.of(),
                prompts.query(),
                List.of(eos, bos),
                prompts.passage(),
                prompts.passageWithoutTitle(),
                List.of(eos),
                true))
        .withTruncation(pairs(new Role.Truncation(QUERY_TOKENS, PASSAGE_TOKENS)));
  }

  /** Cuts a pair's texts where the retriever cuts them: what is between counts with the query. */
  private static Role.Truncation pairs(Role.Truncation single) {
    return new Role.Truncation(single.query() + 2, single.passage() - 1);
  }

  private static Tuning.Lora lora(int rank) {
    return Tuning.Lora.defaults().withRank(rank).withAlpha(2.0 * rank).withDropout(0);
  }
}
