package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * Position embedding in its three spellings: {@code rope_theta} with {@code rope_scaling} (hub 4.x;
 * older ones say {@code type} for {@code rope_type}), and {@code rope_parameters} (5.x).
 */
final class RopeFields {
  private static final String SCALING = "rope_scaling";
  private static final String PARAMETERS = "rope_parameters";
  private static final String THETA = "rope_theta";
  private static final String LOCAL_THETA = "rope_local_base_freq";
  private static final String FULL_LAYERS = "full_attention";
  private static final String WINDOWED_LAYERS = "sliding_attention";
  private static final double GLOBAL_THETA = 1_000_000;
  private static final double DEFAULT_LOCAL_THETA = 10_000;

  private RopeFields() {}

  static RopeConfig read(JsonFields json, double defaultTheta) {
    requireWhole(json);
    double theta = json.positiveNumber(THETA).orElse(defaultTheta);
    Optional<RopeConfig> scaling = json.object(SCALING).map(fields -> rope(fields, theta));
    Optional<RopeConfig> parameters = json.object(PARAMETERS).map(fields -> rope(fields, theta));
    if (parameters.isPresent() && json.has(THETA) && parameters.get().theta() != theta) {
      throw json.problem(THETA, theta + ", but rope_parameters says " + parameters.get().theta());
    }
    if (scaling.isPresent() && parameters.isPresent() && !scaling.equals(parameters)) {
      throw json.problem(
          SCALING, json.show(SCALING) + ", but rope_parameters is " + json.show(PARAMETERS));
    }
    return parameters.or(() -> scaling).orElse(new RopeConfig.Plain(theta));
  }

  /**
   * Position embeddings that differ by layer, as Gemma 3's.
   *
   * @param full of layers that see all
   * @param windowed of layers with a window
   */
  record ByLayer(RopeConfig full, RopeConfig windowed) {}

  /**
   * Gemma 3's: {@code rope_parameters} with an object for each kind of layer (5.x), or {@code
   * rope_theta} and {@code rope_scaling} of layers that see all, {@code rope_local_base_freq} of
   * the others.
   */
  static ByLayer readByLayer(JsonFields json) {
    requireWhole(json);
    double theta = json.positiveNumber(THETA).orElse(GLOBAL_THETA);
    double local = json.positiveNumber(LOCAL_THETA).orElse(DEFAULT_LOCAL_THETA);
    RopeConfig full =
        json.object(SCALING).map(fields -> rope(fields, theta)).orElse(new RopeConfig.Plain(theta));
    ByLayer flat = new ByLayer(full, new RopeConfig.Plain(local));
    Optional<JsonFields> parameters = json.object(PARAMETERS);
    if (parameters.isEmpty()) {
      return flat;
    }
    JsonFields kinds = parameters.get();
    for (String name : kinds.names()) {
      if (!name.equals(FULL_LAYERS) && !name.equals(WINDOWED_LAYERS)) {
        throw kinds.problem(name, "known are " + FULL_LAYERS + " and " + WINDOWED_LAYERS);
      }
    }
    ByLayer nested =
        new ByLayer(
            kinds.object(FULL_LAYERS).map(fields -> rope(fields, theta)).orElse(full),
            kinds
                .object(WINDOWED_LAYERS)
                .map(fields -> rope(fields, local))
                .orElse(flat.windowed()));
    for (String name : List.of(THETA, SCALING, LOCAL_THETA)) {
      if (json.has(name) && !nested.equals(flat)) {
        throw json.problem(
            name, json.show(name) + ", but rope_parameters is " + json.show(PARAMETERS));
      }
    }
    return nested;
  }

  private static RopeConfig rope(JsonFields fields, double outerTheta) {
    for (String name : fields.names()) {
      if (fields.node(name).filter(JsonNode::isObject).isPresent()) {
        throw fields.problem(name, "position embeddings that differ by layer are not supported");
      }
    }
    requireWhole(fields);
    String typeField = fields.has("rope_type") ? "rope_type" : "type";
    String type = fields.string(typeField).orElse("default");
    double theta = fields.positiveNumber(THETA).orElse(outerTheta);
    return switch (type) {
      case "default" -> new RopeConfig.Plain(theta);
      case "linear" -> new RopeConfig.Linear(theta, factor(fields));
      case "llama3" -> llama3(fields, theta);
      default ->
          throw fields.problem(
              typeField, "\"" + type + "\" is not supported: only default, linear and llama3");
    };
  }

  private static RopeConfig llama3(JsonFields fields, double theta) {
    double low = fields.requiredPositiveNumber("low_freq_factor");
    double high = fields.requiredPositiveNumber("high_freq_factor");
    if (low >= high) {
      throw fields.problem("low_freq_factor", low + " is not below high_freq_factor " + high);
    }
    int original = fields.requiredPositive("original_max_position_embeddings");
    return new RopeConfig.Llama3(theta, factor(fields), low, high, original);
  }

  private static double factor(JsonFields fields) {
    double factor = fields.requiredPositiveNumber("factor");
    if (factor < 1) {
      throw fields.expected("factor", "1 or more");
    }
    return factor;
  }

  private static void requireWhole(JsonFields fields) {
    double part = fields.number("partial_rotary_factor").orElse(1);
    if (part != 1) {
      throw fields.problem(
          "partial_rotary_factor", part + ": rotating a part of each head is not supported");
    }
  }
}
