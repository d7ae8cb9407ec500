package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code adapter_config.json} of PEFT says, checked to be what we do. Everything that is
 * switched on and that we do not do is refused by its name.
 *
 * @param json the file, for errors
 * @param taskType "SEQ_CLS"; "" if absent
 * @param rank r
 * @param alpha lora_alpha
 * @param rankStabilised whether the scale is α/√r
 * @param rankPattern other ranks by pattern; the first that matches counts
 * @param alphaPattern other alphas by pattern
 * @param targets which modules are adapted
 * @param savesScore whether the score head is stored whole
 * @see <a
 *     href="https://github.com/huggingface/peft/blob/main/src/peft/tuners/lora/config.py">LoraConfig</a>
 */
record LoraSettings(
    JsonFields json,
    String taskType,
    int rank,
    double alpha,
    boolean rankStabilised,
    Map<String, JsonNode> rankPattern,
    Map<String, JsonNode> alphaPattern,
    LoraTargets targets,
    boolean savesScore) {
  static final String FILE = "adapter_config.json";
  static final String CLASSIFICATION = "SEQ_CLS";

  private static final int MAX_PATTERNS = 10_000;

  /** Read below. */
  private static final Set<String> READ =
      Set.of(
          "peft_type",
          "task_type",
          "r",
          "lora_alpha",
          "use_rslora",
          "rank_pattern",
          "alpha_pattern",
          "target_modules",
          "layers_to_transform",
          "layers_pattern",
          "modules_to_save",
          "bias",
          "init_lora_weights");

  /** Say nothing about inference, or only beside a switch that is refused when it is on. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "auto_mapping",
          "peft_version",
          "base_model_name_or_path",
          "revision",
          "inference_mode",
          "lora_dropout",
          "megatron_core",
          "eva_config",
          "qalora_group_size",
          "ensure_weight_tying",
          "runtime_config");

  /**
   * Ways to start training that leave the base weights alone; others (PiSSA, LoftQ…) change them.
   */
  private static final Set<String> HARMLESS_INITS = Set.of("gaussian", "orthogonal", "eva");

  static LoraSettings read(Path directory) throws IOException {
    JsonFields json = JsonFile.readObject(directory.resolve(FILE));
    String type = json.string("peft_type").orElse("");
    if (!type.equals("LORA")) {
      throw json.problem("peft_type", json.show("peft_type") + " is not supported: only LORA");
    }
    for (String name : json.names()) {
      if (!READ.contains(name) && !WITHOUT_EFFECT.contains(name) && isOn(json, name)) {
        throw json.problem(name, json.show(name) + " is not supported");
      }
    }
    if (!json.string("bias").orElse("none").equals("none")) {
      throw json.problem("bias", json.show("bias") + " is not supported: only none");
    }
    requireHarmlessInit(json);
    String task = json.string("task_type").orElse("");
    return new LoraSettings(
        json,
        task,
        json.requiredPositive("r"),
        json.requiredPositiveNumber("lora_alpha"),
        json.flag("use_rslora", false),
        pattern(json, "rank_pattern"),
        pattern(json, "alpha_pattern"),
        LoraTargets.read(json),
        savesScore(json, task));
  }

  private static boolean isOn(JsonFields json, String name) {
    Optional<JsonNode> value = json.node(name);
    return value.isPresent()
        && !(value.get().isBoolean() && !value.get().booleanValue())
        && !(value.get().isContainerNode() && value.get().isEmpty())
        && !(value.get().isTextual() && value.get().textValue().isEmpty());
  }

  private static void requireHarmlessInit(JsonFields json) {
    Optional<JsonNode> init = json.node("init_lora_weights");
    boolean harmless =
        init.isEmpty()
            || init.get().isBoolean()
            || (init.get().isTextual() && HARMLESS_INITS.contains(init.get().textValue()));
    if (!harmless) {
      throw json.problem(
          "init_lora_weights",
          json.show("init_lora_weights")
              + " is not supported: it may change the base weights; convert the adapter to plain"
              + " LoRA with PEFT");
    }
  }

  private static Map<String, JsonNode> pattern(JsonFields json, String name) {
    Map<String, JsonNode> patterns = new LinkedHashMap<>();
    json.object(name)
        .ifPresent(
            fields -> {
              boolean rank = name.startsWith("rank");
              for (String key : fields.names()) {
                if (rank) {
                  fields.requiredPositive(key);
                } else {
                  fields.requiredPositiveNumber(key);
                }
                fields.node(key).ifPresent(value -> patterns.put(key, value));
              }
            });
    if (patterns.size() > MAX_PATTERNS) {
      throw json.problem(name, patterns.size() + " patterns");
    }
    return patterns;
  }

  private static boolean savesScore(JsonFields json, String task) {
    List<String> saved = json.strings("modules_to_save").orElse(List.of());
    Set<String> others = new HashSet<>(saved);
    others.removeAll(Set.of("score", "classifier"));
    if (!others.isEmpty()) {
      throw json.problem(
          "modules_to_save", json.show("modules_to_save") + ": only score is supported");
    }
    return task.equals(CLASSIFICATION) || !saved.isEmpty();
  }

  /** r of a module, by its full name. */
  int rank(String module) {
    return match(rankPattern, "rank_pattern", module).map(JsonNode::intValue).orElse(rank);
  }

  /** α/r of a module, or α/√r. */
  double scale(String module) {
    double ownAlpha =
        match(alphaPattern, "alpha_pattern", module).map(JsonNode::doubleValue).orElse(alpha);
    int ownRank = rank(module);
    return ownAlpha / (rankStabilised ? Math.sqrt(ownRank) : ownRank);
  }

  /** PEFT's {@code get_pattern_key}: a key is the name, or its end after a dot, as a regex. */
  private Optional<JsonNode> match(Map<String, JsonNode> patterns, String field, String module) {
    for (var entry : patterns.entrySet()) {
      try {
        if (new PythonPattern("(?:.*\\.)?(?:" + entry.getKey() + ")").matches(module)) {
          return Optional.of(entry.getValue());
        }
      } catch (IllegalArgumentException e) {
        throw json.problem(
            field, "\"" + JsonFields.cut(entry.getKey()) + "\": bad pattern: " + e.getMessage());
      }
    }
    return Optional.empty();
  }
}
