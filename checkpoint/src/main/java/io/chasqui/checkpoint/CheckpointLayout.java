package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.ModelFamily.ExpectedShape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which stored tensor plays which part of a decoder. Names are canonical, without the {@code
 * model.} that causal-LM and classification classes put in front and {@code AutoModel} checkpoints
 * do not: "embed_tokens.weight", "layers.0.self_attn.q_proj.weight", "norm.weight",
 * "lm_head.weight", "score.weight". Immutable.
 */
public final class CheckpointLayout {
  private static final String PREFIX = "model.";
  private static final String EMBEDDING = "embed_tokens.weight";
  private static final String LM_HEAD = "lm_head.weight";
  private static final String SCORE = "score.weight";

  private final Map<String, String> storedNames;
  private final Optional<String> lmHead;
  private final Path source;

  private CheckpointLayout(Map<String, String> storedNames, Optional<String> lmHead, Path source) {
    this.storedNames = Collections.unmodifiableMap(storedNames);
    this.lmHead = lmHead;
    this.source = source;
  }

  /**
   * Finds each part and checks that the tensors are what the config says: each there, of its shape,
   * floating-point, and no other beside them (buffers like {@code rotary_emb.inv_freq} aside).
   *
   * @throws ModelFormatException naming the tensor, its shape, and the config fields and values
   *     that ask for another; or listing missing or surplus tensors
   */
  public static CheckpointLayout of(ModelConfig config, Tensors tensors) {
    Map<String, TensorInfo> stored = tensors.all();
    Path source = stored.values().stream().findFirst().map(TensorInfo::file).orElse(Path.of(""));
    String prefix = stored.containsKey(PREFIX + EMBEDDING) ? PREFIX : "";
    ModelFamily family =
        Optional.ofNullable(ModelFamily.BY_MODEL_TYPE.get(config.modelType()))
            .orElseThrow(
                () -> new IllegalArgumentException("unknown model type: " + config.modelType()));

    Map<String, String> names = new TreeMap<>();
    SortedMap<String, ExpectedShape> decoder = family.decoderTensors(config);
    List<String> missing = new ArrayList<>();
    decoder.forEach(
        (canonical, shape) -> {
          names.put(canonical, prefix + canonical);
          if (!stored.containsKey(prefix + canonical)) {
            missing.add(prefix + canonical);
          }
        });
    if (config.labels() > 0 && !stored.containsKey(SCORE)) {
      missing.add(SCORE);
    }
    Set<String> surplus = new TreeSet<>(stored.keySet());
    surplus.removeAll(names.values());
    surplus.removeAll(Set.of(LM_HEAD, SCORE));
    surplus.removeIf(CheckpointLayout::isBuffer);
    requireSame(source, missing, surplus);

    decoder.forEach((canonical, shape) -> requireShape(stored, prefix + canonical, shape));
    if (stored.containsKey(LM_HEAD)) {
      requireShape(stored, LM_HEAD, Objects.requireNonNull(decoder.get(EMBEDDING)));
      names.put(LM_HEAD, LM_HEAD);
    }
    if (stored.containsKey(SCORE)) {
      requireShape(stored, SCORE, scoreShape(config, stored.get(SCORE)));
      names.put(SCORE, SCORE);
    }
    Optional<String> lmHead =
        config.tiedEmbeddings()
            ? Optional.of(prefix + EMBEDDING)
            : Optional.ofNullable(names.get(LM_HEAD));
    return new CheckpointLayout(names, lmHead, source);
  }

  private static ExpectedShape scoreShape(ModelConfig config, TensorInfo score) {
    long labels = config.labels();
    String reason = "hidden_size " + config.hiddenSize();
    if (labels == 0) {
      // Stored without being announced: as many outputs as it has.
      labels = score.shape().isEmpty() ? 1 : score.shape().get(0);
    } else {
      reason = "num_labels (id2label) " + labels + ", " + reason;
    }
    return new ExpectedShape(List.of(labels, (long) config.hiddenSize()), reason);
  }

  /** Constants that older versions of Hugging Face's classes stored with the weights. */
  private static boolean isBuffer(String name) {
    return name.endsWith("rotary_emb.inv_freq")
        || name.endsWith("rotary_emb.cos_cached")
        || name.endsWith("rotary_emb.sin_cached");
  }

  private static void requireSame(Path source, List<String> missing, Set<String> surplus) {
    if (missing.isEmpty() && surplus.isEmpty()) {
      return;
    }
    List<String> problems = new ArrayList<>();
    if (!missing.isEmpty()) {
      problems.add(
          "%d tensors that config.json asks for are missing: %s"
              .formatted(missing.size(), MessageLists.of(missing)));
    }
    if (!surplus.isEmpty()) {
      problems.add(
          "%d tensors have no place in the model of config.json: %s"
              .formatted(surplus.size(), MessageLists.of(surplus)));
    }
    throw new ModelFormatException(source, "", String.join("; ", problems));
  }

  private static void requireShape(
      Map<String, TensorInfo> stored, String name, ExpectedShape expected) {
    TensorInfo info = Objects.requireNonNull(stored.get(name), name);
    if (!info.shape().equals(expected.dimensions())) {
      throw new ModelFormatException(
          info.file(),
          name,
          "shape %s, but config.json says %s (%s)"
              .formatted(info.shape(), expected.dimensions(), expected.reason()));
    }
    if (!info.dtype().isFloat()) {
      throw new ModelFormatException(
          info.file(), name, "expected floating-point numbers, found " + info.dtype());
    }
  }

  /**
   * The stored name of a part.
   *
   * @throws ModelFormatException if the checkpoint has none such
   */
  public String tensor(String canonical) {
    return find(canonical)
        .orElseThrow(() -> new ModelFormatException(source, canonical, "no such tensor"));
  }

  /** The stored name of a part, if the checkpoint has it. */
  public Optional<String> find(String canonical) {
    return Optional.ofNullable(storedNames.get(canonical));
  }

  /** Stored names by canonical name. */
  public Map<String, String> all() {
    return storedNames;
  }

  /**
   * The stored name of the language-model head, [vocabulary, hidden]: the token embedding if tied;
   * absent in a headless checkpoint.
   */
  public Optional<String> lmHead() {
    return lmHead;
  }

  /** The stored name of the classification head, [labels, hidden], if there is one. */
  public Optional<String> scoreHead() {
    return find(SCORE);
  }
}
