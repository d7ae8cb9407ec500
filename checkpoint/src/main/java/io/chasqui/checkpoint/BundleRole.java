package io.chasqui.checkpoint;

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
 */
record BundleRole(
    Role role,
    Optional<Path> adapterDirectory,
    Memo<Optional<LoraAdapter>> adapter,
    Memo<String> adapterFingerprint) {

  /**
   * A role that fits the model.
   *
   * @throws IllegalArgumentException if it does not
   */
  static BundleRole of(Role role, Optional<Path> adapterDirectory, ModelConfig config) {
    RoleTemplates.of(role);
    requireFit(role, config);
    role.head().ifPresent(head -> requireFit(role.name(), head, config));
    Memo<Optional<LoraAdapter>> adapter =
        new Memo<>(
            () ->
                adapterDirectory.isPresent()
                    ? Optional.of(LoraAdapters.read(adapterDirectory.get(), config))
                    : Optional.empty());
    Memo<String> fingerprint = new Memo<>(() -> adapter.get().map(Fingerprints::of).orElse("none"));
    return new BundleRole(role, adapterDirectory, adapter, fingerprint);
  }

  private static void requireFit(Role role, ModelConfig config) {
    String name = "role " + role.name() + ": ";
    if (role.attention() == Role.Attention.CAUSAL && !config.attention().causal()) {
      throw new IllegalArgumentException(
          name
              + "causal attention, but config.json says that the model sees in both directions"
              + " (is_causal, use_bidirectional_attention)");
    }
    for (int id : role.specialIds()) {
      requireId(name + "special id ", id, config);
    }
    requireId(name + "pad id ", role.tokens().pad(), config);
    long query = role.truncation().query();
    long passage = role.truncation().passage();
    long longest = role.isScorer() ? query + passage : Math.max(query, passage);
    if (longest > config.maxPositions()) {
      throw new IllegalArgumentException(
          name
              + "prompts of up to "
              + longest
              + " tokens, but the model was made for "
              + config.maxPositions()
              + " (max_position_embeddings)");
    }
    int dimensions = role.output().dimensions().orElse(config.hiddenSize());
    if (dimensions < 1 || dimensions > config.hiddenSize()) {
      throw new IllegalArgumentException(
          name + dimensions + " dimensions of a hidden state of " + config.hiddenSize());
    }
  }

  private static void requireFit(String role, Role.Head head, ModelConfig config) {
    List<Integer> ids =
        head instanceof Role.Head.TokenDifference difference
            ? List.of(difference.yesId(), difference.noId())
            : head instanceof Role.Head.SingleToken single ? List.of(single.id()) : List.of();
    for (int id : ids) {
      requireId("role " + role + ": head of token id ", id, config);
    }
    if (!ids.isEmpty() && config.block().finalSoftCap().isPresent()) {
      throw new IllegalArgumentException(
          "role "
              + role
              + ": "
              + head
              + " is a row of the LM head, but the model bounds its logits"
              + " (final_logit_softcapping "
              + config.block().finalSoftCap().getAsDouble()
              + "), so that no row gives them");
    }
  }

  private static void requireId(String what, int id, ModelConfig config) {
    if (id < 0 || id >= config.vocabularySize()) {
      throw new IllegalArgumentException(
          what + id + ", but the model embeds " + config.vocabularySize() + " ids");
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
    if (role.template() instanceof Role.Template.Pair pair) {
      all.put("template.segments", pair.separate() ? "2" : "1");
      all.put("template.separator", pair.separator());
      templates(all, pair.query(), pair.passage(), pair.passageWithoutTitle());
    } else if (role.template() instanceof Role.Template.Framed framed) {
      all.put("template.before", framed.before().toString());
      all.put("template.between", framed.between().toString());
      all.put("template.after", framed.after().toString());
      templates(all, framed.query(), framed.passage(), framed.passageWithoutTitle());
    } else {
      Role.Template.Single single = (Role.Template.Single) role.template();
      templates(all, single.query(), single.passage(), single.passageWithoutTitle());
      all.put("normalise", String.valueOf(role.output().normalise()));
    }
    role.head().ifPresent(head -> all.put("head", head.toString()));
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
