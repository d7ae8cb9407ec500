package io.chasqui.spi;

/**
 * How a graph is built (HNSW's parameters).
 *
 * @param maxConnections links per node (M)
 * @param buildBreadth candidate list while building (efConstruction)
 * @param searchBreadth candidate list while searching (efSearch), if the search does not say
 * @param threads builder threads
 * @param seed of the level draws; whether it makes builds repeatable is the provider's to say (that
 *     of "seeded-hnsw" does, that of jelmerk's library does not)
 */
public record GraphOptions(
    int maxConnections, int buildBreadth, int searchBreadth, int threads, long seed) {
  public GraphOptions {
    require(maxConnections >= 2, "maxConnections must be at least 2: " + maxConnections);
    require(buildBreadth >= 1, "buildBreadth must be positive: " + buildBreadth);
    require(searchBreadth >= 1, "searchBreadth must be positive: " + searchBreadth);
    require(threads >= 1, "threads must be positive: " + threads);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  /** M = 16, efConstruction = 200, efSearch = 100, all cores, seed 42. */
  public static GraphOptions defaults() {
    return new GraphOptions(16, 200, 100, Runtime.getRuntime().availableProcessors(), 42L);
  }

  public GraphOptions withMaxConnections(int maxConnections) {
    return new GraphOptions(maxConnections, buildBreadth, searchBreadth, threads, seed);
  }

  public GraphOptions withBuildBreadth(int buildBreadth) {
    return new GraphOptions(maxConnections, buildBreadth, searchBreadth, threads, seed);
  }

  public GraphOptions withSearchBreadth(int searchBreadth) {
    return new GraphOptions(maxConnections, buildBreadth, searchBreadth, threads, seed);
  }

  public GraphOptions withThreads(int threads) {
    return new GraphOptions(maxConnections, buildBreadth, searchBreadth, threads, seed);
  }

  public GraphOptions withSeed(long seed) {
    return new GraphOptions(maxConnections, buildBreadth, searchBreadth, threads, seed);
  }
}
