package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ScheduleTest {
  @Test
  void linearGivesHuggingFacesRates() throws IOException {
    JsonNode table = Golden.json("units/schedule.json");
    double peak = table.get("base_lr").doubleValue();
    for (Map.Entry<String, JsonNode> entry : table.get("linear").properties()) {
      String key = entry.getKey(); // warm-up/total
      int slash = key.indexOf('/');
      Schedule schedule = new Schedule.Linear(Integer.parseInt(key.substring(0, slash)));
      long total = Long.parseLong(key.substring(slash + 1));
      JsonNode rates = entry.getValue();
      if (rates.isArray()) {
        for (int step = 0; step < rates.size(); step++) {
          assertEquals(rates.get(step).doubleValue(), peak * schedule.factor(step, total), 1e-18);
        }
      } else {
        rates
            .properties()
            .forEach(
                rate -> {
                  long step = Long.parseLong(rate.getKey());
                  double found = peak * schedule.factor(step, total);
                  assertEquals(rate.getValue().doubleValue(), found, 1e-18);
                });
      }
    }
  }

  @Test
  void cosineFallsFromPeakOverHalfToNothing() {
    Schedule schedule = new Schedule.Cosine(10);
    assertEquals(0, schedule.factor(0, 110));
    assertEquals(0.5, schedule.factor(5, 110));
    assertEquals(1, schedule.factor(10, 110), 1e-12);
    assertEquals(0.5 * (1 + Math.sqrt(0.5)), schedule.factor(35, 110), 1e-12);
    assertEquals(0.5, schedule.factor(60, 110), 1e-12);
    assertEquals(0, schedule.factor(110, 110), 1e-12);
  }

  @Test
  void constantStaysAfterItsWarmUp() {
    Schedule schedule = new Schedule.Constant(4);
    assertEquals(0.25, schedule.factor(1, 100));
    assertEquals(1, schedule.factor(4, 100));
    assertEquals(1, schedule.factor(99, 100));
  }

  @Test
  void negativeWarmUpIsRefusedWithItsValue() {
    Exception e = assertThrows(IllegalArgumentException.class, () -> new Schedule.Cosine(-3));
    assertEquals("warmup must not be negative: -3", e.getMessage());
  }
}
