package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PythonPatternTest {
  private static final String MODULE = "model.layers.10.self_attn.q_proj";

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".*\\.(q|k|v)_proj",
        "model\\.layers\\.[0-9]{1,2}\\.self_attn\\.[qkv]_proj",
        "model\\.layers\\.\\d{2,}\\..*",
        "(?:model\\.)?layers\\.(?:1[0-9]|2\\d)\\..*q_proj"
      })
  void whatAdaptersUseMatches(String expression) {
    assertTrue(new PythonPattern(expression).matches(MODULE), expression);
  }

  /** Steps over characters don't bound these: they look at none. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "(?:){2147483647}.*",
        "(?:(?:(?:){2000}){2000}){2000}.*",
        "(?:(?:){9000,}){9000,}.*",
        "(){0,2147483647}x{2147483647}"
      })
  void countsThatWouldTakeForeverAreRefused(String expression) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          IllegalArgumentException e =
              assertThrows(
                  IllegalArgumentException.class,
                  () -> new PythonPattern(expression).matches(MODULE));
          assertTrue(e.getMessage().contains("repeat"), e.getMessage());
        });
  }

  @Test
  void deepNestingIsTyped() {
    String expression = "(".repeat(240) + "a|." + ")*".repeat(240);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> new PythonPattern(expression).matches(MODULE));
    assertTrue(e.getMessage().contains("deeply"), e.getMessage());
  }

  @Test
  void backtrackingWithoutEndIsCutShort() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new PythonPattern("(([a-z_.0-9]+)+)+X").matches(MODULE));
    assertEquals("too many steps to match " + MODULE, e.getMessage());
  }
}
