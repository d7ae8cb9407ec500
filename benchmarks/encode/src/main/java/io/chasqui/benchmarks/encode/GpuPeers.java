package io.chasqui.benchmarks.encode;

import io.chasqui.benchmarks.ClassPaths;
import io.chasqui.benchmarks.Modules;
import io.chasqui.benchmarks.PeerCommand;
import io.chasqui.checkpoint.DType;
import io.chasqui.onnx.OnnxOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who takes part in the measurement of a device.
 *
 * @param device "cuda:0", "cpu:2"
 * @param runtime the jar of ONNX Runtime in place of the one that was built with
 * @param jvmOptions of Chasqui
 */
record GpuPeers(
    Modules modules,
    Workspace workspace,
    String device,
    OnnxOptions.Batching batching,
    OnnxOptions.Precision precision,
    Optional<Path> runtime,
    List<String> jvmOptions) {
  private static final String PAIR_LIMIT = "pairLimit=257";

  /**
   * Chasqui.
   *
   * @param model see {@link PeerModel}
   */
  PeerCommand chasqui(String model) throws IOException {
    String classPath = modules.classPath("encode");
    List<String> options =
        new ArrayList<>(List.of("-Xmx4g", "-Dai.djl.offline=true", "-DOPT_OUT_TRACKING=true"));
    options.addAll(jvmOptions);
    return PeerCommand.java(
        "chasqui gpu " + model,
        PeerCommand.thisJava(),
        options,
        runtime.map(jar -> ClassPaths.withLibrary(classPath, "onnxruntime", jar)).orElse(classPath),
        ChasquiPeer.class.getName(),
        List.of(
            "workspace=" + workspace.directory(),
            "model=" + model,
            "device=" + device,
            "weights=mapped",
            "batching=" + batching,
            "precision=" + precision,
            "nativeCache=" + modules.file("encode", "target/native"),
            PAIR_LIMIT));
  }

  /**
   * PyTorch.
   *
   * @param batch texts of one call
   */
  PeerCommand pyTorch(DType dtype, Path interpreter, int batch) {
    String torchType =
        switch (dtype) {
          case F16 -> "float16";
          case BF16 -> "bfloat16";
          default -> "float32";
        };
    return PeerCommand.script(
        "pytorch gpu",
        interpreter.toAbsolutePath(),
        modules.file("encode", "src/main/python/torch_model.py"),
        List.of(
            "workspace=" + workspace.directory(),
            "device=" + device,
            "dtype=" + torchType,
            "pooling=last",
            "batch=" + batch));
  }
}
