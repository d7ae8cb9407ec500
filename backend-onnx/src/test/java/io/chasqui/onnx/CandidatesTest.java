package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Embeddings;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CandidatesTest {
  private static int[] sorted(Candidates candidates) {
    int[] ordinals = candidates.ordinals();
    Arrays.sort(ordinals);
    return ordinals;
  }

  private static void offer(
      Candidates candidates, int[] sums, BlockRows rows, @Nullable BitSet accepted) {
    int[] block = Arrays.copyOf(sums, Candidates.MAX_ROWS);
    candidates.offer(block, new int[Candidates.GROUPS], rows, accepted);
  }

  /** Rows from an ordinal on whose codes all stand for the same. */
  private static void offer(Candidates candidates, int[] sums, int first) {
    float[] scales = new float[sums.length];
    Arrays.fill(scales, 1f);
    int[] ordinals = IntStream.range(first, first + sums.length).toArray();
    offer(candidates, sums, new BlockRows(ordinals, scales), null);
  }

  @Test
  void theBestOfAllBlocksAreKeptTheLowerOrdinalFirst() {
    Candidates candidates = new Candidates(4);
    offer(candidates, new int[] {5, 5, 9}, 10);
    offer(candidates, new int[] {5, -8, 7, 5}, 0);
    assertArrayEquals(new int[] {0, 2, 3, 12}, sorted(candidates));
    assertEquals(9f, candidates.best());
    offer(candidates, new int[] {-8, 5, 6, 99}, 20);
    assertArrayEquals(new int[] {2, 12, 22, 23}, sorted(candidates));
    assertEquals(99f, candidates.best());
  }

  @Test
  void whatIsExcludedIsNoCandidateHoweverFewThereAre() {
    Candidates candidates = new Candidates(2);
    int[] ordinals = IntStream.range(0, 40).toArray();
    float[] scales = new float[40];
    Arrays.fill(scales, 1f);
    BitSet accepted = new BitSet();
    accepted.set(5);
    offer(candidates, new int[40], new BlockRows(ordinals, scales), accepted);
    assertArrayEquals(new int[] {5}, sorted(candidates));
  }

  /** Of sums and scales that are alike, that differ, and that are 0 or next to it. */
  @Test
  void candidatesAreThoseOfASort() {
    Random random = new Random(8);
    for (int round = 0; round < 2_000; round++) {
      int size = 1 + random.nextInt(300);
      double spread = random.nextInt(3) * 2.5;
      double unit = random.nextInt(4) == 0 ? 1e-42 : 1e-3;
      int[] sums = new int[size];
      float[] scales = new float[size];
      for (int i = 0; i < size; i++) {
        sums[i] = random.nextInt(round % 2 == 0 ? 9 : 1_000_000_000) - random.nextInt(3) * 300_000;
        scales[i] = (float) (Math.exp(spread * random.nextGaussian()) * unit);
      }
      BlockRows all = new BlockRows(IntStream.range(0, size).toArray(), scales);
      int[] expected =
          IntStream.range(0, size)
              .boxed()
              .sorted(
                  Comparator.<Integer>comparingDouble(i -> -(sums[i] * scales[i] + 0f))
                      .thenComparing(i -> i))
              .mapToInt(Integer::intValue)
              .toArray();
      int wanted = 1 + random.nextInt(40);
      Candidates candidates = new Candidates(wanted);
      int cut = random.nextInt(size + 1);
      for (int[] part : new int[][] {{cut, size}, {0, cut}}) {
        int[] ordinals = IntStream.range(part[0], part[1]).toArray();
        if (ordinals.length > 0) {
          BlockRows rows = new BlockRows(ordinals, Arrays.copyOfRange(scales, part[0], part[1]));
          offer(candidates, Arrays.copyOfRange(sums, part[0], part[1]), rows, null);
        }
      }
      int[] best = Arrays.copyOf(expected, Math.min(wanted, size));
      Arrays.sort(best);
      assertArrayEquals(best, sorted(candidates), "round " + round);
      assertEquals(all.score(expected[0], sums[expected[0]]), candidates.best());
    }
  }

  @Test
  void keysAreOrderedAsScoresAndThenByTheLowerOrdinal() {
    float[] scores = {Float.NEGATIVE_INFINITY, -2f, -1e-40f, -0f, 0f, 1e-40f, 1f, 3e38f};
    for (int i = 0; i < scores.length; i++) {
      long key = RankKey.of(scores[i], 7);
      assertEquals(scores[i], RankKey.score(key));
      assertEquals(7, RankKey.ordinal(key));
      assertTrue(key > RankKey.of(scores[i], 8));
      assertTrue(i == 0 || key > RankKey.of(scores[i - 1], 0));
    }
    assertEquals(Integer.MAX_VALUE, RankKey.ordinal(RankKey.of(-1f, Integer.MAX_VALUE)));
  }

  @Test
  void eachQueryIsStretchedToTheWholeRangeByItself() {
    Embeddings queries =
        Embeddings.of(3, new float[] {1, -0.5f, 0, 1e-20f, 1e-20f, -1e-20f, 0, 0, 0});
    ByteBuffer codes = QueryCodes.of(queries, 0, 3);
    byte[] found = new byte[9];
    codes.get(found);
    int[] unsigned = new int[9];
    for (int i = 0; i < 9; i++) {
      unsigned[i] = found[i] & 0xFF;
    }
    assertArrayEquals(new int[] {255, 65, 128, 255, 255, 1, 128, 128, 128}, unsigned);
    assertEquals(3, QueryCodes.of(queries, 1, 2).remaining());
  }
}
