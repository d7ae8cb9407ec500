package io.chasqui.djl;

import ai.djl.pytorch.jni.JniUtils;
import io.chasqui.Device;
import io.chasqui.TrainingException;
import io.chasqui.checkpoint.JsonTokenizer;
import io.chasqui.checkpoint.PromptEncoder;
import io.chasqui.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a retriever, a reranker or a language model in this process. Immutable and thread-safe;
 * native memory is held during {@code train} alone, and several may train at once.
 *
 * <p>A run has a directory: {@code metrics.jsonl}, {@code loss.png}, checkpoints, and in the end
 * {@code adapter/} (a PEFT directory) or {@code model/} (a Hugging Face checkpoint). The same call
 * on the directory of a run that was killed goes on from its last checkpoint, along the same
 * trajectory; on that of one that has ended it returns at once. A thread that is interrupted, and a
 * JVM that is told to stop (Ctrl-C, SIGTERM), end the update at work and write a checkpoint first;
 * the JVM waits up to a minute for it.
 *
 * <pre>{@code
 * ModelBundle base = ModelBundle.read(Path.of("llama")).withRole(Presets.named("repllama-v1"));
 * TrainingTask task = new TrainingTask(
 *     base, "repllama", Objective.Retrieval.defaults(), Tuning.Lora.defaults());
 * TrainingReport report =
 *     Trainer.of(task, TrainerOptions.defaults()).train(examples, Path.of("run"));
 * ModelBundle tuned = base.withRole(Presets.named("repllama-v1"), report.output());
 * }</pre>
 */
public final class Trainer {
  private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

  private final TrainingTask task;
  private final TrainerOptions options;
  private final Device device;

  private Trainer(TrainingTask task, TrainerOptions options, Device device) {
    this.task = task;
    this.options = options;
    this.device = device;
  }

  /** Trains on all cores of the processor. */
  public static Trainer of(TrainingTask task, TrainerOptions options) {
    return new Trainer(task, options, Device.cpu());
  }

  /** The same on another device. */
  public Trainer on(Device device) {
    return new Trainer(task, options, device);
  }

  /**
   * Trains on examples to the end of the options' length; the last weights are the result.
   *
   * @param run the run's directory
   * @throws TrainingException if the data is empty, the run's directory holds another training, it
   *     won't fit into memory, or a number is no longer finite
   * @throws io.chasqui.NoBackendException if PyTorch, or the device asked for, is not there
   */
  public TrainingReport train(TrainingData<TrainingExample> examples, Path run) throws IOException {
    return examples(examples, Optional.empty(), run);
  }

  /**
   * Trains on examples and judges by others; the best weights are the result.
   *
   * @throws TrainingException as without a held-out set
   */
  public TrainingReport train(
      TrainingData<TrainingExample> examples, TrainingData<TrainingExample> heldOut, Path run)
      throws IOException {
    return examples(examples, Optional.of(heldOut), run);
  }

  /**
   * Trains a language model on texts.
   *
   * @throws TrainingException as for examples
   */
  public TrainingReport trainLanguageModel(TrainingData<String> texts, Path run)
      throws IOException {
    return texts(texts, Optional.empty(), run);
  }

  /**
   * Trains a language model on texts and judges by others; the best weights are the result.
   *
   * @throws TrainingException as for examples
   */
  public TrainingReport trainLanguageModel(
      TrainingData<String> texts, TrainingData<String> heldOut, Path run) throws IOException {
    return texts(texts, Optional.of(heldOut), run);
  }

  private TrainingReport examples(
      TrainingData<TrainingExample> examples,
      Optional<TrainingData<TrainingExample>> heldOut,
      Path run)
      throws IOException {
    if (task.objective() instanceof Objective.LanguageModel) {
      throw new IllegalArgumentException("a language model is trained on texts, not on examples");
    }
    try (JsonTokenizer tokenizer = task.base().openTokenizer()) {
      PromptEncoder prompts = task.base().prompts(tokenizer, task.role());
      boolean teacher = task.objective() instanceof Objective.Distillation;
      int passages = options.batching().passages();
      return groups(
          new GroupSource(examples, prompts, passages, teacher),
          heldOut.map(held -> new GroupSource(held, prompts, passages, teacher)),
          run);
    }
  }

  /** Trains on groups of ids. */
  TrainingReport groups(
      ItemSource<TrainingGroup> training, Optional<ItemSource<TrainingGroup>> heldOut, Path run)
      throws IOException {
    return run(
        training, heldOut, run, (model, ops) -> new GroupLearner(model, options.batching(), ops));
  }

  private TrainingReport texts(
      TrainingData<String> texts, Optional<TrainingData<String>> heldOut, Path run)
      throws IOException {
    if (!(task.objective() instanceof Objective.LanguageModel language)) {
      throw new IllegalArgumentException("texts train a language model, not " + task.objective());
    }
    requireFit(language);
    try (JsonTokenizer tokenizer = task.base().openTokenizer()) {
      ItemSource<int[]> training = new SequenceSource(texts, tokenizer, language);
      Optional<ItemSource<int[]>> held =
          heldOut.map(other -> new SequenceSource(other, tokenizer, language));
      return run(
          training, held, run, (model, ops) -> new LanguageLearner(model, options.batching(), ops));
    }
  }

  private void requireFit(Objective.LanguageModel language) {
    int positions = task.base().config().maxPositions();
    int vocabulary = task.base().config().vocabularySize();
    if (language.sequenceLength() > positions) {
      throw new TrainingException(
          "sequences of %d tokens, but the model was made for %d (max_position_embeddings)"
              .formatted(language.sequenceLength(), positions));
    }
    if (language.separatorId() >= vocabulary) {
      throw new TrainingException(
          "separator id %d, but the model embeds %d ids"
              .formatted(language.separatorId(), vocabulary));
    }
  }

  /** Makes what computes losses. */
  @FunctionalInterface
  private interface LearnerFactory<T> {
    Learner<T> create(TrainedModel model, Ops ops);
  }

  private void requireFit(MemoryEstimate estimate) throws IOException {
    Optional<Integer> gpu =
        device instanceof Device.Cpu
            ? Optional.empty()
            : Optional.of(PyTorch.device(device))
                .filter(ai.djl.Device::isGpu)
                .map(ai.djl.Device::getDeviceId);
    Optional<FreeMemory> free =
        FreeMemory.of(
            options.memoryBudget(),
            gpu,
            FreeMemory::ofHost,
            () -> FreeMemory.ofGpu(gpu.orElseThrow()));
    if (free.isPresent()) {
      estimate.requireFit(free.get(), options.batching());
    } else {
      LOG.warn(
          "training takes about {} MB; what CUDA device {} has free is not known, as DJL found no"
              + " CUDA runtime: not checked",
          estimate.total() / 1_000_000,
          gpu.orElseThrow());
    }
  }

  private <T> TrainingReport run(
      ItemSource<T> training, Optional<ItemSource<T>> heldOut, Path directory, LearnerFactory<T> f)
      throws IOException {
    MemoryEstimate estimate = MemoryEstimate.of(task, options.batching());
    requireFit(estimate);
    long total = updates(training);
    Map<String, String> identity = identity(training, total);
    RunDirectory run = RunDirectory.open(directory, identity);
    Path output = run.output(task.tuning() instanceof Tuning.Lora ? "adapter" : "model");
    if (Files.exists(run.checkpoint()) && Files.exists(output)) {
      TrainingState state = TrainingState.read(SafetensorsFile.read(run.checkpoint()));
      return report(state, output);
    }
    LOG.info(
        "training {} on {}: {} updates, about {} MB",
        task.role().isEmpty() ? "a language model" : task.role(),
        task.base().directory(),
        total,
        estimate.total() / 1_000_000);
    // Closed after the scope: until then native code may run.
    try (ShutdownGuard guard = ShutdownGuard.install();
        Scope scope = Scope.root(PyTorch.device(device))) {
      if (device instanceof Device.Cpu cpu) {
        JniUtils.setNumThreads(cpu.threads());
      }
      TrainedModel model = TrainedModel.load(scope, task, options.seed());
      Ops ops = new Ops(scope, new Constants(scope));
      TrainingLoop<T> loop =
          new TrainingLoop<>(
              model,
              f.create(model, ops),
              options,
              new TrainingLoop.Data<>(training, heldOut, total),
              run,
              scope);
      TrainingState state = loop.toEnd(guard);
      loop.publish(output, identity);
      return report(state, output);
    }
  }

  private static TrainingReport report(TrainingState state, Path output) {
    return new TrainingReport(state.updates(), state.loss(), state.best(), output);
  }

  private <T> long updates(ItemSource<T> training) throws IOException {
    if (options.length() instanceof Length.Updates updates) {
      return updates.count();
    }
    long items = training.size();
    if (items == 0) {
      throw new TrainingException("the training data is empty");
    }
    double epochs = ((Length.Epochs) options.length()).count();
    long perUpdate = (long) options.batching().size() * options.batching().accumulation();
    return Math.max(1, Math.round(items * epochs / perUpdate));
  }

  /** All that the trajectory depends on. */
  private Map<String, String> identity(ItemSource<?> training, long total) throws IOException {
    Map<String, String> identity = new LinkedHashMap<>();
    identity.put("base", task.base().weightsFingerprint());
    if (task.convention().isPresent()) {
      identity.put("role", task.convention().get().toString());
      identity.put("roleFingerprint", task.base().fingerprint(task.role()));
    }
    identity.put("objective", task.objective().toString());
    identity.put("tuning", task.tuning().toString());
    identity.put("optimisation", options.optimisation().toString());
    identity.put("batch", String.valueOf(options.batching().size()));
    identity.put("passages", String.valueOf(options.batching().passages()));
    identity.put("accumulation", String.valueOf(options.batching().accumulation()));
    identity.put("updates", String.valueOf(total));
    identity.put("seed", String.valueOf(options.seed()));
    identity.put("data", training.fingerprint());
    return identity;
  }
}
