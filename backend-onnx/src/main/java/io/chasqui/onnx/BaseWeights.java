package io.chasqui.onnx;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.CheckpointLayout;
import io.chasqui.checkpoint.TensorInfo;
import io.chasqui.checkpoint.Tensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A checkpoint's tensors as constants of a graph. They stay in their files: the graph names file,
 * offset and length. Names are canonical (see {@link CheckpointLayout}). Confined to one thread.
 */
final class BaseWeights {
  private final OnnxGraph graph;
  private final CheckpointLayout layout;
  private final Tensors tensors;
  private final Path folder;

  BaseWeights(OnnxGraph graph, CheckpointLayout layout, Tensors tensors) {
    this.graph = graph;
    this.layout = layout;
    this.tensors = tensors;
    this.folder = commonFolder(tensors);
  }

  /** The folder that the locations in the graph are relative to. */
  Path folder() {
    return folder;
  }

  /** A weight in the type in which it is stored. */
  String stored(String name) {
    if (graph.defines(name)) {
      return name;
    }
    TensorInfo info = info(name);
    return graph.external(
        name,
        OnnxType.of(info.dtype()),
        info.shape(),
        location(info),
        info.offset(),
        info.length());
  }

  /** A location for constants that the session is handed: ONNX Runtime wants a file to exist. */
  String anyLocation() {
    return location(tensors.all().values().iterator().next());
  }

  private String location(TensorInfo info) {
    return folder.relativize(info.file()).toString().replace('\\', '/');
  }

  /**
   * The LM head, [vocabulary, hidden], in the type in which it is stored.
   *
   * @throws ModelFormatException if the checkpoint has none
   */
  String lmHead() {
    String tied = "embed_tokens.weight";
    boolean isTied = layout.lmHead().filter(layout.tensor(tied)::equals).isPresent();
    return stored(isTied ? tied : "lm_head.weight");
  }

  /** A weight as floats. Another stored type makes one converted copy while the session loads. */
  String floats(String name) {
    return as(name, OnnxType.FLOAT);
  }

  /** A weight in a type. Another stored one makes one converted copy while the session loads. */
  String as(String name, OnnxType type) {
    String stored = stored(name);
    return OnnxType.of(info(name).dtype()) == type ? stored : graph.cast(stored, type);
  }

  /**
   * A weight of one row as floats.
   *
   * @throws ModelFormatException if there is no such tensor, or it is shaped otherwise
   */
  String row(String name, long columns) {
    TensorInfo info = info(name);
    if (!info.shape().equals(List.of(1L, columns))) {
      throw new ModelFormatException(
          info.file(),
          info.name(),
          "shape " + info.shape() + " but one score needs [1, " + columns + "]");
    }
    return floats(name);
  }

  private TensorInfo info(String name) {
    return Objects.requireNonNull(tensors.all().get(layout.tensor(name)));
  }

  /** Shards may lie in several folders, if links led there. */
  private static Path commonFolder(Tensors tensors) {
    return tensors.all().values().stream()
        .map(info -> Objects.requireNonNull(info.file().toAbsolutePath().getParent()))
        .distinct()
        .reduce(BaseWeights::commonAncestor)
        .orElseThrow();
  }

  private static Path commonAncestor(Path one, Path other) {
    Path ancestor = one;
    while (!other.startsWith(ancestor)) {
      Path parent = ancestor.getParent();
      if (parent == null) {
        throw new ModelFormatException(other, "", "not on the same drive as " + one);
      }
      ancestor = parent;
    }
    return ancestor;
  }
}
