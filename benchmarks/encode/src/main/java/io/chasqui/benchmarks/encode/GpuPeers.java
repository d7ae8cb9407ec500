package io.chasqui.benchmarks.encode;

import io.chasqui.benchmarks.Modules;
import io.chasqui.benchmarks.PeerCommand;
import io.chasqui.checkpoint.DType;
import io.chasqui.onnx.OnnxOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who takes part in the measurement of a device. */
final class GpuPeers {
  private static final String PAIR_LIMIT = "pairLimit=257";

  private GpuPeers() {}

  /**
   * Peers by label, Chasqui first.
   *
   * @param device "cuda:0", "cpu:2"
   * @param batch texts of one call of PyTorch
   */
  static Map<String, PeerCommand> of(
      Modules modules,
      Workspace workspace,
      String device,
      OnnxOptions.Batching batching,
      DType dtype,
      Optional<Path> python,
      int batch)
      throws IOException {
    Map<String, PeerCommand> peers = new LinkedHashMap<>();
    peers.put(GpuTable.CHASQUI, chasqui(modules, workspace, device, batching, "base"));
    python.ifPresent(
        interpreter ->
            peers.put(
                GpuTable.PYTORCH, pyTorch(modules, workspace, device, dtype, interpreter, batch)));
    peers.put(GpuTable.TWO_ADAPTERS, chasqui(modules, workspace, device, batching, "adapters"));
    return peers;
  }

  /**
   * Chasqui.
   *
   * @param model see {@link PeerModel}
   */
  static PeerCommand chasqui(
      Modules modules,
      Workspace workspace,
      String device,
      OnnxOptions.Batching batching,
      String model)
      throws IOException {
    return PeerCommand.java(
        "chasqui gpu " + model,
        PeerCommand.thisJava(),
        List.of("-Xmx4g", "-Dai.djl.offline=true", "-DOPT_OUT_TRACKING=true"),
        modules.classPath("encode"),
        ChasquiPeer.class.getName(),
        List.of(
            "workspace=" + workspace.directory(),
            "model=" + model,
            "device=" + device,
            "weights=mapped",
            "batching=" + batching,
            PAIR_LIMIT));
  }

  private static PeerCommand pyTorch(
      Modules modules,
      Workspace workspace,
      String device,
      DType dtype,
      Path interpreter,
      int batch) {
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
