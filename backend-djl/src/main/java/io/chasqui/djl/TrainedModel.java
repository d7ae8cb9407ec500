package io.chasqui.djl;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.chasqui.TrainingException;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.ScoreHead;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A base in memory with what training changes of it. Confined to one thread. */
final class TrainedModel {
  /** Deviation of new score heads: Hugging Face's {@code initializer_range}. */
  private static final double HEAD_DEVIATION = 0.02;

  private final TrainingTask task;
  private final Decoder decoder;
  private final Weights weights;
  private final Adapter adapter;
  private final @Nullable PtNDArray head; // [1, hidden]
  private final List<Parameter> parameters = new ArrayList<>();

  private TrainedModel(
      TrainingTask task,
      Decoder decoder,
      Weights weights,
      Adapter adapter,
      @Nullable PtNDArray head) {
    this.task = task;
    this.decoder = decoder;
    this.weights = weights;
    this.adapter = adapter;
    this.head = head;
    parameters.addAll(
        task.tuning() instanceof Tuning.Full ? weights.train() : adapter.parameters());
    for (Parameter parameter : adapter.parameters()) {
      JniUtils.attachGradient(parameter.value(), true);
    }
    if (head != null && trainsHead(task)) {
      JniUtils.attachGradient(head, true);
      parameters.add(new Parameter(TrainingTask.HEAD, head));
    }
  }

  /**
   * Reads the base and makes, or goes on with, what is trained.
   *
   * @param seed of new matrices and heads
   * @throws TrainingException if the tuning does not fit the base or the adapter it goes on with
   */
  static TrainedModel load(Scope scope, TrainingTask task, long seed) throws IOException {
    ModelBundle base = task.base();
    ModelConfig config = base.config();
    boolean language = task.objective() instanceof Objective.LanguageModel;
    boolean untiedHead = language && !config.tiedEmbeddings();
    if (untiedHead && base.layout().lmHead().isEmpty()) {
      throw new TrainingException(base.directory() + " has no LM head to predict tokens with");
    }
    Weights weights = Weights.read(scope, base.weights(), base.layout(), untiedHead);
    Optional<LoraAdapter> before = language ? Optional.empty() : base.adapter(task.role());
    Adapter adapter = Adapter.none();
    if (task.tuning() instanceof Tuning.Lora lora) {
      adapter =
          before.isPresent()
              ? resumed(scope, lora, before.get())
              : fresh(scope, lora, weights, seed);
    } else if (before.isPresent()) {
      throw new TrainingException(
          "role " + task.role() + " has an adapter: full fine-tuning starts from a base without");
    }
    boolean causal =
        task.convention()
            .map(role -> role.attention() == Role.Attention.CAUSAL)
            .orElse(config.attention().causal());
    if (language && !causal) {
      throw new TrainingException("a model that sees the next token can't learn to predict it");
    }
    Decoder decoder = new Decoder(scope, config, weights, adapter, causal);
    PtNDArray head = task.isScorer() ? head(scope, task, before, seed) : null;
    return new TrainedModel(task, decoder, weights, adapter, head);
  }

  private static Adapter fresh(Scope scope, Tuning.Lora lora, Weights weights, long seed) {
    Map<String, Adapter.Update> updates = new LinkedHashMap<>();
    weights
        .linears(lora.targets())
        .forEach(
            (module, weight) -> {
              int out = Math.toIntExact(weight.getShape().get(0));
              int in = Math.toIntExact(weight.getShape().get(1));
              // PEFT's kaiming_uniform(a = √5) is uniform within 1/√in; B starts at zero.
              float[] a = new float[lora.rank() * in];
              SplittableRandom random = random(seed, module);
              double bound = 1 / Math.sqrt(in);
              for (int i = 0; i < a.length; i++) {
                a[i] = (float) random.nextDouble(-bound, bound);
              }
              PtNDArray b = scope.zeros(new ai.djl.ndarray.types.Shape(out, lora.rank()));
              updates.put(
                  module, new Adapter.Update(scope.floats(a, lora.rank(), in), b, lora.scale()));
            });
    return new Adapter(updates);
  }

  private static Adapter resumed(Scope scope, Tuning.Lora lora, LoraAdapter before) {
    Map<String, Adapter.Update> updates = new LinkedHashMap<>();
    before
        .modules()
        .forEach(
            (module, update) -> {
              String target = module.substring(module.lastIndexOf('.') + 1);
              if (update.rank() != lora.rank()
                  || Math.abs(update.scale() - lora.scale()) > 1e-9 * lora.scale()
                  || !lora.targets().contains(target)) {
                throw new TrainingException(
                    "the role's adapter has rank %d and scale %s on %s, the tuning %s"
                        .formatted(update.rank(), update.scale(), module, lora));
              }
              updates.put(
                  module,
                  new Adapter.Update(
                      scope.floats(array(update.a()), update.rank(), update.in()),
                      scope.floats(array(update.b()), update.out(), update.rank()),
                      lora.scale()));
            });
    return new Adapter(updates);
  }

  private static float[] array(FloatBuffer values) {
    float[] array = new float[values.remaining()];
    values.get(array);
    return array;
  }

  private static boolean trainsHead(TrainingTask task) {
    return task.convention().flatMap(Role::head).orElseThrow() instanceof ScoreHead.Linear;
  }

  private static PtNDArray head(
      Scope scope, TrainingTask task, Optional<LoraAdapter> before, long seed) throws IOException {
    int width = task.base().config().hiddenSize();
    boolean stored =
        task.base().layout().scoreHead().isPresent()
            || before.map(adapter -> adapter.saved().containsKey(TrainingTask.HEAD)).orElse(false);
    if (stored || !trainsHead(task)) {
      return scope.floats(task.base().headRow(task.role()), 1, width);
    }
    SplittableRandom random = random(seed, TrainingTask.HEAD);
    float[] row = new float[width];
    for (int i = 0; i < width; i++) {
      row[i] = (float) (random.nextGaussian() * HEAD_DEVIATION);
    }
    return scope.floats(row, 1, width);
  }

  private static SplittableRandom random(long seed, String name) {
    return new SplittableRandom(Seeds.mix(seed, name.hashCode()));
  }

  Decoder decoder() {
    return decoder;
  }

  /** All that training changes, in a fixed order. */
  List<Parameter> parameters() {
    return parameters;
  }

  Adapter adapter() {
    return adapter;
  }

  TrainingTask task() {
    return task;
  }

  /** The score head, [1, hidden]. */
  PtNDArray head() {
    return Objects.requireNonNull(head, "a reranker's head");
  }

  /** The LM head, [vocabulary, hidden]. */
  PtNDArray languageHead() {
    PtNDArray untied = weights.find("lm_head.weight");
    return untied != null ? untied : weights.get("embed_tokens.weight");
  }

  boolean trainsEmbeddings() {
    return task.tuning() instanceof Tuning.Full;
  }

  Readout readout() {
    return task.convention()
        .map(
            role ->
                switch (role.pooling()) {
                  case LAST -> Readout.LAST;
                  case CLS -> Readout.FIRST;
                  case MEAN -> Readout.MEAN;
                })
        .orElse(Readout.ALL);
  }

  int padId() {
    return task.convention().map(role -> role.tokens().pad()).orElse(0);
  }

  /** Names of linear layers that have an update, without their layer: "q_proj". */
  List<String> targets() {
    TreeSet<String> names = new TreeSet<>();
    adapter.all().keySet().forEach(name -> names.add(name.substring(name.lastIndexOf('.') + 1)));
    return List.copyOf(names);
  }
}
