package io.chasqui.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The trainer with its queue against one that counts everything anew before each merge. */
class BpeTrainerProperties {
  private record Counted(BpeMerge merge, long count) {}

  @Property(tries = 150)
  void mergesAreThoseOfCountingAnewEachTime(
      @ForAll("texts") List<String> texts, @ForAll("sizes") int size) {
    BpeOptions options =
        BpeOptions.defaults().withCharacterCoverage(1).withVocabularySize(size).withMinFrequency(1);

    assertEquals(slowly(texts, options), BpeTrainer.train(texts.stream(), options).merges());
  }

  @Property(tries = 100)
  void theOrderOfTheTextsDoesNotMatter(@ForAll("texts") List<String> texts) {
    List<String> reversed = new ArrayList<>(texts);
    Collections.reverse(reversed);
    BpeOptions options = BpeOptions.defaults().withVocabularySize(290);

    assertEquals(
        BpeTrainer.train(texts.stream(), options), BpeTrainer.train(reversed.stream(), options));
  }

  @Provide
  Arbitrary<List<String>> texts() {
    return Arbitraries.strings()
        .withChars("aaabc d.1é")
        .ofMinLength(1)
        .ofMaxLength(40)
        .list()
        .ofMinSize(1)
        .ofMaxSize(6);
  }

  @Provide
  Arbitrary<Integer> sizes() {
    return Arbitraries.integers().between(270, 320);
  }

  private static List<BpeMerge> slowly(List<String> texts, BpeOptions options) {
    List<List<String>> rows = new ArrayList<>();
    Set<String> pieces = new HashSet<>(Set.of("▁"));
    for (String text : texts) {
      TextUnits.forEach(
          text,
          unit ->
              rows.add(new ArrayList<>(unit.codePoints().mapToObj(Character::toString).toList())));
    }
    rows.forEach(pieces::addAll);
    List<BpeMerge> merges = new ArrayList<>();
    while (true) {
      Map<BpeMerge, Long> counts = new LinkedHashMap<>();
      for (List<String> row : rows) {
        for (int i = 0; i + 1 < row.size(); i++) {
          counts.merge(new BpeMerge(row.get(i), row.get(i + 1)), 1L, Long::sum);
        }
      }
      var best =
          counts.entrySet().stream()
              .map(entry -> new Counted(entry.getKey(), entry.getValue()))
              .filter(c -> c.merge().product().length() <= options.maxPieceLength())
              .min(
                  Comparator.<Counted>comparingLong(c -> -c.count())
                      .thenComparingInt(c -> c.merge().product().length())
                      .thenComparing(c -> c.merge().product())
                      .thenComparingInt(c -> c.merge().left().length()));
      if (best.isEmpty()) {
        return merges;
      }
      BpeMerge merge = best.get().merge();
      if (!pieces.contains(merge.product())
          && BpeVocabulary.FIRST_FREE + pieces.size() == options.vocabularySize()) {
        return merges;
      }
      pieces.add(merge.product());
      merges.add(merge);
      for (List<String> row : rows) {
        for (int i = 0; i + 1 < row.size(); i++) {
          if (row.get(i).equals(merge.left()) && row.get(i + 1).equals(merge.right())) {
            row.set(i, merge.product());
            row.remove(i + 1);
          }
        }
      }
    }
  }
}
