package io.chasqui.index;

import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Passage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A process that adds, removes, commits and compacts until it is killed, and says before and after
 * each commit what it did.
 */
final class KillVictim {
  static final int DIMENSION = 8;
  static final EmbeddingSpace SPACE = EmbeddingSpace.named("kill", DIMENSION);
  static final IndexOptions OPTIONS = IndexOptions.exact().withGraph("test").withGraphFrom(200);

  private KillVictim() {}

  /** Arguments: the index directory, the number of the first passage to add. */
  public static void main(String[] args) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    int next = Integer.parseInt(args[1]);
    Random random = new Random(next);
    try (PassageIndex index = PassageIndex.openOrCreate(Path.of(args[0]), SPACE, OPTIONS)) {
      out.println("ready");
      while (true) {
        int last = next + 1 + random.nextInt(80);
        List<Passage> passages = new ArrayList<>();
        float[] values = new float[(last - next) * DIMENSION];
        for (int i = next; i < last; i++) {
          passages.add(passage(i));
          System.arraycopy(vector(i), 0, values, (i - next) * DIMENSION, DIMENSION);
        }
        index.add(passages, Embeddings.of(DIMENSION, values));
        // Removes the one before the batch's first, so that tombstones are written too.
        index.remove(List.of("p" + (next - 1)));
        out.println("committing " + next + " " + last);
        if (random.nextInt(5) == 0) {
          index.compact();
        } else {
          index.commit();
        }
        out.println("committed " + next + " " + last);
        next = last;
      }
    }
  }

  static Passage passage(int i) {
    return Passage.of("p" + i, "text of passage " + i + " ".repeat(i % 50) + ".");
  }

  static float[] vector(int i) {
    Random random = new Random(i);
    float[] vector = new float[DIMENSION];
    for (int j = 0; j < DIMENSION; j++) {
      vector[j] = (float) random.nextGaussian();
    }
    return vector;
  }
}
