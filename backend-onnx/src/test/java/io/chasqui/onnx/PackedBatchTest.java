package io.chasqui.onnx;

import static io.chasqui.onnx.Fixtures.encoder;
import static io.chasqui.onnx.Fixtures.scorer;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.Role.PadSide;
import io.chasqui.spi.TokenBatch;
import java.nio.LongBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which tokens are computed, and where rows find them. */
class PackedBatchTest {
  private static final int NO_WINDOW = Integer.MAX_VALUE;

  /** Two pairs of one query, as a reranker's caller hands them over. */
  private static final TokenBatch ONE =
      new TokenBatch("scores", List.of(new int[] {1, 2, 3, 4}, new int[] {1, 2, 5}), 2);

  private static final TokenBatch OTHER =
      new TokenBatch("scores", List.of(new int[] {1, 6, 7}, new int[] {1, 6, 8}), 2);

  private static PackedBatch.Part part(TokenBatch batch, Role role) {
    return new PackedBatch.Part(batch, role, RoleHeads.NO_ADAPTER);
  }

  private static PackedBatch packed(PackedBatch.Part... parts) {
    return new PackedBatch(List.of(parts), NO_WINDOW, true);
  }

  private static long[] numbers(LongBuffer buffer) {
    long[] numbers = new long[buffer.capacity()];
    buffer.get(0, numbers);
    return numbers;
  }

  @Test
  void callsThatRunTogetherComputeNoMoreTokensThanEachAlone() {
    Role role = scorer(PadSide.RIGHT);
    PackedBatch together = packed(part(ONE, role), part(OTHER, role));
    assertEquals(
        packed(part(ONE, role)).tokens() + packed(part(OTHER, role)).tokens(), together.tokens());
    assertArrayEquals(new long[] {1, 2, 3, 4, 5, 1, 6, 7, 8}, numbers(together.ids()));
  }

  @Test
  void rowsPointToThePrefixOfTheirOwnCall() {
    Role role = scorer(PadSide.RIGHT);
    PackedBatch together = packed(part(ONE, role), part(OTHER, role));
    assertArrayEquals(
        new long[] {0, 1, 2, 3, 0, 1, 4, 0, 5, 6, 7, 0, 5, 6, 8, 0}, numbers(together.slots()));
    assertArrayEquals(new long[] {0, 1, 2, 3, 6, 8, 9, 10, 14}, numbers(together.tokenSlots()));
    assertArrayEquals(new long[] {3, 4, 7, 8}, numbers(together.pooledTokens()));
  }

  @Test
  void whatSeesWhatFollowsSharesNothing() {
    Role both = encoder(PadSide.RIGHT).withAttention(Role.Attention.BIDIRECTIONAL);
    PackedBatch together = packed(part(ONE, scorer(PadSide.RIGHT)), part(OTHER, both));
    assertEquals(5 + 6, together.tokens());
  }

  @Test
  void aRowOfThePrefixAloneIsPooledThere() {
    TokenBatch batch = new TokenBatch("scores", List.of(new int[] {1, 6, 7}, new int[] {1, 6}), 2);
    Role role = scorer(PadSide.RIGHT);
    assertArrayEquals(
        new long[] {3, 4, 7, 6},
        numbers(packed(part(ONE, role), part(batch, role)).pooledTokens()));
  }
}
