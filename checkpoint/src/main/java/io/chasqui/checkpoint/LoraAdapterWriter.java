package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes adapters as PEFT does: {@code adapter_config.json} and {@code adapter_model.safetensors}.
 * {@link LoraAdapters} reads them.
 *
 * @see <a
 *     href="https://github.com/huggingface/peft/blob/main/src/peft/utils/save_and_load.py">save_and_load.py</a>
 */
public final class LoraAdapterWriter {
  /** PEFT's task type of an encoder. */
  public static final String ENCODER = "FEATURE_EXTRACTION";

  /** PEFT's task type of a scorer with a head of its own. */
  public static final String SCORER = LoraSettings.CLASSIFICATION;

  /** PEFT's task type of a language model. */
  public static final String LANGUAGE_MODEL = "CAUSAL_LM";

  /** Name of a score head's weights. */
  public static final String HEAD = "score.weight";

  private static final JsonMapper JSON = new JsonMapper();

  private LoraAdapterWriter() {}

  /**
   * What {@code adapter_config.json} says.
   *
   * @param taskType {@link #ENCODER}, {@link #SCORER} or {@link #LANGUAGE_MODEL}
   * @param baseName what the adapter says it is for
   * @param rank r
   * @param alpha lora_alpha
   * @param dropout of training
   * @param rankStabilised whether the scale is α/√r instead of α/r
   * @param targets adapted modules, "q_proj"
   */
  public record Settings(
      String taskType,
      String baseName,
      int rank,
      double alpha,
      double dropout,
      boolean rankStabilised,
      List<String> targets) {
    public Settings {
      targets = List.copyOf(targets);
    }
  }

  /**
   * Writes both files.
   *
   * @param directory existing folder
   * @param tensors named without PEFT's prefix: "layers.0.self_attn.q_proj.lora_A.weight" of shape
   *     [rank, in], "….lora_B.weight" of shape [out, rank], {@link #HEAD}
   */
  public static void write(Path directory, Settings settings, List<TensorData> tensors)
      throws IOException {
    // AutoModel has no "model." of its own below PEFT's.
    String prefix =
        settings.taskType().equals(ENCODER) ? "base_model.model." : "base_model.model.model.";
    SafetensorsWriter.write(
        directory.resolve("adapter_model.safetensors"),
        tensors.stream()
            .map(
                tensor ->
                    tensor.withName(
                        (isHead(tensor) ? "base_model.model." : prefix) + tensor.name()))
            .toList());
    boolean head = tensors.stream().anyMatch(LoraAdapterWriter::isHead);
    Files.writeString(
        directory.resolve(LoraSettings.FILE),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config(settings, head)) + "\n");
  }

  private static boolean isHead(TensorData tensor) {
    return tensor.name().equals(HEAD);
  }

  private static ObjectNode config(Settings settings, boolean head) {
    ObjectNode config = JSON.createObjectNode();
    config.put("peft_type", "LORA").put("task_type", settings.taskType());
    config.put("base_model_name_or_path", settings.baseName());
    config.put("r", settings.rank());
    if (settings.alpha() == Math.rint(settings.alpha())) {
      config.put("lora_alpha", (long) settings.alpha());
    } else {
      config.put("lora_alpha", settings.alpha());
    }
    config.put("lora_dropout", settings.dropout()).put("use_rslora", settings.rankStabilised());
    config.put("bias", "none").put("fan_in_fan_out", false).put("inference_mode", true);
    config.put("init_lora_weights", true);
    var targets = config.putArray("target_modules");
    settings.targets().forEach(targets::add);
    if (head) {
      config.putArray("modules_to_save").add("classifier").add("score");
    } else {
      config.putNull("modules_to_save");
    }
    return config;
  }
}
