package io.chasqui.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A role in a bundle, with its adapter. Thread-safe.
 *
 * @param role the convention
 * @param adapterDirectory where the adapter lies, if there is one
 * @param adapter read when asked for, once
 * @param adapterFingerprint "none" without adapter
 * @param dense layers that a pooled vector goes through
 * @param width floats that the role yields for an input
 */
record BundleRole(
    Role role,
    Optional<Path> adapterDirectory,
    Memo<Optional<LoraAdapter>> adapter,
    Memo<String> adapterFingerprint,
    List<DenseLayer> dense,
    int width) {

  /**
   * A role that fits the model.
   *
   * @param directory that the role's dense layers lie below
   * @throws IllegalArgumentException if it does not
   * @throws io.chasqui.ModelFormatException if a dense layer is malformed or does not fit
   * @throws UncheckedIOException if its files cannot be read
   */
  static BundleRole of(
      Role role, Optional<Path> adapterDirectory, Path directory, ModelSource source) {
    RoleTemplates.of(role);
    source.requireFit(role);
    List<DenseLayer> dense = dense(role, directory, source);
    int vector =
        role.isScorer() ? 1 : dense.isEmpty() ? source.width() : dense.get(dense.size() - 1).out();
    requireFit(role, source, vector);
    if (adapterDirectory.isPresent() && !(source instanceof CheckpointSource)) {
      throw new IllegalArgumentException(
          "role " + role.name() + ": an exported ONNX graph takes no adapter");
    }
    Memo<Optional<LoraAdapter>> adapter =
        new Memo<>(
            () ->
                adapterDirectory.isPresent() && source instanceof CheckpointSource checkpoint
                    ? Optional.of(LoraAdapters.read(adapterDirectory.get(), checkpoint.config()))
                    : Optional.empty());
    Memo<String> fingerprint = new Memo<>(() -> adapter.get().map(Fingerprints::of).orElse("none"));
    int width = role.output().dimensions().orElse(vector);
    return new BundleRole(role, adapterDirectory, adapter, fingerprint, dense, width);
  }

  private static List<DenseLayer> dense(Role role, Path directory, ModelSource source) {
    List<Path> directories = role.output().dense().stream().map(directory::resolve).toList();
    try {
      return directories.isEmpty() ? List.of() : DenseLayers.read(directories, source.width());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void requireFit(Role role, ModelSource source, int vector) {
    String name = "role " + role.name() + ": ";
    for (int id : role.specialIds()) {
      requireId(name + "special id ", id, source);
    }
    requireId(name + "pad id ", role.tokens().pad(), source);
    role.head()
        .ifPresent(
            head ->
                tokenIds(head).forEach(id -> requireId(name + "head of token id ", id, source)));
    long query = role.truncation().query();
    long passage = role.truncation().passage();
    long longest = role.isScorer() ? query + passage : Math.max(query, passage);
    if (longest > source.maxPositions()) {
      throw new IllegalArgumentException(
          name
              + "prompts of up to "
              + longest
              + " tokens, but the model was made for "
              + source.maxPositions()
              + " (max_position_embeddings)");
    }
    if (role.isScorer()) {
      return;
    }
    int dimensions = role.output().dimensions().orElse(vector);
    if (dimensions < 1 || dimensions > vector) {
      throw new IllegalArgumentException(
          name + dimensions + " dimensions of a vector of " + vector);
    }
  }

  /** Tokens whose rows of the LM head a head is made of. */
  static List<Integer> tokenIds(ScoreHead head) {
    return head instanceof ScoreHead.TokenDifference difference
        ? List.of(difference.yesId(), difference.noId())
        : head instanceof ScoreHead.SingleToken single ? List.of(single.id()) : List.of();
  }

  private static void requireId(String what, int id, ModelSource source) {
    if (id < 0 || id >= source.vocabularySize()) {
      throw new IllegalArgumentException(
          what + id + ", but the model embeds " + source.vocabularySize() + " ids");
    }
  }

  /**
   * All that the role fixes, by name; neither its own name nor its instruction, which is asked with
   * a query, is among it.
   */
  Map<String, String> attributes() {
    Map<String, String> all = new TreeMap<>();
    all.put("attention", lower(role.attention()));
    all.put("tokens.bos", role.tokens().bos().map(String::valueOf).orElse("none"));
    all.put("tokens.append", role.tokens().append().toString());
    all.put("truncation.query", String.valueOf(role.truncation().query()));
    all.put("truncation.passage", String.valueOf(role.truncation().passage()));
    all.put("pooling", lower(role.pooling()));
    if (role.template() instanceof RoleTemplate.Pair pair) {
      all.put("template.segments", pair.separate() ? "2" : "1");
      all.put("template.separator", pair.separator());
      templates(all, pair.query(), pair.passage(), pair.passageWithoutTitle());
    } else if (role.template() instanceof RoleTemplate.Framed framed) {
      all.put("template.before", framed.before().toString());
      all.put("template.between", framed.between().toString());
      all.put("template.after", framed.after().toString());
      if (framed.passageFirst()) {
        all.put("template.first", "passage");
      }
      templates(all, framed.query(), framed.passage(), framed.passageWithoutTitle());
    } else {
      RoleTemplate.Single single = (RoleTemplate.Single) role.template();
      templates(all, single.query(), single.passage(), single.passageWithoutTitle());
      all.put("normalise", String.valueOf(role.output().normalise()));
    }
    role.head().ifPresent(head -> all.put("head", head.toString()));
    if (!dense.isEmpty()) {
      all.put("dense", Fingerprints.of(dense));
    }
    return all;
  }

  private static void templates(
      Map<String, String> all, String query, String passage, String untitled) {
    all.put("template.query", query);
    all.put("template.passage", passage);
    all.put("template.passageWithoutTitle", untitled);
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
