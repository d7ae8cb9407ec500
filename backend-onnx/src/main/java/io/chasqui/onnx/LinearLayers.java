package io.chasqui.onnx;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.onnx.DecoderGraph.Supplied;
import io.chasqui.onnx.OnnxGraph.Attribute;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A graph's linear layers with the low-rank updates of all adapters. Weights keep PyTorch's layout
 * [out, in] ({@code Gemm} with {@code transB}), so they are read where they lie. Confined to one
 * thread.
 */
final class LinearLayers {
  private final OnnxGraph graph;
  private final BaseWeights weights;
  private final AdapterStack adapters;
  private final Path adapterPath;
  private final boolean merge;
  private final Map<String, Supplied> supplied = new LinkedHashMap<>();
  private final Map<String, String> masks = new HashMap<>();

  /**
   * Layers for these roles' adapters.
   *
   * @param merge whether the one adapter that all roles use is added to the weights at load
   * @throws ModelFormatException if an adapter is empty
   */
  LinearLayers(OnnxGraph graph, BaseWeights weights, List<ServedRole> roles, boolean merge) {
    this.graph = graph;
    this.weights = weights;
    this.adapters = stack(roles);
    this.adapterPath =
        Path.of(
            roles.stream().flatMap(role -> role.role().adapter().stream()).findFirst().orElse(""));
    this.merge = merge;
  }

  private static AdapterStack stack(List<ServedRole> roles) {
    IdentityHashMap<LoraAdapter, Path> distinct = new IdentityHashMap<>();
    List<LoraAdapter> adapters = new ArrayList<>();
    for (ServedRole role : roles) {
      Path path = Path.of(role.role().adapter().orElse(""));
      role.adapter()
          .filter(adapter -> distinct.put(adapter, path) == null)
          .ifPresent(adapters::add);
    }
    for (LoraAdapter adapter : adapters) {
      if (adapter.modules().isEmpty()) {
        throw new ModelFormatException(
            distinct.getOrDefault(adapter, Path.of("")), "", "an adapter without any update");
      }
    }
    return new AdapterStack(adapters);
  }

  /** Whether rows choose an adapter. */
  boolean chooseByRow() {
    return !adapters.isEmpty() && !merge;
  }

  /** The number by which rows name an adapter. */
  int indexOf(LoraAdapter adapter) {
    return adapters.indexOf(adapter);
  }

  /** What errors about adapters name. */
  Path adapterPath() {
    return adapterPath;
  }

  /** Low-rank updates that the session must be handed, by name. */
  Map<String, Supplied> supplied() {
    return supplied;
  }

  /** x·Wᵀ + bias, plus the low-rank update of each token's adapter: [tokens, out]. */
  String linear(String path, String x, TokenSet tokens, int out, int in, boolean hasBias) {
    String weight = weights.floats(path + ".weight");
    Optional<String> bias =
        hasBias ? Optional.of(weights.floats(path + ".bias")) : Optional.empty();
    Optional<AdapterStack.Stacked> update = adapters.module(path);
    if (update.isEmpty()) {
      return gemm(x, weight, bias);
    }
    AdapterStack.Stacked stacked = update.get();
    if (stacked.in() != in || stacked.out() != out) {
      throw new ModelFormatException(
          adapterPath,
          path,
          String.format(
              "update [%d, %d] but the module is [%d, %d]", stacked.out(), stacked.in(), out, in));
    }
    long ranks = stacked.owners().length;
    String a = supply(path + ".lora_A", stacked.a(), ranks, in);
    String b = supply(path + ".lora_B", stacked.b(), out, ranks);
    if (merge) {
      return gemm(x, graph.node("Gemm", List.of(b, a, weight)), bias); // folded at load
    }
    // A row is isolated from other adapters: what they make of it is dropped, were it even NaN.
    String own =
        graph.node(
            "Where",
            List.of(rankMask(stacked.owners(), tokens), gemm(x, a, Optional.empty()), "zero"));
    return gemm(own, b, Optional.of(gemm(x, weight, bias)));
  }

  /** x·Wᵀ + sum. */
  String gemm(String x, String weight, Optional<String> sum) {
    List<String> inputs = new ArrayList<>(List.of(x, weight));
    sum.ifPresent(inputs::add);
    return graph.node("Gemm", inputs, new Attribute.Int("transB", 1));
  }

  /** Which ranks a token's own adapter has: [tokens, ranks]. */
  private String rankMask(long[] owners, TokenSet tokens) {
    return masks.computeIfAbsent(
        tokens.name() + Arrays.toString(owners),
        key -> {
          String ranks = "owners_" + Arrays.toString(owners);
          if (!graph.defines(ranks)) {
            graph.constant(ranks, owners);
          }
          String token = graph.node("Unsqueeze", List.of(tokens.owners().orElseThrow(), "axis_1"));
          return graph.node("Equal", List.of(token, ranks));
        });
  }

  private String supply(String name, FloatBuffer values, long... shape) {
    supplied.put(name, new Supplied(values, shape));
    return graph.external(
        name,
        OnnxType.FLOAT,
        Arrays.stream(shape).boxed().toList(),
        weights.anyLocation(), // never read: the session is handed the values
        0,
        (long) values.capacity() * Float.BYTES);
  }

  /**
   * Checks, after the last layer, that none of the adapters' modules was left out.
   *
   * @throws ModelFormatException if there is one that the base does not have
   */
  void requireAllModules() {
    TreeSet<String> unknown = new TreeSet<>(adapters.modules());
    unknown.removeIf(module -> supplied.containsKey(module + ".lora_A"));
    if (!unknown.isEmpty()) {
      throw new ModelFormatException(
          adapterPath, unknown.first(), "the base has no modules " + String.join(", ", unknown));
    }
  }
}
