package io.chasqui.onnx;

import io.chasqui.checkpoint.LoraAdapter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** LoRA adapters over one base, side by side, each with a number that rows name. Immutable. */
final class AdapterSet {
  private final List<LoraAdapter> adapters;
  private final IdentityHashMap<LoraAdapter, Integer> numbers = new IdentityHashMap<>();

  AdapterSet(List<LoraAdapter> adapters) {
    this.adapters = List.copyOf(adapters);
    this.adapters.forEach(adapter -> numbers.put(adapter, numbers.size()));
  }

  boolean isEmpty() {
    return adapters.isEmpty();
  }

  /** The number of this very adapter, as rows name it. */
  int indexOf(LoraAdapter adapter) {
    return Objects.requireNonNull(numbers.get(adapter), "not in this set");
  }

  /** Names of all modules that any adapter changes. */
  SortedSet<String> modules() {
    return adapters.stream()
        .flatMap(adapter -> adapter.modules().keySet().stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * The low-rank updates of one module, at most one of each adapter, all of one shape.
   *
   * @throws IllegalArgumentException if they disagree on the module's widths
   */
  List<Owned> updates(String module) {
    List<Owned> updates = new ArrayList<>();
    for (int number = 0; number < adapters.size(); number++) {
      LoraAdapter.Update update = adapters.get(number).modules().get(module);
      if (update != null) {
        updates.add(new Owned(number, update));
      }
    }
    requireOne(module, "input", updates.stream().mapToInt(owned -> owned.update().in()).toArray());
    requireOne(
        module, "output", updates.stream().mapToInt(owned -> owned.update().out()).toArray());
    return updates;
  }

  private static void requireOne(String module, String side, int[] widths) {
    if (Arrays.stream(widths).distinct().count() > 1) {
      throw new IllegalArgumentException(
          "adapters disagree on the width of the %s of %s: %s"
              .formatted(side, module, Arrays.toString(widths)));
    }
  }

  /**
   * One adapter's update of one module.
   *
   * @param adapter its number
   */
  record Owned(int adapter, LoraAdapter.Update update) {}
}
