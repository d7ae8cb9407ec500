package io.chasqui.djl;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.RetrievalCard;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.SafetensorsWriter;
import io.chasqui.checkpoint.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Whole checkpoints as Hugging Face has them: weights, {@code config.json}, the base's tokenizer
 * files, and the retrieval card of the role that was trained.
 */
final class ModelWriter {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String CONFIG = "config.json";
  private static final String CLASSIFIER = "ForSequenceClassification";
  private static final long SHARD_BYTES = 5_000_000_000L;
  private static final Map<DType, String> NAMES =
      Map.of(DType.F32, "float32", DType.F16, "float16", DType.BF16, "bfloat16");

  private ModelWriter() {}

  static void write(Path directory, TrainedModel model, DType dtype) throws IOException {
    ModelBundle base = model.task().base();
    boolean scorer =
        model.parameters().stream().anyMatch(each -> each.name().equals(TrainingTask.HEAD));
    List<TensorData> tensors = new ArrayList<>();
    for (Parameter parameter : model.parameters()) {
      tensors.add(
          TensorData.of(
              storedName(base, parameter.name(), scorer),
              dtype,
              parameter.shape(),
              Ops.floats(parameter.value())));
    }
    // An LM head of its own that was not trained stays what it was.
    String head = "lm_head.weight";
    boolean trained = model.parameters().stream().anyMatch(each -> each.name().equals(head));
    if (!trained && !scorer && base.layout().find(head).isPresent()) {
      tensors.add(TensorData.copy(base.weights(), base.layout().tensor(head)));
    }
    SafetensorsWriter.writeCheckpoint(directory, tensors, SHARD_BYTES);
    copyOthers(base.directory(), directory);
    writeConfig(base.directory(), directory, dtype, scorer);
    if (model.task().convention().isPresent()) {
      Role role = model.task().convention().get().withoutAdapter();
      RetrievalCard.of(role).write(directory.resolve(RetrievalCard.FILE));
    }
  }

  private static String storedName(ModelBundle base, String canonical, boolean scorer) {
    if (canonical.equals(TrainingTask.HEAD)) {
      return canonical;
    }
    String stored = base.layout().tensor(canonical);
    return scorer && !stored.startsWith("model.") ? "model." + stored : stored;
  }

  /** Tokenizer files, licences and the like: all that is small and neither weights nor card. */
  private static void copyOthers(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        boolean replaced =
            name.equals(CONFIG)
                || name.equals(RetrievalCard.FILE)
                || name.equals("training.json")
                || name.startsWith("adapter_")
                || name.endsWith(".safetensors")
                || name.endsWith(".bin")
                || name.endsWith(".index.json");
        if (!replaced) {
          Files.copy(file, to.resolve(name));
        }
      }
    }
  }

  private static void writeConfig(Path from, Path to, DType dtype, boolean scorer)
      throws IOException {
    ObjectNode config = (ObjectNode) JSON.readTree(from.resolve(CONFIG).toFile());
    String type = NAMES.getOrDefault(dtype, dtype.name().toLowerCase(Locale.ROOT));
    config.put(config.has("dtype") ? "dtype" : "torch_dtype", type);
    if (scorer) {
      String before = config.path("architectures").path(0).asText("");
      String family = before.replaceAll("(Model|For[A-Z]\\w*)$", "");
      config.putArray("architectures").add(family + CLASSIFIER);
      config.putObject("id2label").put("0", "LABEL_0");
      config.putObject("label2id").put("LABEL_0", 0);
    }
    Files.writeString(
        to.resolve(CONFIG),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n");
  }
}
