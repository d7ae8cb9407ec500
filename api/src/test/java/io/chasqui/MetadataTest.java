package io.chasqui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MetadataTest {
  @Test
  void numbersBecomeLongOrDouble() {
    Metadata metadata =
        Metadata.of("int", 1).with("short", (short) 2).with("byte", (byte) 3).with("float", 0.5f);
    assertEquals(List.of(1L, 2L, 3L, 0.5), new ArrayList<>(metadata.asMap().values()));
  }

  @Test
  void namesKeepTheirOrder() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("z", 1);
    values.put("a", 2);
    Metadata metadata = Metadata.of(values).with("m", "x").with("z", 3);
    assertEquals(List.of("z", "a", "m"), new ArrayList<>(metadata.names()));
    assertEquals(Optional.of(3L), metadata.get("z"));
    assertEquals(Optional.empty(), metadata.get("none"));
  }

  @Test
  void nothingOutsideCanChangeIt() {
    Map<String, Object> values = new HashMap<>();
    List<String> tags = new ArrayList<>(List.of("a"));
    values.put("tags", tags);
    Metadata metadata = Metadata.of(values);
    tags.add("b");
    values.put("more", 1);
    assertEquals(Map.of("tags", List.of("a")), metadata.asMap());
    assertThrows(UnsupportedOperationException.class, () -> metadata.asMap().clear());
  }

  @Test
  void equalByValue() {
    assertEquals(Metadata.of("a", 1), Metadata.of("a", 1L));
    assertEquals(Metadata.of("a", 1).hashCode(), Metadata.of("a", 1L).hashCode());
    assertSame(Metadata.empty(), Metadata.of(Map.of()));
    assertTrue(Metadata.empty().isEmpty());
    assertEquals("{a=1}", Metadata.of("a", 1).toString());
  }

  @Test
  void otherValuesAreRefusedByName() {
    for (Object bad : new Object[] {'c', Double.NaN, Float.NaN, List.of(1), Map.of(), new int[0]}) {
      var error = assertThrows(IllegalArgumentException.class, () -> Metadata.of("price", bad));
      assertTrue(error.getMessage().contains("\"price\""), error.getMessage());
    }
    assertThrows(NullPointerException.class, () -> Metadata.empty().with("a", null));
    assertThrows(IllegalArgumentException.class, () -> Metadata.of("a", Arrays.asList("x", null)));
  }
}
