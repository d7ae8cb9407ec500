package io.chasqui.onnx;

import io.chasqui.checkpoint.LoraAdapter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/**
 * Several LoRA adapters over one base, side by side: for each module the ranks of all adapters
 * stand one after another, and each rank knows whose it is. A row then takes part with the ranks of
 * its own adapter only. Immutable.
 */
final class AdapterStack {
  private final List<LoraAdapter> adapters;
  private final IdentityHashMap<LoraAdapter, Integer> numbers = new IdentityHashMap<>();

  AdapterStack(List<LoraAdapter> adapters) {
    this.adapters = List.copyOf(adapters);
    this.adapters.forEach(adapter -> numbers.put(adapter, numbers.size()));
  }

  boolean isEmpty() {
    return adapters.isEmpty();
  }

  /** The number of this very adapter, as rows name it. */
  int indexOf(LoraAdapter adapter) {
    return Objects.requireNonNull(numbers.get(adapter), "not in this stack");
  }

  /** Names of all modules that any adapter changes. */
  SortedSet<String> modules() {
    return adapters.stream()
        .flatMap(adapter -> adapter.modules().keySet().stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The low-rank updates of one module; empty if no adapter changes it. */
  Optional<Stacked> module(String name) {
    int ranks = 0;
    for (LoraAdapter adapter : adapters) {
      LoraAdapter.Update update = adapter.modules().get(name);
      ranks += update == null ? 0 : update.rank();
    }
    if (ranks == 0) {
      return Optional.empty();
    }
    int in = width(name, LoraAdapter.Update::in);
    int out = width(name, LoraAdapter.Update::out);
    FloatBuffer a = direct((long) ranks * in);
    FloatBuffer b = direct((long) out * ranks);
    long[] owners = new long[ranks];
    int first = 0;
    for (int adapter = 0; adapter < adapters.size(); adapter++) {
      LoraAdapter.Update update = adapters.get(adapter).modules().get(name);
      if (update == null) {
        continue;
      }
      a.put(update.a());
      Arrays.fill(owners, first, first + update.rank(), adapter);
      for (int row = 0; row < out; row++) {
        for (int rank = 0; rank < update.rank(); rank++) {
          b.put(
              row * ranks + first + rank,
              (float) (update.scale() * update.b()[row * update.rank() + rank]));
        }
      }
      first += update.rank();
    }
    return Optional.of(new Stacked(a.rewind(), b, owners, in, out));
  }

  private int width(String module, ToIntFunction<LoraAdapter.Update> width) {
    int[] widths =
        adapters.stream()
            .map(adapter -> adapter.modules().get(module))
            .filter(Objects::nonNull)
            .mapToInt(width)
            .distinct()
            .toArray();
    if (widths.length != 1) {
      throw new IllegalArgumentException(
          "adapters disagree on the width of " + module + ": " + Arrays.toString(widths));
    }
    return widths[0];
  }

  private static FloatBuffer direct(long elements) {
    return ByteBuffer.allocateDirect(Math.toIntExact(elements * Float.BYTES))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  /**
   * One module's updates: y += mask(x·Aᵀ)·Bᵀ, the scale being in B.
   *
   * @param a [ranks, in]
   * @param b [out, ranks]
   * @param owners [ranks], the adapter that each rank belongs to
   */
  @SuppressWarnings("ArrayRecordComponent") // weights, compared by nobody
  record Stacked(FloatBuffer a, FloatBuffer b, long[] owners, int in, int out) {}
}
