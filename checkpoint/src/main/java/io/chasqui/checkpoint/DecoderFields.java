package io.chasqui.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.IntPredicate;

/** The fields that all kinds of decoders have, read with the defaults of one. */
final class DecoderFields {
  /** Far above any published decoder; keeps a hostile config from asking for 2^31 tensors. */
  private static final int MAX_LAYERS = 1024;

  private static final double DEFAULT_NORM_EPSILON = 1e-6;

  final JsonFields json;
  final int hidden;
  final int layers;
  final int heads;
  final int headDim;
  private final int keyValueHeads;
  private final Defaults defaults;

  /**
   * What a kind of decoder says where its config is silent.
   *
   * @param keyValueHeads if absent, as many as query heads
   * @param headDim if absent, hidden_size / num_attention_heads
   */
  record Defaults(OptionalInt keyValueHeads, OptionalInt headDim, int maxPositions, boolean tied) {}

  DecoderFields(JsonFields json, Defaults defaults) {
    this.json = json;
    this.defaults = defaults;
    layers = json.requiredPositive("num_hidden_layers");
    if (layers > MAX_LAYERS) {
      throw json.problem("num_hidden_layers", layers + " is more than " + MAX_LAYERS);
    }
    hidden = json.requiredPositive("hidden_size");
    heads = json.requiredPositive("num_attention_heads");
    int absent = json.isNull("num_key_value_heads") ? heads : defaults.keyValueHeads.orElse(heads);
    keyValueHeads = json.positive("num_key_value_heads").orElse(absent);
    if (heads % keyValueHeads != 0) {
      throw json.problem(
          "num_key_value_heads", keyValueHeads + " does not divide num_attention_heads " + heads);
    }
    OptionalInt given = json.positive("head_dim");
    if (given.isEmpty()) {
      given = defaults.headDim;
    }
    if (given.isEmpty() && hidden % heads != 0) {
      throw json.problem("num_attention_heads", heads + " does not divide hidden_size " + hidden);
    }
    headDim = given.orElse(hidden / heads);
    if (headDim == 0 || headDim % 2 != 0) {
      throw json.problem("head_dim", headDim + " is not even");
    }
  }

  /** The config, with what is a kind's own. */
  ModelConfig config(
      String type,
      RopeConfig rope,
      boolean attentionBias,
      boolean mlpBias,
      String activation,
      AttentionConfig attention,
      BlockConfig block) {
    return new ModelConfig(
        type,
        json.strings("architectures").orElse(List.of()),
        json.requiredPositive("vocab_size"),
        hidden,
        json.requiredPositive("intermediate_size"),
        layers,
        heads,
        keyValueHeads,
        headDim,
        json.positiveNumber("rms_norm_eps").orElse(DEFAULT_NORM_EPSILON),
        json.positive("max_position_embeddings").orElse(defaults.maxPositions),
        rope,
        json.flag("tie_word_embeddings", defaults.tied),
        attentionBias,
        mlpBias,
        activation,
        LabelFields.read(json),
        attention,
        block);
  }

  /**
   * Refuses any MLP activation but SiLU.
   *
   * @return its name
   */
  String silu() {
    String activation = json.string("hidden_act").orElse("silu");
    if (!activation.equals("silu") && !activation.equals("swish")) {
      throw json.problem("hidden_act", "\"" + activation + "\" is not supported: only silu");
    }
    return "silu";
  }

  /** Refuses a config that asks for attention in both directions. */
  void requireCausal() {
    for (String field : List.of("is_causal", "use_bidirectional_attention")) {
      boolean causal = field.equals("is_causal");
      if (json.flag(field, causal) != causal) {
        throw json.problem(field, json.show(field) + ": bidirectional attention is not supported");
      }
    }
  }

  /**
   * A size that null switches off.
   *
   * @param absent what its absence means
   */
  OptionalInt nullable(String field, int absent) {
    return json.isNull(field)
        ? OptionalInt.empty()
        : OptionalInt.of(json.positive(field).orElse(absent));
  }

  /**
   * A bound of logits that null switches off.
   *
   * @param absent what its absence means
   */
  OptionalDouble softCap(String field, OptionalDouble absent) {
    if (json.isNull(field)) {
      return OptionalDouble.empty();
    }
    OptionalDouble given = json.positiveNumber(field);
    return given.isPresent() ? given : absent;
  }

  /**
   * The layers of short sight: by {@code layer_types} if that is there, else by the kind's rule.
   *
   * @param size of their window; without, no layer may be such
   * @return empty if no layer is such
   */
  Optional<AttentionConfig.Window> window(OptionalInt size, IntPredicate rule, RopeConfig rope) {
    List<Boolean> windowed = new ArrayList<>();
    Optional<List<String>> types = json.strings("layer_types");
    if (types.isPresent() && types.get().size() != layers) {
      throw json.problem(
          "layer_types", types.get().size() + " of num_hidden_layers " + layers + " layers");
    }
    for (int layer = 0; layer < layers; layer++) {
      int number = layer;
      windowed.add(
          types
              .map(all -> isWindowed(all.get(number)))
              .orElse(size.isPresent() && rule.test(layer)));
    }
    if (!windowed.contains(true)) {
      return Optional.empty();
    }
    if (size.isEmpty()) {
      throw json.problem("layer_types", "has sliding_attention, but sliding_window is off");
    }
    return Optional.of(new AttentionConfig.Window(size.getAsInt(), windowed, rope));
  }

  private boolean isWindowed(String type) {
    return switch (type) {
      case "sliding_attention" -> true;
      case "full_attention" -> false;
      default ->
          throw json.problem(
              "layer_types",
              "\""
                  + JsonFields.cut(type)
                  + "\" is not supported: only full_attention and sliding_attention");
    };
  }
}
