package io.chasqui.index;

import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Filter;
import io.chasqui.Metadata;
import io.chasqui.Passage;
import io.chasqui.ScoredPassage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Measures by hand how long a large index takes to open and to verify, in a small heap. First
 * {@code fill DIRECTORY ELEMENTS}, then, in a JVM of its own with {@code -Xmx256m}, {@code open
 * DIRECTORY}.
 */
final class OpenTime {
  private static final int ROWS = 20_000;
  private static final int DIMENSION = 4_096;
  private static final int FACTORS = 24;
  private static final int CLUSTERS = 200;
  private static final int BATCH = 1_000;

  private OpenTime() {}

  public static void main(String[] args) throws IOException {
    if (args[0].equals("fill")) {
      fill(Path.of(args[1]), ElementType.valueOf(args[2]));
    } else {
      open(Path.of(args[1]));
    }
  }

  /** Clusters of few intrinsic dimensions, mixed into many; unit length. */
  private static final class Vectors {
    private final Random random = new Random(7);
    private final float[][] mixing = gaussian(FACTORS, DIMENSION);
    private final float[][] centres = gaussian(CLUSTERS, FACTORS);

    private float[][] gaussian(int rows, int columns) {
      float[][] values = new float[rows][columns];
      for (float[] row : values) {
        for (int i = 0; i < columns; i++) {
          row[i] = (float) random.nextGaussian();
        }
      }
      return values;
    }

    float[] next() {
      float[] centre = centres[random.nextInt(CLUSTERS)];
      float[] vector = new float[DIMENSION];
      for (int f = 0; f < FACTORS; f++) {
        float factor = (float) (centre[f] + 0.4 * random.nextGaussian());
        for (int i = 0; i < DIMENSION; i++) {
          vector[i] += factor * mixing[f][i];
        }
      }
      double squares = 0;
      for (float value : vector) {
        squares += (double) value * value;
      }
      for (int i = 0; i < DIMENSION; i++) {
        vector[i] /= (float) Math.sqrt(squares);
      }
      return vector;
    }
  }

  private static void fill(Path place, ElementType elements) throws IOException {
    Vectors vectors = new Vectors();
    IndexOptions options = IndexOptions.defaults().withElements(elements).withGraphFrom(ROWS);
    EmbeddingSpace space = EmbeddingSpace.named("clusters", DIMENSION);
    try (PassageIndex index = PassageIndex.create(place, space, options)) {
      for (int from = 0; from < ROWS; from += BATCH) {
        List<Passage> passages = new ArrayList<>();
        float[] values = new float[BATCH * DIMENSION];
        for (int i = 0; i < BATCH; i++) {
          String text = ("passage " + (from + i) + ", a hundred bytes or so ").repeat(12);
          passages.add(Passage.of("p" + (from + i), text).withMetadata(Metadata.of("n", from + i)));
          System.arraycopy(vectors.next(), 0, values, i * DIMENSION, DIMENSION);
        }
        index.add(passages, Embeddings.of(DIMENSION, values));
        index.commit();
      }
      index.compact();
      System.out.println(index.stats());
    }
  }

  private static void open(Path place) throws IOException {
    long[] times = new long[5];
    for (int i = 0; i < times.length; i++) {
      long start = System.nanoTime();
      PassageIndex.open(place).close();
      times[i] = System.nanoTime() - start;
    }
    say("open, first", times[0]);
    long[] later = Arrays.copyOfRange(times, 1, times.length);
    Arrays.sort(later);
    say("open, again", later[later.length / 2]);
    try (PassageIndex index = PassageIndex.open(place)) {
      List<RecallMeter.Query> queries = index.reads().sample(20, new Random(1));
      long start = System.nanoTime();
      for (RecallMeter.Query query : queries) {
        List<ScoredPassage> hits = index.search(query.vector(), 10);
        if (!hits.get(0).id().equals(query.itself().orElseThrow())) {
          throw new AssertionError("a passage does not find itself");
        }
      }
      say("search, mean of 20", (System.nanoTime() - start) / queries.size());
      start = System.nanoTime();
      index.searchExact(queries.get(0).vector(), 10, Filter.all(), Deadline.none());
      say("exact search, first touch of all vectors", System.nanoTime() - start);
    }
    try (PassageIndex index = PassageIndex.open(place)) {
      long start = System.nanoTime();
      index.verify();
      say("verify, of " + index.stats().bytes() / 1_000_000 + " MB", System.nanoTime() - start);
    }
    long start = System.nanoTime();
    if (!IndexDoctor.check(place).isHealthy()) {
      throw new AssertionError("not healthy");
    }
    say("IndexDoctor.check, all generations", System.nanoTime() - start);
    System.out.println("heap " + (Runtime.getRuntime().maxMemory() >> 20) + " MB at most");
  }

  private static void say(String what, long nanos) {
    System.out.printf(Locale.ROOT, "%-45s%8.1f ms%n", what, nanos / 1e6);
  }
}
