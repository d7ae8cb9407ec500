package io.chasqui.djl;

import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.LoraAdapterWriter;
import io.chasqui.checkpoint.TensorData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What a model has learnt as an adapter. */
final class AdapterWriter {
  private AdapterWriter() {}

  /** Writes an adapter, and a score head if one was trained. */
  static void write(Path directory, TrainedModel model, DType dtype) throws IOException {
    boolean head =
        model.parameters().stream().anyMatch(each -> each.name().equals(LoraAdapterWriter.HEAD));
    boolean encoder = model.task().convention().isPresent() && !model.task().isScorer();
    String withoutHead = encoder ? LoraAdapterWriter.ENCODER : LoraAdapterWriter.LANGUAGE_MODEL;
    Tuning.Lora lora = (Tuning.Lora) model.task().tuning();
    List<TensorData> tensors =
        model.parameters().stream()
            .map(
                parameter ->
                    TensorData.of(
                        parameter.name(), dtype, parameter.shape(), Ops.floats(parameter.value())))
            .toList();
    LoraAdapterWriter.write(
        directory,
        new LoraAdapterWriter.Settings(
            head ? LoraAdapterWriter.SCORER : withoutHead,
            model.task().base().directory().getFileName().toString(),
            lora.rank(),
            lora.alpha(),
            lora.dropout(),
            lora.rankStabilised(),
            List.copyOf(model.targets())),
        tensors);
  }
}
