package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds out which files of a directory make a {@link ModelBundle}, and which roles it has. */
final class BundleReader {
  private static final List<String> ONNX_FILES = List.of("model.onnx", "onnx/model.onnx");

  private BundleReader() {}

  /** What {@link ModelBundle#read} promises. */
  static ModelBundle read(Path directory) throws IOException {
    Path file = directory.resolve(RetrievalCard.FILE);
    if (Files.exists(file)) {
      return withCard(directory, file);
    }
    if (SentenceTransformers.isIn(directory)) {
      SentenceTransformers layout = SentenceTransformers.read(directory);
      ModelSource source = source(layout.transformer());
      return withLayout(layout, layout.transformer(), source);
    }
    ModelSource source = source(directory);
    ModelBundle bundle = ModelBundle.of(directory, source);
    return source instanceof GraphSource graph
        ? GraphRoles.of(directory, graph).map(bundle::withRole).orElse(bundle)
        : bundle;
  }

  /** What {@link ModelBundle#readOnnx} promises. */
  static ModelBundle readOnnx(Path directory, String file) throws IOException {
    GraphSource source = graph(directory, directory.resolve(file));
    ModelBundle bundle = ModelBundle.of(directory, source);
    return SentenceTransformers.isIn(directory)
        ? withLayout(SentenceTransformers.read(directory), directory, source)
        : GraphRoles.of(directory, source).map(bundle::withRole).orElse(bundle);
  }

  private static ModelBundle withLayout(
      SentenceTransformers layout, Path directory, ModelSource source) throws IOException {
    Role role = layout.role(source);
    BundleRole fitted = BundleRole.of(role, Optional.empty(), layout.directory(), source);
    return ModelBundle.of(directory, source).with(Map.of(role.name(), fitted));
  }

  private static ModelBundle withCard(Path directory, Path file) throws IOException {
    RetrievalCard card = RetrievalCard.read(file);
    Optional<String> onnx = card.onnx();
    ModelSource source =
        onnx.isPresent() ? graph(directory, directory.resolve(onnx.get())) : source(directory);
    Map<String, BundleRole> roles = new LinkedHashMap<>();
    card.roles().forEach((name, role) -> roles.put(name, cardRole(file, role, source)));
    return ModelBundle.of(directory, source).with(roles);
  }

  private static BundleRole cardRole(Path card, Role role, ModelSource source) {
    String path = "roles." + role.name();
    Optional<Path> adapter = role.adapter().map(card.resolveSibling("")::resolve);
    if (adapter.isPresent() && !Files.isDirectory(adapter.get())) {
      throw new ModelFormatException(
          card, path + ".adapter", "no such directory: " + adapter.get());
    }
    try {
      return BundleRole.of(role, adapter, card.resolveSibling(""), source);
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException(card, path, String.valueOf(e.getMessage()), e);
    }
  }

  /** A checkpoint of a kind that we know; else a graph, if there is one. */
  private static ModelSource source(Path directory) throws IOException {
    Optional<Path> graph =
        ONNX_FILES.stream().map(directory::resolve).filter(Files::exists).findFirst();
    return graph.isPresent() && !isKnownCheckpoint(directory)
        ? graph(directory, graph.get())
        : CheckpointSource.read(directory);
  }

  private static GraphSource graph(Path directory, Path file) throws IOException {
    return new GraphSource(OnnxFile.read(file), GraphConfig.read(directory));
  }

  private static boolean isKnownCheckpoint(Path directory) throws IOException {
    Path config = directory.resolve("config.json");
    boolean weights =
        Files.exists(directory.resolve(CheckpointWeights.SINGLE))
            || Files.exists(directory.resolve(CheckpointWeights.INDEX));
    return weights
        && Files.exists(config)
        && JsonFile.readObject(config)
            .node("model_type")
            .flatMap(type -> ModelFamilies.find(type.asText()))
            .isPresent();
  }
}
