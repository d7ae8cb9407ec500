package io.chasqui.djl;

/** Seeds out of seeds: neighbouring inputs give unrelated streams. */
final class Seeds {
  private Seeds() {}

  /**
   * A seed of its own for each pair.
   *
   * @see <a href="https://doi.org/10.1145/2660193.2660195">Steele, Lea and Flood 2014, the
   *     finaliser of SplitMix</a>
   */
  static long mix(long seed, long part) {
    long z = seed * 0x9e3779b97f4a7c15L + part + 0x9e3779b97f4a7c15L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
