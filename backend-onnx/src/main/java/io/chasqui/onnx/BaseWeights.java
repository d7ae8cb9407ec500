package io.chasqui.onnx;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.TensorInfo;
import io.chasqui.checkpoint.Tensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * A checkpoint's tensors as constants of a graph. They stay in their files: the graph names file,
 * offset and length. Names are given without the prefix that only some checkpoints have ("model.").
 * Confined to one thread.
 */
final class BaseWeights {
  private static final String EMBEDDING = "embed_tokens.weight";

  private final OnnxGraph graph;
  private final Tensors tensors;
  private final String prefix;
  private final Path folder;
  private final Set<String> used = new TreeSet<>();

  /**
   * @throws ModelFormatException if there is no token embedding
   */
  BaseWeights(OnnxGraph graph, Tensors tensors) {
    this.graph = graph;
    this.tensors = tensors;
    this.prefix = tensors.all().containsKey("model." + EMBEDDING) ? "model." : "";
    this.folder = commonFolder(tensors);
  }

  /** The folder that the locations in the graph are relative to. */
  Path folder() {
    return folder;
  }

  /** The token embedding [rows, columns], in the type in which it is stored. */
  String embedding(long rows, long columns) {
    return stored(prefix + EMBEDDING, rows, columns);
  }

  /** A weight as floats, under its name without prefix. */
  String floats(String name, long... shape) {
    return asFloats(prefix + name, shape);
  }

  /** A score head, which stands beside the decoder and never has the prefix. */
  String head(String name, long... shape) {
    return asFloats(name, shape);
  }

  boolean has(String name) {
    return tensors.all().containsKey(name);
  }

  /**
   * Refuses tensors that no part of the graph reads: a sign of another architecture.
   *
   * @throws ModelFormatException if there are any, other than an LM head, a score head that no role
   *     uses, or the frequencies that early Llama checkpoints hold
   */
  void requireAllUsed() {
    List<String> surplus =
        tensors.all().keySet().stream()
            .filter(name -> !used.contains(name))
            .filter(name -> !name.equals("lm_head.weight") && !name.equals("score.weight"))
            .filter(name -> !name.endsWith(".rotary_emb.inv_freq"))
            .toList();
    if (!surplus.isEmpty()) {
      throw new ModelFormatException(
          file(), surplus.get(0), "unknown tensors: " + String.join(", ", surplus));
    }
  }

  private String asFloats(String name, long... shape) {
    String value = name + ":float";
    if (graph.defines(value)) {
      return value;
    }
    String stored = stored(name, shape);
    OnnxType type = type(name);
    // Folded into one converted copy while the session loads.
    return type == OnnxType.FLOAT ? stored : graph.cast(stored, OnnxType.FLOAT);
  }

  private OnnxType type(String name) {
    return OnnxType.of(Objects.requireNonNull(tensors.all().get(name)).dtype());
  }

  private String stored(String name, long... shape) {
    if (graph.defines(name)) {
      return name;
    }
    TensorInfo info = tensors.all().get(name);
    if (info == null) {
      throw new ModelFormatException(file(), name, "no such tensor");
    }
    List<Long> expected = java.util.Arrays.stream(shape).boxed().toList();
    if (!info.shape().equals(expected)) {
      throw new ModelFormatException(
          info.file(), name, "shape " + info.shape() + " but config.json makes it " + expected);
    }
    if (!info.dtype().isFloat()) {
      throw new ModelFormatException(
          info.file(), name, "element type " + info.dtype() + ", expected floating-point");
    }
    used.add(name);
    String location = folder.relativize(info.file()).toString().replace('\\', '/');
    return graph.external(
        name, OnnxType.of(info.dtype()), expected, location, info.offset(), info.length());
  }

  private Path file() {
    return tensors.all().values().iterator().next().file();
  }

  private static Path commonFolder(Tensors tensors) {
    return tensors.all().values().stream()
        .map(info -> Objects.requireNonNull(info.file().toAbsolutePath().getParent()))
        .distinct()
        .reduce(BaseWeights::commonAncestor)
        .orElseThrow(() -> new IllegalArgumentException("a checkpoint without tensors"));
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
