package io.chasqui.checkpoint;

import io.chasqui.EmbeddingSpace;
import io.chasqui.ModelFormatException;
import io.chasqui.spi.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model directory that describes itself: Hugging Face checkpoint, LoRA adapters, tokenizer and
 * retrieval card. Data, not a handle: weights are memory-mapped, nothing has to be closed.
 * Immutable and thread-safe; the files must not change while it is in use.
 *
 * <p>A directory without {@code chasqui.json} has no roles yet; they are given, with adapters that
 * may lie anywhere:
 *
 * <pre>{@code
 * ModelBundle bundle =
 *     ModelBundle.read(Path.of("Llama-2-7b-hf"))
 *         .withRole(Presets.named("repllama-v1"), Path.of("repllama-v1-7b-lora-passage"))
 *         .withRole(Presets.named("rankllama-v1"), Path.of("rankllama-v1-7b-lora-passage"));
 * }</pre>
 */
public final class ModelBundle {
  private final Path directory;
  private final ModelSource source;
  private final Map<String, BundleRole> roles;
  private final Memo<String> weightsFingerprint;
  private final Memo<String> tokenizerFingerprint;

  private ModelBundle(
      Path directory,
      ModelSource source,
      Map<String, BundleRole> roles,
      Memo<String> weightsFingerprint,
      Memo<String> tokenizerFingerprint) {
    this.directory = directory;
    this.source = source;
    this.roles = Collections.unmodifiableMap(roles);
    this.weightsFingerprint = weightsFingerprint;
    this.tokenizerFingerprint = tokenizerFingerprint;
  }

  /**
   * Reads a directory: {@code config.json}, safetensors headers, and {@code chasqui.json} if it is
   * there. Without that a directory of sentence-transformers ({@code modules.json}) has one role,
   * "sentence-transformers", with its prompts, pooling and length. Cheap: adapters and weights are
   * read when asked for.
   *
   * <p>Instead of a checkpoint that we know the directory may have an exported graph, {@code
   * model.onnx} or {@code onnx/model.onnx}, or another that the card names. One with the output
   * {@code sentence_embedding} has the role "sentence-transformers", a classifier with one label
   * the role "cross-encoder".
   *
   * @throws ModelFormatException naming file and field, if one is malformed or they disagree
   * @throws java.nio.file.NoSuchFileException if {@code config.json} is missing
   */
  public static ModelBundle read(Path directory) throws IOException {
    return BundleReader.read(directory);
  }

  /**
   * Reads a directory as an exported graph, though it may hold weights too.
   *
   * @param file below the directory: "onnx/model_quantized.onnx"
   * @throws ModelFormatException as {@link #read}, and {@link OnnxFile#read}
   */
  public static ModelBundle readOnnx(Path directory, String file) throws IOException {
    return BundleReader.readOnnx(directory, file);
  }

  /** Without roles. */
  static ModelBundle of(Path directory, ModelSource source) {
    return new ModelBundle(
        directory,
        source,
        Map.of(),
        new Memo<>(source::weightsFingerprint),
        new Memo<>(() -> tokenizerFingerprint(directory)));
  }

  /** Also over which tokens are special, as the files beside say: no text yields those. */
  private static String tokenizerFingerprint(Path directory) throws IOException {
    String file = Fingerprints.of(JsonTokenizer.tokenizerFile(directory));
    return Fingerprints.of(file + SpecialTokens.read(directory).contents());
  }

  /**
   * This bundle with one more role, or with another in its place. An adapter and dense layers that
   * the role names are looked up below this directory; the latter are read at once.
   *
   * @throws IllegalArgumentException if the role does not fit the model: an id beyond its
   *     vocabulary, a limit beyond its positions, more dimensions than it has; or if a template is
   *     malformed
   * @throws ModelFormatException if a dense layer is malformed or does not fit
   * @throws java.io.UncheckedIOException if its files cannot be read
   */
  public ModelBundle withRole(Role role) {
    return with(BundleRole.of(role, role.adapter().map(directory::resolve), directory, source));
  }

  /**
   * This bundle with one more role, whose adapter lies in a directory of its own.
   *
   * @throws IllegalArgumentException as {@link #withRole(Role)}
   */
  public ModelBundle withRole(Role role, Path adapterDirectory) {
    return with(BundleRole.of(role, Optional.of(adapterDirectory), directory, source));
  }

  /**
   * This bundle with this role alone.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public ModelBundle withOnly(String role) {
    return with(Map.of(role, bundleRole(role)));
  }

  private ModelBundle with(BundleRole role) {
    Map<String, BundleRole> more = new LinkedHashMap<>(roles);
    more.put(role.role().name(), role);
    return with(more);
  }

  /** With these roles alone. */
  ModelBundle with(Map<String, BundleRole> all) {
    return new ModelBundle(directory, source, all, weightsFingerprint, tokenizerFingerprint);
  }

  /** The directory that was read. */
  public Path directory() {
    return directory;
  }

  /**
   * The decoder's shape.
   *
   * @throws IllegalStateException if this is an exported graph
   */
  public ModelConfig config() {
    return checkpoint().config();
  }

  /**
   * The base's weights, mapped.
   *
   * @throws IllegalStateException if this is an exported graph
   */
  public Tensors weights() {
    return checkpoint().weights();
  }

  /**
   * Which tensor plays which part.
   *
   * @throws IllegalStateException if this is an exported graph
   */
  public CheckpointLayout layout() {
    return checkpoint().layout();
  }

  private CheckpointSource checkpoint() {
    if (source instanceof CheckpointSource checkpoint) {
      return checkpoint;
    }
    throw new IllegalStateException(
        directory + " is an exported ONNX graph; its weights are known to the graph only");
  }

  /** The exported graph that the roles run on; empty if they run on a checkpoint's weights. */
  public Optional<OnnxFile> graph() {
    return source instanceof GraphSource graph ? Optional.of(graph.graph()) : Optional.empty();
  }

  /**
   * What is known of an exported graph's model beside the graph.
   *
   * @throws IllegalStateException if this is a checkpoint
   */
  public GraphConfig graphConfig() {
    if (source instanceof GraphSource graph) {
      return graph.config();
    }
    throw new IllegalStateException(directory + " is a checkpoint, no exported graph");
  }

  /**
   * Floats that a role yields for an input: of a vector, or 1 of a score.
   *
   * @throws IllegalArgumentException if there is no such role
   */
  public int width(String role) {
    return bundleRole(role).width();
  }

  /**
   * Compares the files of an exported bundle with what its {@code provenance.json} says of them:
   * most damage to weights loads without an error and changes results. Reads every byte, seconds
   * per gigabyte; loading an exported bundle does it. Without that file there is nothing to
   * compare.
   *
   * @throws ModelFormatException naming a file that is missing, of another length or changed
   */
  public void verify() throws IOException {
    if (Provenance.isIn(directory)) {
      Provenance.read(directory).verify(directory);
    }
  }

  /** All roles by name, the card's first. */
  public Map<String, Role> roles() {
    Map<String, Role> byName = new LinkedHashMap<>();
    roles.forEach((name, role) -> byName.put(name, role.role()));
    return Collections.unmodifiableMap(byName);
  }

  /**
   * A role.
   *
   * @throws IllegalArgumentException if there is none of this name; names those there are
   */
  public Role role(String name) {
    return bundleRole(name).role();
  }

  private BundleRole bundleRole(String name) {
    BundleRole role = roles.get(name);
    if (role == null) {
      throw new IllegalArgumentException(
          "no role \"" + name + "\" in " + directory + "; there are " + roles.keySet());
    }
    return role;
  }

  /** Where the role's adapter lies; empty if it uses the base as it is. */
  public Optional<Path> adapterDirectory(String role) {
    return bundleRole(role).adapterDirectory();
  }

  /**
   * The role's adapter, read once; empty if it uses the base as it is.
   *
   * @throws ModelFormatException if it is malformed or fits another base; lists what differs
   */
  public Optional<LoraAdapter> adapter(String role) throws IOException {
    return bundleRole(role).adapter().get();
  }

  /** The layers that the role's pooled vectors go through, in this order; usually none. */
  public List<DenseLayer> dense(String role) {
    return bundleRole(role).dense();
  }

  /**
   * The row whose dot product with the pooled state is a scorer's logit.
   *
   * @return {@code hiddenSize} finite floats
   * @throws IllegalArgumentException if the role encodes
   * @throws ModelFormatException if neither adapter nor checkpoint has the tensor (it is never made
   *     up), it is not one row of that width, or a value is not finite
   */
  public float[] headRow(String role) throws IOException {
    Role scorer = role(role);
    ScoreHead head =
        scorer
            .head()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "role " + role + " encodes; it has no score head"));
    return HeadRow.of(head, this, role);
  }

  /**
   * Opens the tokenizer, a handle that the caller closes. No text yields an id that frames a prompt
   * of any role.
   *
   * @throws ModelFormatException if a tokenizer file is malformed, has an id that the model does
   *     not embed, or an id that frames prompts is an ordinary piece there
   * @throws io.chasqui.NoBackendException if there is no native library for this platform
   */
  public JsonTokenizer openTokenizer() throws IOException {
    Set<Integer> reserved = new HashSet<>();
    roles.values().forEach(role -> reserved.addAll(role.role().specialIds()));
    return JsonTokenizer.open(directory, source.vocabularySize(), reserved);
  }

  /**
   * The prompts of a role, over a tokenizer that this bundle opened: a view that closes nothing.
   */
  public PromptEncoder prompts(Tokenizer tokenizer, String role) {
    return PromptEncoder.of(tokenizer, role(role));
  }

  /**
   * SHA-256 over the base's tensors: names, dtypes, shapes, bytes; not over how they are spread
   * over files. Reads all weights the first time (seconds per gigabyte), then is remembered.
   */
  public String weightsFingerprint() throws IOException {
    return weightsFingerprint.get();
  }

  /**
   * SHA-256 over all that decides a role's output: weights, config, adapter, tokenizer, role. Reads
   * all weights the first time.
   *
   * @return 64 hexadecimal digits
   */
  public String fingerprint(String role) throws IOException {
    Map<String, String> all = attributes(role);
    all.put("instruction", role(role).instruction().orElse(""));
    return new EmbeddingSpace(width(role), all).fingerprint();
  }

  /**
   * The space of an encoder's vectors. An instruction that only queries are given does not count:
   * it may change from query to query over the same passages. Reads all weights the first time.
   *
   * @throws IllegalArgumentException if the role scores pairs
   */
  public EmbeddingSpace space(String role) throws IOException {
    Role encoder = role(role);
    if (encoder.isScorer()) {
      throw new IllegalArgumentException("role " + role + " scores pairs; it has no space");
    }
    return new EmbeddingSpace(width(role), attributes(role));
  }

  private Map<String, String> attributes(String name) throws IOException {
    BundleRole role = bundleRole(name);
    Map<String, String> attributes = role.attributes();
    attributes.put("base.weights", weightsFingerprint.get());
    attributes.put("base.config", source.configFingerprint());
    attributes.put("tokenizer", tokenizerFingerprint.get());
    attributes.put("adapter", role.adapterFingerprint().get());
    if (RoleTemplates.instructsPassages(role.role().template())) {
      attributes.put("instruction", role.role().instruction().orElse(""));
    }
    return attributes;
  }

  @Override
  public String toString() {
    return "ModelBundle[" + directory + ", roles " + roles.keySet() + "]";
  }
}
