package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * Position embedding in its three spellings: {@code rope_theta} with {@code rope_scaling} (hub 4.x;
 * older ones say {@code type} for {@code rope_type}), and {@code rope_parameters} (5.x).
 */
final class RopeFields {
  private static final String SCALING = "rope_scaling";
  private static final String PARAMETERS = "rope_parameters";
  private static final String THETA = "rope_theta";

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
