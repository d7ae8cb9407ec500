package io.chasqui.onnx;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.onnx.AdapterSet.Owned;
import io.chasqui.onnx.DecoderGraph.Supplied;
import io.chasqui.onnx.OnnxGraph.Attribute;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A graph's linear layers with the low-rank updates of all adapters. Weights and adapters keep
 * PyTorch's layout [out, in] ({@code Gemm} with {@code transB}), so they are read where they lie.
 * Confined to one thread.
 */
final class LinearLayers {
  private final OnnxGraph graph;
  private final BaseWeights weights;
  private final AdapterSet adapters;
  private final Path adapterPath;
  private final boolean merge;
  private final ComputeType type;
  private final Map<String, Supplied> supplied = new LinkedHashMap<>();
  private final Map<String, String> masks = new HashMap<>();
  private final Set<String> updated = new HashSet<>();

  /**
   * Layers for these roles' adapters.
   *
   * @param merge whether the one adapter that all roles use is added to the weights at load
   * @param type of the layers, their inputs and their outputs
   * @throws ModelFormatException if an adapter is empty
   */
  LinearLayers(
      OnnxGraph graph,
      BaseWeights weights,
      List<ServedRole> roles,
      boolean merge,
      ComputeType type) {
    this.graph = graph;
    this.weights = weights;
    this.adapters = distinct(roles);
    this.adapterPath =
        Path.of(
            roles.stream().flatMap(role -> role.role().adapter().stream()).findFirst().orElse(""));
    this.merge = merge;
    this.type = type;
  }

  private static AdapterSet distinct(List<ServedRole> roles) {
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
    return new AdapterSet(adapters);
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

  /** Low-rank updates and other constants that the session must be handed, by name. */
  Map<String, Supplied> supplied() {
    return supplied;
  }

  /** x·Wᵀ + bias, plus the low-rank update of each token's adapter: [tokens, out]. */
  String linear(String path, String x, TokenSet tokens, int out, int in, boolean hasBias) {
    Optional<String> bias =
        hasBias ? Optional.of(weights.as(path + ".bias", type.onnx())) : Optional.empty();
    List<Owned> updates = adapters.updates(path);
    updates.forEach(update -> requireFit(path, update.update(), out, in));
    updated.add(path);
    if (merge && !updates.isEmpty()) {
      String sum = weights.floats(path + ".weight");
      for (Owned update : updates) {
        sum = merged(path, sum, update); // folded at load: the CPU can do that in 32 bit only
      }
      return gemm(x, type == ComputeType.FLOAT ? sum : graph.cast(sum, type.onnx()), bias);
    }
    String weight = weights.as(path + ".weight", type.onnx());
    String sum = gemm(x, weight, bias);
    for (Owned update : updates) {
      sum = withUpdate(path, sum, x, tokens, update);
    }
    return sum;
  }

  /** W + scale·B·A. */
  private String merged(String path, String weight, Owned owned) {
    return graph.node(
        "Gemm",
        List.of(b(path, owned), a(path, owned), weight),
        new Attribute.Real("alpha", owned.update().scale()));
  }

  /** sum + scale·mask(x·Aᵀ)·Bᵀ. */
  private String withUpdate(String path, String sum, String x, TokenSet tokens, Owned owned) {
    String all = gemm(x, a(path, owned), Optional.empty());
    // A row is isolated from other adapters: what they make of it is dropped, were it even NaN.
    String own = graph.node("Where", List.of(mask(owned.adapter(), tokens), all, "zero"));
    return graph.node(
        "Gemm",
        List.of(own, b(path, owned), sum),
        new Attribute.Int("transB", 1),
        new Attribute.Real("alpha", owned.update().scale()));
  }

  private String a(String path, Owned owned) {
    LoraAdapter.Update update = owned.update();
    return supply(
        path + ".lora_A." + owned.adapter(), update.a(), update.rank(), (long) update.in());
  }

  private String b(String path, Owned owned) {
    LoraAdapter.Update update = owned.update();
    return supply(
        path + ".lora_B." + owned.adapter(), update.b(), update.out(), (long) update.rank());
  }

  private void requireFit(String path, LoraAdapter.Update update, int out, int in) {
    if (update.in() != in || update.out() != out) {
      throw new ModelFormatException(
          adapterPath,
          path,
          String.format(
              "update [%d, %d] but the module is [%d, %d]", update.out(), update.in(), out, in));
    }
  }

  /** x·Wᵀ + sum. */
  String gemm(String x, String weight, Optional<String> sum) {
    List<String> inputs = new ArrayList<>(List.of(x, weight));
    sum.ifPresent(inputs::add);
    return graph.node("Gemm", inputs, new Attribute.Int("transB", 1));
  }

  /** Whether a token is an adapter's: [tokens, 1]. */
  private String mask(int adapter, TokenSet tokens) {
    return masks.computeIfAbsent(
        tokens.name() + adapter,
        key -> {
          String number = "adapter_" + adapter;
          if (!graph.defines(number)) {
            graph.constant(number, adapter);
          }
          String token = graph.node("Unsqueeze", List.of(tokens.owners().orElseThrow(), "axis_1"));
          return graph.node("Equal", List.of(token, number));
        });
  }

  private String supply(String name, FloatBuffer values, long... shape) {
    return supply(name, values, merge ? ComputeType.FLOAT : type, shape);
  }

  /** A constant of 32 bit that the session must be handed. */
  String supplyFloats(String name, FloatBuffer values, long... shape) {
    return supply(name, values, ComputeType.FLOAT, shape);
  }

  private String supply(String name, FloatBuffer values, ComputeType form, long... shape) {
    supplied.put(name, new Supplied(values, form, shape));
    return graph.external(
        name,
        form.onnx(),
        Arrays.stream(shape).boxed().toList(),
        weights.anyLocation(), // never read: the session is handed the values
        0,
        (long) values.capacity() * form.bytes());
  }

  /**
   * Checks, after the last layer, that none of the adapters' modules was left out.
   *
   * @throws ModelFormatException if there is one that the base does not have
   */
  void requireAllModules() {
    TreeSet<String> unknown = new TreeSet<>(adapters.modules());
    unknown.removeAll(updated);
    if (!unknown.isEmpty()) {
      throw new ModelFormatException(
          adapterPath, unknown.first(), "the base has no modules " + String.join(", ", unknown));
    }
  }
}
