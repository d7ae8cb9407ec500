package io.chasqui.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.RunOptions;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.chasqui.BackendException;
import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.checkpoint.AttentionConfig;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Tensors;
import io.chasqui.internal.Lease;
import io.chasqui.onnx.DecoderGraph.DecoderModel;
import io.chasqui.onnx.DecoderGraph.RoleOutput;
import io.chasqui.onnx.DecoderGraph.Supplied;
import io.chasqui.spi.ModelRunner;
import io.chasqui.spi.TokenBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A checkpoint in one native session, with all of its roles and adapters. Thread-safe until closed:
 * runs go side by side and share the weights.
 */
final class OnnxModelRunner implements ModelRunner {
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final NativeTensors constants; // the session reads them
  private final ModelConfig config;
  private final Set<String> inputs;
  private final Map<String, RoleOutput> outputs;
  private final List<RopeTable> ropes;
  private final RunWatchdog watchdog;
  private final Lease lease = new Lease("model runner");

  private OnnxModelRunner(
      OrtEnvironment environment,
      OrtSession session,
      NativeTensors constants,
      ModelConfig config,
      DecoderModel model) {
    this.environment = environment;
    this.session = session;
    this.constants = constants;
    this.config = config;
    this.inputs = model.inputs();
    this.outputs = model.outputs();
    this.ropes =
        AttentionLayers.ropes(config).stream()
            .map(rope -> new RopeTable(rope, config.headDim()))
            .toList();
    this.watchdog = new RunWatchdog(); // last: it starts a thread
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
    DecoderModel model = DecoderGraph.build(config, tensors, roles, merge, options.keepHidden());
    OrtEnvironment environment = NativeEnvironment.get();
    NativeTensors supplied = new NativeTensors(environment);
    try (SessionOptions sessionOptions = new SessionOptions()) {
      configure(sessionOptions, model, options);
      for (Map.Entry<String, Supplied> constant : model.supplied().entrySet()) {
        supplied.put(constant.getKey(), constant.getValue().values(), constant.getValue().shape());
      }
      if (merge) {
        sessionOptions.addExternalInitializers(Map.copyOf(supplied.all())); // copies, to be folded
      } else {
        for (Map.Entry<String, OnnxTensor> constant : supplied.all().entrySet()) {
          sessionOptions.addInitializer(constant.getKey(), constant.getValue()); // read in place
        }
      }
      OrtSession session = environment.createSession(model.model(), sessionOptions);
      try {
        if (merge) {
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

  private static void configure(
      SessionOptions sessionOptions, DecoderModel model, RunnerOptions options)
      throws OrtException {
    sessionOptions.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
    sessionOptions.setIntraOpNumThreads(options.intraOpThreads());
    sessionOptions.setInterOpNumThreads(1);
    // Patterns are kept for every shape ever met, and shapes hardly ever repeat.
    sessionOptions.setMemoryPatternOptimization(false);
    sessionOptions.addConfigEntry(
        "session.model_external_initializers_file_folder_path", model.folder().toString());
    sessionOptions.addConfigEntry("session.disable_prepacking", options.prepacking() ? "0" : "1");
    options.provider().addTo(sessionOptions);
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
    RoleOutput output = output(batch.role());
    return run(batch, deadline, output.name(), batch.rows().size(), output.width());
  }

  /**
   * Hidden states after the final norm, [tokens, hidden], row after row; without a shared prefix.
   */
  float[] hidden(TokenBatch batch) {
    int tokens = batch.rows().stream().mapToInt(row -> row.length).sum();
    return run(batch, Deadline.none(), DecoderGraph.HIDDEN, tokens, config.hiddenSize());
  }

  private float[] run(TokenBatch batch, Deadline deadline, String output, int lines, int width) {
    requireKnownIds(batch);
    return lease.during(() -> runLeased(batch, deadline, output, lines, width));
  }

  private float[] runLeased(
      TokenBatch batch, Deadline deadline, String output, int lines, int width) {
    deadline.check("a run of the model");
    RoleOutput role = output(batch.role());
    int window =
        config.attention().window().map(AttentionConfig.Window::size).orElse(Integer.MAX_VALUE);
    PackedBatch packed = new PackedBatch(batch, role.role(), window);
    FloatBuffer result = direct(Math.multiplyExact(lines, width));
    try (NativeTensors tensors = new NativeTensors(environment);
        OnnxTensor pinned =
            OnnxTensor.createTensor(environment, result, new long[] {lines, width});
        RunOptions options = new RunOptions()) {
      feed(tensors, packed, role.adapter());
      options.setLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      watched(tensors.all(), Map.of(output, pinned), options, deadline);
    } catch (OrtException e) {
      throw NativeErrors.translate("a run of the model", e);
    }
    float[] floats = new float[result.capacity()];
    result.get(0, floats);
    return floats;
  }

  private void watched(
      Map<String, OnnxTensor> tensors,
      Map<String, OnnxTensor> pinned,
      RunOptions options,
      Deadline deadline)
      throws OrtException {
    RunWatchdog.Watch watch = watchdog.watch(options, deadline);
    try (watch) {
      session.run(tensors, Set.of(), pinned, options).close(); // the result lies in the buffer
    } catch (OrtException e) {
      if (watch.stopped()) {
        throw new DeadlineExceededException(
            Thread.currentThread().isInterrupted()
                ? "interrupted during a run of the model"
                : "deadline passed during a run of the model");
      }
      throw e;
    }
  }

  private void feed(NativeTensors tensors, PackedBatch packed, int adapter) throws OrtException {
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
    if (inputs.contains(DecoderGraph.POOL_WEIGHTS)) {
      tensors.put(DecoderGraph.POOL_WEIGHTS, packed.poolWeights(), rows, count);
    }
    if (inputs.contains(DecoderGraph.ROW_ADAPTERS)) {
      tensors.put(DecoderGraph.ROW_ADAPTERS, packed.everyRow(adapter), rows);
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
    lease.close(
        () -> {
          // Closed from the last to the first, and each of them whatever another one throws.
          try (constants;
              session) {
            watchdog.close();
          } catch (OrtException e) {
            throw NativeErrors.translate("closing the model", e);
          }
        });
  }
}
