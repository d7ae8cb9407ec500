package io.chasqui.djl;

import ai.djl.pytorch.engine.PtNDArray;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.chasqui.TrainingException;
import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.SafetensorsFile;
import io.chasqui.checkpoint.SafetensorsWriter;
import io.chasqui.checkpoint.TensorData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a training stands, as its checkpoint has it beside the tensors: one safetensors file that
 * appears whole or not at all. Immutable.
 *
 * @param updates done
 * @param epoch of the data
 * @param offset items taken of that epoch
 * @param loss of the last update
 * @param best evaluation so far
 * @param worse evaluations since the best
 */
record TrainingState(
    long updates, int epoch, long offset, double loss, Optional<EvaluationReport> best, int worse) {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(
              com.fasterxml.jackson.databind.DeserializationFeature
                  .FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();
  private static final String KEY = "chasqui.training";
  private static final String VALUE = "value.";
  private static final String MEAN = "mean.";
  private static final String SQUARE = "square.";

  /** The state's numbers as JSON has them: no Optional, NaN as null. */
  private record Stored(
      long updates,
      int epoch,
      long offset,
      double loss,
      boolean evaluated,
      long bestStep,
      double bestLoss,
      double bestMrr,
      double bestAccuracy,
      int worse) {}

  static TrainingState start() {
    return new TrainingState(0, 0, 0, 0, Optional.empty(), 0);
  }

  /** Writes parameters, both moments and this state. */
  void write(Path file, AdamW optimiser) throws IOException {
    List<TensorData> tensors = new ArrayList<>();
    for (AdamW.Moments each : optimiser.moments()) {
      tensors.add(data(VALUE, each.parameter(), each.parameter().value()));
      tensors.add(data(MEAN, each.parameter(), each.mean()));
      tensors.add(data(SQUARE, each.parameter(), each.square()));
    }
    SafetensorsWriter.write(file, Map.of(KEY, json()), tensors);
  }

  private String json() throws JsonProcessingException {
    EvaluationReport top = best.orElse(new EvaluationReport(0, 0, 0, 0));
    return JSON.writeValueAsString(
        new Stored(
            updates,
            epoch,
            offset,
            loss,
            best.isPresent(),
            top.step(),
            top.loss(),
            top.mrr(),
            top.accuracy(),
            worse));
  }

  /** Writes parameters alone. */
  static void writeParameters(Path file, List<Parameter> parameters) throws IOException {
    List<TensorData> tensors = new ArrayList<>();
    for (Parameter parameter : parameters) {
      tensors.add(data(VALUE, parameter, parameter.value()));
    }
    SafetensorsWriter.write(file, Map.of(), tensors);
  }

  private static TensorData data(String prefix, Parameter parameter, PtNDArray tensor) {
    float[] values = Ops.floats(tensor);
    return TensorData.of(prefix + parameter.name(), DType.F32, parameter.shape(), values);
  }

  /** The state that a checkpoint has. */
  static TrainingState read(SafetensorsFile checkpoint) {
    String json = checkpoint.metadata().get(KEY);
    if (json == null) {
      throw new TrainingException(checkpoint.file() + " is no checkpoint of a training");
    }
    try {
      Stored s = JSON.readValue(json, Stored.class);
      EvaluationReport top =
          new EvaluationReport(s.bestStep, s.bestLoss, s.bestMrr, s.bestAccuracy);
      return new TrainingState(
          s.updates,
          s.epoch,
          s.offset,
          s.loss,
          s.evaluated ? Optional.of(top) : Optional.empty(),
          s.worse);
    } catch (JsonProcessingException e) {
      throw new TrainingException(checkpoint.file() + ": damaged state: " + json, e);
    }
  }

  /** Puts a checkpoint's tensors in place. */
  void restore(SafetensorsFile checkpoint, AdamW optimiser, Scope scope) {
    for (AdamW.Moments each : optimiser.moments()) {
      restore(checkpoint, VALUE, each.parameter(), each.parameter().value(), scope);
      restore(checkpoint, MEAN, each.parameter(), each.mean(), scope);
      restore(checkpoint, SQUARE, each.parameter(), each.square(), scope);
    }
    optimiser.restore(updates);
  }

  /** Puts parameters in place that {@link #writeParameters} wrote. */
  static void restoreParameters(Path file, List<Parameter> parameters, Scope scope)
      throws IOException {
    SafetensorsFile stored = SafetensorsFile.read(file);
    parameters.forEach(parameter -> restore(stored, VALUE, parameter, parameter.value(), scope));
  }

  private static void restore(
      SafetensorsFile file, String prefix, Parameter parameter, PtNDArray tensor, Scope scope) {
    float[] values = file.floats(prefix + parameter.name());
    GradMode.off(
        () -> {
          scope.copyInto(tensor, values);
          return tensor;
        });
  }
}
