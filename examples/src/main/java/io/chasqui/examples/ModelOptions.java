package io.chasqui.examples;

import io.chasqui.Device;
import io.chasqui.ModelSession;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Presets;
import io.chasqui.checkpoint.RetrievalCard;
import io.chasqui.checkpoint.Role;
import io.chasqui.onnx.OnnxBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that say which model is loaded and where; a picocli mixin. */
final class ModelOptions {
  @Option(
      names = {"-m", "--model"},
      paramLabel = "DIR",
      required = true,
      description =
          "Model directory: config.json, safetensors, tokenizer.json and, unless --card"
              + " is given, chasqui.json.")
  private Path directory = Path.of("");

  @Option(
      names = "--card",
      paramLabel = "FILE",
      description = "Retrieval card that lies elsewhere, for a checkpoint that has none.")
  private Optional<Path> card = Optional.empty();

  @Option(
      names = "--adapters",
      paramLabel = "DIR",
      description = "With --card: below which directory its adapters lie. Default: the model's.")
  private Optional<Path> adapters = Optional.empty();

  @Option(
      names = "--preset",
      paramLabel = "NAME[=DIR]",
      description =
          "A published convention by name (repllama-v1, qwen3-embedding…), with its adapter's"
              + " directory if it has one, for a checkpoint without a card; may be repeated.")
  private List<String> presets = new ArrayList<>();

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      description = "Processor threads. Default: all")
  private Optional<Integer> threads = Optional.empty();

  @Option(names = "--cuda", paramLabel = "N", description = "CUDA device instead of the processor.")
  private Optional<Integer> cuda = Optional.empty();

  /** Reads and loads the model; the caller closes it. */
  ModelSession load() throws IOException {
    return load(bundle());
  }

  /** Loads a model on the device that was asked for; the caller closes it. */
  ModelSession load(ModelBundle bundle) throws IOException {
    return OnnxBackend.load(bundle, device());
  }

  /** Reads the model's files. */
  ModelBundle bundle() throws IOException {
    ModelBundle bundle = ModelBundle.read(directory);
    for (String preset : presets) {
      String[] parts = preset.split("=", 2);
      Role role = Presets.named(parts[0]);
      bundle = parts.length == 2 ? bundle.withRole(role, Path.of(parts[1])) : bundle.withRole(role);
    }
    if (card.isPresent()) {
      Path below = adapters.orElse(directory);
      for (Role role : RetrievalCard.read(card.get()).roles().values()) {
        Optional<Path> adapter = role.adapter().map(below::resolve);
        bundle = adapter.isPresent() ? bundle.withRole(role, adapter.get()) : bundle.withRole(role);
      }
    }
    return bundle;
  }

  private Device device() {
    return cuda.map(Device::cuda).orElseGet(() -> threads.map(Device::cpu).orElseGet(Device::cpu));
  }
}
