package io.chasqui.onnx;

import io.chasqui.BackendException;
import io.chasqui.Device;
import io.chasqui.EmbeddingSpace;
import io.chasqui.ModelSession;
import io.chasqui.NoBackendException;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Role;
import io.chasqui.spi.ModelRunner;
import io.chasqui.spi.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ONNX Runtime as a backend: loads a model bundle, all of its roles over one copy of the base
 * weights, and runs it on the CPU or on CUDA.
 *
 * <p>Adds one shutdown hook to the JVM, which stops runs and waits for loads in flight. Sets {@code
 * onnxruntime.native.path} only if {@link OnnxOptions#nativeCache()} asks for it.
 */
public final class OnnxBackend {
  private static final Logger LOG = LoggerFactory.getLogger(OnnxBackend.class);

  private OnnxBackend() {}

  /** {@link #load(ModelBundle, Device, OnnxOptions)} with default options. */
  public static ModelSession load(ModelBundle bundle, Device device) throws IOException {
    return load(bundle, device, OnnxOptions.defaults());
  }

  /**
   * Loads a bundle with all of its roles.
   *
   * @return a handle that the caller closes; it owns the tokenizer and the native session
   * @throws IllegalArgumentException if the bundle has no role, or a role's limit leaves no room
   *     for the fixed tokens of its template
   * @throws io.chasqui.ModelFormatException if tensors, an adapter or the tokenizer are malformed
   * @throws NoBackendException if the native libraries are missing, too old or made for another
   *     platform, or CUDA was asked for and does not work; says what to do
   * @throws BackendException if ONNX Runtime refuses the model; {@code retryable()} if memory ran
   *     out
   */
  public static ModelSession load(ModelBundle bundle, Device device, OnnxOptions options)
      throws IOException {
    return load(bundle, device, options, Schedule.machineMemory());
  }

  /**
   * On a machine of so much memory, as far as {@link OnnxOptions.Weights#AUTO} is concerned.
   *
   * @param machineMemory in bytes
   */
  static ModelSession load(
      ModelBundle bundle, Device device, OnnxOptions options, long machineMemory)
      throws IOException {
    if (bundle.roles().isEmpty()) {
      throw new IllegalArgumentException(
          bundle.directory()
              + " has no chasqui.json, so it has no roles: give it some, such as"
              + (bundle.graph().isPresent()
                  ? " bundle.withRole(Role.encoder(name, tokens, pooling, limit))"
                  : " bundle.withRole(Presets.named(\"repllama-v1\"), adapterDirectory)"));
    }
    return ExitGuard.loading(() -> open(bundle, device, options, machineMemory));
  }

  private static ModelSession open(
      ModelBundle bundle, Device wish, OnnxOptions wishes, long machineMemory) throws IOException {
    NativeRuntime.environment(wishes.nativeCache());
    Device device = DeviceChoice.resolve(wish, NativeRuntime::cudaObjection);
    WeightPlacement placement =
        WeightPlacement.of(
            wishes.weights(), device, WeightPlacement.Copy.of(bundle), machineMemory);
    OnnxOptions options = wishes.withWeights(placement.weights());
    Schedule schedule = schedule(bundle, device, options);
    long start = System.nanoTime();
    Tokenizer tokenizer = bundle.openTokenizer();
    try {
      Map<String, OnnxModelSession.View> views = views(bundle, tokenizer);
      Role first = bundle.roles().values().iterator().next();
      ScheduledRunner scheduled =
          ScheduledRunner.load(
              device,
              schedule,
              "chasqui-onnx-" + bundle.directory().getFileName(),
              first.name(),
              first.truncation().passage(),
              each -> runner(bundle, schedule.runnerOptions(each, options)));
      ModelRunner runner = scheduled.runner();
      try {
        LOG.info(
            "loaded {} on {} in {} ms: roles {}, weights {}, {} calls of {} thread(s) at a time",
            bundle.directory(),
            device,
            (System.nanoTime() - start) / 1_000_000,
            bundle.roles().keySet(),
            placement,
            schedule.parallelCalls(),
            schedule.threadsPerCall());
        return session(bundle.directory(), device, scheduled, tokenizer, nans(bundle), views);
      } catch (RuntimeException | Error e) {
        try (runner) {
          throw e;
        }
      }
    } catch (RuntimeException | Error e) {
      try (tokenizer) {
        throw e;
      }
    }
  }

  private static ModelRunner runner(ModelBundle bundle, RunnerOptions options) throws IOException {
    if (bundle.graph().isPresent()) {
      bundle.verify();
      return GraphModelRunner.load(bundle, options);
    }
    List<ServedRole> roles = new ArrayList<>();
    for (String role : bundle.roles().keySet()) {
      roles.add(ServedRole.of(bundle, role));
    }
    return OnnxModelRunner.load(bundle.config(), bundle.weights(), roles, options);
  }

  private static BatchScheduler.NanExplainer nans(ModelBundle bundle) throws IOException {
    if (bundle.graph().isPresent()) {
      return () -> "";
    }
    Map<String, LoraAdapter> adapters = new HashMap<>();
    for (String role : bundle.roles().keySet()) {
      bundle.adapter(role).ifPresent(present -> adapters.put(role, present));
    }
    return new NanSource(bundle.weights(), adapters);
  }

  private static Schedule schedule(ModelBundle bundle, Device device, OnnxOptions options) {
    if (bundle.graph().isEmpty()) {
      return Schedule.of(device, options, bundle.config());
    }
    int widest = bundle.roles().keySet().stream().mapToInt(bundle::width).max().orElse(1);
    return Schedule.of(device, options, CallMemory.of(bundle.graphConfig(), widest, Float.BYTES));
  }

  /** Takes over tokenizer and runner, if it returns. */
  private static ModelSession session(
      Path directory,
      Device device,
      ScheduledRunner scheduled,
      Tokenizer tokenizer,
      BatchScheduler.NanExplainer nans,
      Map<String, OnnxModelSession.View> views) {
    ModelRunner runner = scheduled.runner();
    RunQueue queue = new RunQueue("chasqui-onnx-" + directory.getFileName(), scheduled.callers());
    try {
      ExitGuard.add(queue);
      return new OnnxModelSession(
          directory + " on " + device,
          device,
          views,
          new BatchScheduler(runner, queue, scheduled.planner(), scheduled.memory(), nans),
          () -> {
            // Closed from the last to the first, and each of them whatever another one throws.
            try (tokenizer;
                runner;
                queue) {
              ExitGuard.remove(queue);
            }
          });
    } catch (RuntimeException | Error e) {
      try (queue) {
        ExitGuard.remove(queue);
        throw e;
      }
    }
  }

  private static Map<String, OnnxModelSession.View> views(ModelBundle bundle, Tokenizer tokenizer) {
    Map<String, OnnxModelSession.View> views = new LinkedHashMap<>();
    for (Role role : bundle.roles().values()) {
      Prompts prompts = new RolePrompts(bundle.prompts(tokenizer, role.name()));
      views.put(
          role.name(),
          new OnnxModelSession.View(
              prompts,
              role.isScorer() ? Optional.empty() : Optional.of(space(bundle, role.name()))));
    }
    return views;
  }

  private static Supplier<EmbeddingSpace> space(ModelBundle bundle, String role) {
    return () -> {
      try {
        return bundle.space(role);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }
}
