package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which linear layers of the base an adapter has: PEFT's {@code target_modules} (names, a regex, or
 * "all-linear") and {@code layers_to_transform}.
 */
final class LoraTargets {
  private static final String MODULES = "target_modules";
  private static final String LAYERS = "layers_to_transform";
  private static final String LAYERS_PATTERN = "layers_pattern";
  private static final String ALL_LINEAR = "all-linear";

  private final JsonFields json;
  private final Set<String> names;
  private final @Nullable PythonPattern pattern;
  private final boolean all;
  private final Set<Integer> layers;

  private LoraTargets(
      JsonFields json,
      Set<String> names,
      @Nullable PythonPattern pattern,
      boolean all,
      Set<Integer> layers) {
    this.json = json;
    this.names = names;
    this.pattern = pattern;
    this.all = all;
    this.layers = layers;
  }

  static LoraTargets read(JsonFields json) {
    JsonNode modules =
        json.node(MODULES)
            .orElseThrow(() -> json.expected(MODULES, "names, a regex or \"all-linear\""));
    Set<Integer> layers = layers(json);
    if (!modules.isTextual()) {
      List<String> names = json.strings(MODULES).orElse(List.of());
      if (names.isEmpty()) {
        throw json.expected(MODULES, "at least one name");
      }
      return new LoraTargets(json, Set.copyOf(new HashSet<>(names)), null, false, layers);
    }
    String text = modules.textValue();
    if (text.equals(ALL_LINEAR)) {
      return new LoraTargets(json, Set.of(), null, true, layers);
    }
    try {
      return new LoraTargets(json, Set.of(), new PythonPattern(text), false, layers);
    } catch (IllegalArgumentException e) {
      throw json.problem(MODULES, "bad pattern: " + JsonFields.cut(String.valueOf(e.getMessage())));
    }
  }

  private static Set<Integer> layers(JsonFields json) {
    Optional<JsonNode> pattern = json.node(LAYERS_PATTERN);
    for (JsonNode name : pattern.map(Set::of).orElse(Set.of())) {
      Iterable<JsonNode> each = name.isArray() ? name : List.of(name);
      for (JsonNode one : each) {
        if (!one.isTextual() || !(one.textValue().isEmpty() || one.textValue().equals("layers"))) {
          throw json.problem(
              LAYERS_PATTERN, json.show(LAYERS_PATTERN) + " is not supported: only \"layers\"");
        }
      }
    }
    Optional<JsonNode> value = json.node(LAYERS);
    Set<Integer> layers = new HashSet<>();
    for (JsonNode node : value.map(Set::of).orElse(Set.of())) {
      Iterable<JsonNode> each = node.isArray() ? node : List.of(node);
      for (JsonNode layer : each) {
        if (!layer.isIntegralNumber() || !layer.canConvertToInt() || layer.intValue() < 0) {
          throw json.expected(LAYERS, "numbers of layers");
        }
        layers.add(layer.intValue());
      }
    }
    return layers;
  }

  /**
   * Whether a linear layer is adapted.
   *
   * @param module its name in the class that was trained: with "model." in front if that has a head
   * @param layer its layer's number
   */
  boolean contains(String module, int layer) {
    if (names.contains(module)) {
      return true;
    }
    if (!layers.isEmpty() && !layers.contains(layer)) {
      return false;
    }
    if (all) {
      return true;
    }
    if (pattern != null) {
      try {
        return pattern.matches(module);
      } catch (IllegalArgumentException e) {
        throw json.problem(MODULES, "bad pattern: " + e.getMessage());
      }
    }
    for (int dot = module.indexOf('.'); dot >= 0; dot = module.indexOf('.', dot + 1)) {
      if (names.contains(module.substring(dot + 1))) {
        return true;
      }
    }
    return false;
  }
}
