package io.chasqui.djl;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Items of a list. */
final class InMemoryData<T> implements TrainingData<T> {
  private final List<T> items;

  InMemoryData(List<T> items) {
    this.items = List.copyOf(items);
  }

  @Override
  public Stream<T> epoch(long seed, int epoch) {
    List<T> shuffled = new ArrayList<>(items);
    Collections.shuffle(shuffled, new Random(Seeds.mix(seed, epoch)));
    return shuffled.stream();
  }

  @Override
  public String fingerprint() {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
    for (T item : items) {
      digest.update(text(item).getBytes(StandardCharsets.UTF_8));
      digest.update((byte) '\n');
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String text(Object item) {
    if (item instanceof TrainingGroup group) {
      return Arrays.toString(group.query())
          + group.passages().stream().map(Arrays::toString).toList()
          + Arrays.toString(group.teacherScores());
    }
    return item instanceof int[] ids ? Arrays.toString(ids) : item.toString();
  }

  @Override
  public long size() {
    return items.size();
  }
}
