package io.chasqui.djl;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.SafetensorsWriter;
import io.chasqui.checkpoint.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Adapters as PEFT writes them: {@code adapter_config.json} and {@code adapter_model.safetensors}.
 *
 * @see <a
 *     href="https://github.com/huggingface/peft/blob/main/src/peft/utils/save_and_load.py">save_and_load.py</a>
 */
final class AdapterWriter {
  private static final JsonMapper JSON = new JsonMapper();

  private AdapterWriter() {}

  /** Writes an adapter, and a score head if one was trained. */
  static void write(Path directory, TrainedModel model, DType dtype) throws IOException {
    boolean head =
        model.parameters().stream().anyMatch(each -> each.name().equals(TrainingTask.HEAD));
    boolean encoder = model.task().convention().isPresent() && !model.task().isScorer();
    String task = head ? "SEQ_CLS" : encoder ? "FEATURE_EXTRACTION" : "CAUSAL_LM";
    // AutoModel has no "model." of its own below PEFT's.
    String prefix = encoder ? "base_model.model." : "base_model.model.model.";
    List<TensorData> tensors = new ArrayList<>();
    for (Parameter parameter : model.parameters()) {
      boolean isHead = parameter.name().equals(TrainingTask.HEAD);
      tensors.add(
          TensorData.of(
              (isHead ? "base_model.model." : prefix) + parameter.name(),
              dtype,
              parameter.shape(),
              Ops.floats(parameter.value())));
    }
    SafetensorsWriter.write(directory.resolve("adapter_model.safetensors"), tensors);
    Files.writeString(
        directory.resolve("adapter_config.json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config(model, task, head)) + "\n");
  }

  private static ObjectNode config(TrainedModel model, String task, boolean head) {
    Tuning.Lora lora = (Tuning.Lora) model.task().tuning();
    ObjectNode config = JSON.createObjectNode();
    config.put("peft_type", "LORA").put("task_type", task);
    config.put("base_model_name_or_path", model.task().base().directory().getFileName().toString());
    config.put("r", lora.rank());
    if (lora.alpha() == Math.rint(lora.alpha())) {
      config.put("lora_alpha", (long) lora.alpha());
    } else {
      config.put("lora_alpha", lora.alpha());
    }
    config.put("lora_dropout", lora.dropout()).put("use_rslora", lora.rankStabilised());
    config.put("bias", "none").put("fan_in_fan_out", false).put("inference_mode", true);
    config.put("init_lora_weights", true);
    var targets = config.putArray("target_modules");
    model.targets().forEach(targets::add);
    if (head) {
      config.putArray("modules_to_save").add("classifier").add("score");
    } else {
      config.putNull("modules_to_save");
    }
    return config;
  }
}
