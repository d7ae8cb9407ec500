package io.chasqui.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.GraphConfig;
import io.chasqui.checkpoint.OnnxFile;
import io.chasqui.checkpoint.OnnxFile.Value;
import io.chasqui.spi.TokenBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What an exported graph is given. Immutable. */
final class GraphInputs {
  static final String IDS = "input_ids";
  static final String MASK = "attention_mask";
  static final String POSITIONS = "position_ids";
  static final String SEGMENTS = "token_type_ids";

  private static final Set<String> KNOWN = Set.of(IDS, MASK, POSITIONS, SEGMENTS);
  private static final List<String> REQUIRED = List.of(IDS, MASK);

  private final List<Value> inputs;
  private final GraphConfig config;

  private GraphInputs(List<Value> inputs, GraphConfig config) {
    this.inputs = inputs;
    this.config = config;
  }

  /**
   * The inputs of a graph.
   *
   * @throws ModelFormatException naming one that is not known, missing, of another type or of a
   *     fixed shape
   */
  static GraphInputs of(OnnxFile graph, GraphConfig config) {
    for (Value input : graph.inputs()) {
      if (!KNOWN.contains(input.name())) {
        throw new ModelFormatException(
            graph.file(),
            input.name(),
            "is an input that is not known here; known are "
                + KNOWN.stream().sorted().toList()
                + (input.name().startsWith("past_key_values")
                    ? ": export the model without cache (optimum: a task without \"-with-past\")"
                    : ""));
      }
      if (input.elementType() != OnnxFile.INT64 && input.elementType() != OnnxFile.INT32) {
        throw new ModelFormatException(
            graph.file(),
            input.name(),
            "expected int64 or int32, found the element type " + input.elementType());
      }
      if (!input.dimensions().equals(List.of(OnnxFile.DYNAMIC, OnnxFile.DYNAMIC))) {
        throw new ModelFormatException(
            graph.file(),
            input.name(),
            "expected two dimensions of any size [batch, sequence], found "
                + input.dimensions()
                + ": export it with dynamic axes");
      }
    }
    for (String required : REQUIRED) {
      if (graph.input(required).isEmpty()) {
        throw new ModelFormatException(
            graph.file(),
            required,
            "is missing among the inputs "
                + graph.inputs().stream().map(Value::name).toList()
                + (required.equals(MASK) ? ": padding would be seen" : ""));
      }
    }
    return new GraphInputs(new ArrayList<>(graph.inputs()), config);
  }

  void requireKnownIds(TokenBatch batch) {
    for (int[] row : batch.rows()) {
      for (int id : row) {
        if (id < 0 || id >= config.vocabularySize()) {
          throw new IllegalArgumentException(
              "token id " + id + " is outside of the vocabulary of " + config.vocabularySize());
        }
      }
    }
  }

  void feed(NativeTensors tensors, PaddedBatch batch, OrtEnvironment environment)
      throws OrtException {
    long[] shape = {batch.rows(), batch.longest()};
    for (Value input : inputs) {
      LongBuffer values =
          switch (input.name()) {
            case IDS -> batch.ids();
            case MASK -> batch.mask();
            case POSITIONS -> batch.positions();
            default -> batch.segments(config.segmentTypes());
          };
      if (input.elementType() == OnnxFile.INT32) {
        tensors.all().put(input.name(), OnnxTensor.createTensor(environment, ints(values), shape));
      } else {
        tensors.put(input.name(), values, shape);
      }
    }
  }

  private static IntBuffer ints(LongBuffer values) {
    IntBuffer ints =
        ByteBuffer.allocateDirect(Math.multiplyExact(values.capacity(), Integer.BYTES))
            .order(ByteOrder.nativeOrder())
            .asIntBuffer();
    for (int i = 0; i < values.capacity(); i++) {
      ints.put(i, (int) values.get(i));
    }
    return ints;
  }
}
