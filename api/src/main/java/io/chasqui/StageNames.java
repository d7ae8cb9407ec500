package io.chasqui;

import java.util.Collection;
import java.util.List;

/** Which stage scores a retriever's hits carry, and what unnamed stages are called. */
final class StageNames {
  private StageNames() {}

  /** Names of the stages that ran inside a retriever and whose scores its hits carry. */
  static List<String> inside(Retriever retriever) {
    if (retriever instanceof NamedRetriever named) {
      return inside(named.retriever());
    }
    if (retriever instanceof FusedRetriever fused) {
      return fused.stages();
    }
    return retriever instanceof Pipeline pipeline ? pipeline.stages() : List.of();
  }

  /** Those of {@link #inside} that judge on their own, not from other stages' scores. */
  static List<String> judges(Retriever retriever) {
    if (retriever instanceof NamedRetriever named) {
      return judges(named.retriever());
    }
    return retriever instanceof Pipeline pipeline ? pipeline.judges() : inside(retriever);
  }

  /** The name a retriever was given, else the first free of "retrieve", "retrieve-2"… */
  static String of(Retriever retriever, Collection<String> taken) {
    return retriever instanceof NamedRetriever named
        ? requireFree(named.name(), taken)
        : free("retrieve", taken);
  }

  static String free(String name, Collection<String> taken) {
    String candidate = name;
    for (int n = 2; taken.contains(candidate); n++) {
      candidate = name + "-" + n;
    }
    return candidate;
  }

  static String requireFree(String name, Collection<String> taken) {
    if (taken.contains(name)) {
      throw new IllegalArgumentException(
          "there is a stage \"" + name + "\" already, stages are " + taken);
    }
    return name;
  }
}
