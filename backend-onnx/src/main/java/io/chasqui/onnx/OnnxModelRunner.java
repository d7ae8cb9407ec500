package io.chasqui.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.RunOptions;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.chasqui.BackendException;
import io.chasqui.Deadline;
import io.chasqui.checkpoint.AttentionConfig;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Tensors;
import io.chasqui.onnx.DecoderGraph.DecoderModel;
import io.chasqui.onnx.DecoderGraph.RoleOutput;
import io.chasqui.onnx.DecoderGraph.Supplied;
import io.chasqui.spi.TokenBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A checkpoint in one native session, with all of its roles and adapters. Thread-safe until closed:
 * runs go side by side and share the weights.
 */
final class OnnxModelRunner implements JoiningRunner {
  private final OrtEnvironment environment;
  private final ModelConfig config;
  private final Set<String> inputs;
  private final Map<String, RoleOutput> outputs;
  private final ComputeType type;
  private final List<RopeTable> ropes;
  private final WatchedSession session;

  private OnnxModelRunner(
      OrtEnvironment environment,
      OrtSession session,
      NativeTensors constants,
      ModelConfig config,
      DecoderModel model) {
    this.environment = environment;
    this.config = config;
    this.inputs = model.inputs();
    this.outputs = model.outputs();
    this.type = model.type();
    this.ropes =
        AttentionLayers.ropes(config).stream()
            .map(rope -> new RopeTable(rope, config.headDim()))
            .toList();
    this.session = new WatchedSession(session, constants);
  }

  /**
   * Builds the graph and loads it.
   *
   * @param tensors of the base; their files must stay as they are until close
   * @param roles what the runner serves, at least one; roles that hold the same adapter object
   *     share its weights
   * @throws io.chasqui.ModelFormatException if tensors are missing, surplus or misshapen, or an
   *     adapter does not fit
   * @throws BackendException if ONNX Runtime refuses the model
   */
  static OnnxModelRunner load(
      ModelConfig config, Tensors tensors, List<ServedRole> roles, RunnerOptions options) {
    boolean merge = options.adapters() == RunnerOptions.Adapters.MERGED;
    DecoderModel model = DecoderGraph.build(config, tensors, roles, options);
    OrtEnvironment environment = NativeEnvironment.get();
    NativeTensors supplied = new NativeTensors(environment);
    try (SessionOptions sessionOptions = new SessionOptions()) {
      configure(sessionOptions, model, options);
      for (Map.Entry<String, Supplied> constant : model.supplied().entrySet()) {
        Supplied value = constant.getValue();
        supplied.put(constant.getKey(), value.values(), value.type(), value.shape());
      }
      boolean copies = merge || !readsInPlace(model, options);
      if (copies) {
        sessionOptions.addExternalInitializers(Map.copyOf(supplied.all()));
      } else {
        for (Map.Entry<String, OnnxTensor> constant : supplied.all().entrySet()) {
          sessionOptions.addInitializer(constant.getKey(), constant.getValue()); // read in place
        }
      }
      OrtSession session = environment.createSession(model.model(), sessionOptions);
      try {
        if (copies) {
          supplied.close();
        }
        return new OnnxModelRunner(environment, session, supplied, config, model);
      } catch (RuntimeException | Error e) {
        try (session) {
          throw e;
        }
      }
    } catch (OrtException e) {
      try (supplied) {
        throw NativeErrors.translate("loading the model", e);
      }
    } catch (RuntimeException | Error e) {
      try (supplied) {
        throw e;
      }
    }
  }

  /**
   * Whether adapters can be read where they lie: on the CPU and in the type of its kernels. What is
   * folded or converted at load, or lies on a device, is not what was handed over.
   */
  private static boolean readsInPlace(DecoderModel model, RunnerOptions options) {
    return model.type() == ComputeType.FLOAT && options.kernels() == RunnerOptions.Kernels.STANDARD;
  }

  private static void configure(
      SessionOptions sessionOptions, DecoderModel model, RunnerOptions options)
      throws OrtException {
    WatchedSession.configure(sessionOptions, options);
    sessionOptions.addConfigEntry(
        "session.model_external_initializers_file_folder_path", model.folder().toString());
  }

  /** In which its layers compute. */
  ComputeType type() {
    return type;
  }

  @Override
  public int width(String role) {
    return output(role).width();
  }

  private RoleOutput output(String role) {
    RoleOutput output = outputs.get(role);
    if (output == null) {
      throw new IllegalArgumentException("no role " + role + "; there are " + outputs.keySet());
    }
    return output;
  }

  @Override
  public float[] run(TokenBatch batch, Deadline deadline) {
    return runTogether(List.of(batch), deadline).get(0);
  }

  @Override
  public boolean joinsRoles() {
    return true;
  }

  @Override
  public List<float[]> runTogether(List<TokenBatch> batches, Deadline deadline) {
    Map<String, Integer> widths = new LinkedHashMap<>(); // by name of the output
    int rows = 0;
    for (TokenBatch batch : batches) {
      RoleOutput output = output(batch.role());
      widths.put(output.name(), output.width());
      rows += batch.rows().size();
    }
    Map<String, float[]> results = run(batches, deadline, widths, rows);
    if (batches.size() == 1) {
      return List.copyOf(results.values());
    }
    List<float[]> each = new ArrayList<>();
    int first = 0;
    for (TokenBatch batch : batches) {
      RoleOutput output = output(batch.role());
      int end = first + batch.rows().size();
      float[] all = Objects.requireNonNull(results.get(output.name()));
      each.add(Arrays.copyOfRange(all, first * output.width(), end * output.width()));
      first = end;
    }
    return each;
  }

  /**
   * Hidden states after the final norm, [tokens, hidden], row after row; without a shared prefix.
   */
  float[] hidden(TokenBatch batch) {
    int tokens = batch.rows().stream().mapToInt(row -> row.length).sum();
    Map<String, Integer> widths = Map.of(DecoderGraph.HIDDEN, config.hiddenSize());
    Map<String, float[]> results = run(List.of(batch), Deadline.none(), widths, tokens);
    return Objects.requireNonNull(results.get(DecoderGraph.HIDDEN));
  }

  /** Outputs of one run by name, each [lines, its width]. */
  private Map<String, float[]> run(
      List<TokenBatch> batches, Deadline deadline, Map<String, Integer> widths, int lines) {
    batches.forEach(this::requireKnownIds);
    Map<String, FloatBuffer> results = new LinkedHashMap<>();
    widths.forEach((name, width) -> results.put(name, direct(Math.multiplyExact(lines, width))));
    session.run(deadline, (graph, options) -> run(batches, results, lines, graph, options));
    Map<String, float[]> arrays = new LinkedHashMap<>();
    results.forEach(
        (name, buffer) -> {
          float[] floats = new float[buffer.capacity()];
          buffer.get(0, floats);
          arrays.put(name, floats);
        });
    return arrays;
  }

  /** Leaves the results in the buffers, which it returns. */
  private Map<String, FloatBuffer> run(
      List<TokenBatch> batches,
      Map<String, FloatBuffer> results,
      int lines,
      OrtSession graph,
      RunOptions options)
      throws OrtException {
    try (NativeTensors tensors = new NativeTensors(environment);
        NativeTensors pinned = new NativeTensors(environment)) {
      for (Map.Entry<String, FloatBuffer> result : results.entrySet()) {
        long width = result.getValue().capacity() / lines;
        pinned.put(result.getKey(), result.getValue(), lines, width);
      }
      feed(tensors, packed(batches));
      graph.run(tensors.all(), Set.of(), pinned.all(), options).close();
      return results;
    }
  }

  private PackedBatch packed(List<TokenBatch> batches) {
    int window =
        config.attention().window().map(AttentionConfig.Window::size).orElse(Integer.MAX_VALUE);
    List<PackedBatch.Part> parts =
        batches.stream()
            .map(
                batch -> {
                  RoleOutput output = output(batch.role());
                  return new PackedBatch.Part(batch, output.role(), output.adapter());
                })
            .toList();
    return new PackedBatch(parts, window, inputs.contains(DecoderGraph.ROW_LAST));
  }

  private void feed(NativeTensors tensors, PackedBatch packed) throws OrtException {
    long rows = packed.rows();
    long longest = packed.longest();
    long count = packed.tokens();
    tensors.put(DecoderGraph.IDS, packed.ids(), count);
    tensors.put(DecoderGraph.SLOTS, packed.slots(), rows, longest);
    tensors.put(DecoderGraph.SLOT_POSITIONS, packed.slotPositions(), rows, longest);
    tensors.put(DecoderGraph.SLOT_REACH, packed.slotReach(), rows, longest);
    tensors.put(DecoderGraph.TOKEN_SLOTS, packed.tokenSlots(), count);
    tensors.put(DecoderGraph.POOLED_TOKENS, packed.pooledTokens(), rows);
    for (int number = 0; number < ropes.size(); number++) {
      RopeTable.Tables tables = ropes.get(number).atLeast(packed.longest());
      tensors.put(
          DecoderGraph.COSINES + number, tables.cosines(), tables.positions(), tables.half());
      tensors.put(DecoderGraph.SINES + number, tables.sines(), tables.positions(), tables.half());
    }
    if (inputs.contains(DecoderGraph.WINDOW_FIRST)) {
      tensors.put(DecoderGraph.WINDOW_FIRST, packed.windowFirst(), rows, longest);
      tensors.put(DecoderGraph.WINDOW_LAST, packed.windowLast(), rows, longest);
    }
    if (inputs.contains(DecoderGraph.ROW_LAST)) {
      tensors.put(DecoderGraph.ROW_LAST, packed.rowLast(), rows);
      tensors.put(DecoderGraph.LONGEST, packed.longestRow(), 1);
    }
    if (inputs.contains(DecoderGraph.POOL_WEIGHTS)) {
      tensors.put(DecoderGraph.POOL_WEIGHTS, packed.poolWeights(), rows, count);
    }
    if (inputs.contains(DecoderGraph.ROW_ADAPTERS)) {
      tensors.put(DecoderGraph.ROW_ADAPTERS, packed.rowAdapters(), rows);
    }
  }

  private void requireKnownIds(TokenBatch batch) {
    for (int[] row : batch.rows()) {
      for (int id : row) {
        if (id < 0 || id >= config.vocabularySize()) {
          throw new IllegalArgumentException(
              "token id " + id + " is outside of the vocabulary of " + config.vocabularySize());
        }
      }
    }
  }

  private static FloatBuffer direct(int elements) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(elements, Float.BYTES))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  @Override
  public void close() {
    session.close();
  }
}
