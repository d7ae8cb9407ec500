package io.chasqui.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.chasqui.BackendException;
import io.chasqui.Deadline;
import io.chasqui.checkpoint.GraphConfig;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.OnnxFile;
import io.chasqui.spi.ModelRunner;
import io.chasqui.spi.TokenBatch;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A graph that somebody exported, in one native session, with all roles that read its outputs. Rows
 * are padded, as such graphs want it. Thread-safe until closed.
 */
final class GraphModelRunner implements ModelRunner {
  private final OrtEnvironment environment;
  private final GraphInputs inputs;
  private final Map<String, GraphOutput> outputs;
  private final WatchedSession session;

  private GraphModelRunner(
      OrtEnvironment environment,
      OrtSession session,
      GraphInputs inputs,
      Map<String, GraphOutput> outputs) {
    this.environment = environment;
    this.inputs = inputs;
    this.outputs = Map.copyOf(outputs);
    this.session = new WatchedSession(session, new NativeTensors(environment));
  }

  /**
   * Loads a bundle's graph.
   *
   * @throws io.chasqui.ModelFormatException if it has an input that we cannot give, or lacks one
   *     that it must have
   * @throws BackendException if ONNX Runtime refuses it
   */
  static GraphModelRunner load(ModelBundle bundle, RunnerOptions options) {
    OnnxFile graph = bundle.graph().orElseThrow();
    GraphConfig config = bundle.graphConfig();
    GraphInputs inputs = GraphInputs.of(graph, config);
    Map<String, GraphOutput> outputs = new LinkedHashMap<>();
    bundle
        .roles()
        .forEach(
            (name, role) ->
                outputs.put(
                    name, GraphOutput.of(graph, role, bundle.width(name), bundle.dense(name))));
    OrtEnvironment environment = NativeEnvironment.get();
    try (SessionOptions sessionOptions = new SessionOptions()) {
      WatchedSession.configure(sessionOptions, options);
      OrtSession session = environment.createSession(graph.file().toString(), sessionOptions);
      try {
        return new GraphModelRunner(environment, session, inputs, outputs);
      } catch (RuntimeException | Error e) {
        try (session) {
          throw e;
        }
      }
    } catch (OrtException e) {
      throw NativeErrors.translate("loading " + graph.file(), e);
    }
  }

  @Override
  public int width(String role) {
    return output(role).width();
  }

  private GraphOutput output(String role) {
    GraphOutput output = outputs.get(role);
    if (output == null) {
      throw new IllegalArgumentException("no role " + role + "; there are " + outputs.keySet());
    }
    return output;
  }

  @Override
  public float[] run(TokenBatch batch, Deadline deadline) {
    GraphOutput output = output(batch.role());
    inputs.requireKnownIds(batch);
    return session.run(
        deadline,
        (graph, options) -> {
          PaddedBatch padded = new PaddedBatch(batch.rows(), output.role());
          try (NativeTensors tensors = new NativeTensors(environment)) {
            inputs.feed(tensors, padded, environment);
            try (OrtSession.Result result =
                graph.run(tensors.all(), Set.of(output.name()), options)) {
              return output.rows(floats(output, result.get(0)), padded);
            }
          }
        });
  }

  private static FloatBuffer floats(GraphOutput output, OnnxValue value) {
    FloatBuffer floats = value instanceof OnnxTensor tensor ? tensor.getFloatBuffer() : null;
    if (floats == null) {
      throw new BackendException(
          "the output " + output.name() + " is no tensor of float32 or float16", false);
    }
    return floats;
  }

  @Override
  public void close() {
    session.close();
  }
}
