package io.chasqui.djl;

import io.chasqui.TrainingException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Learns the pieces of a tokenizer from text by byte-pair encoding: again and again the most
 * frequent pair of neighbours becomes one piece. Same text, same options: same vocabulary.
 *
 * <p>Holds one count per different unit (word, sign, digit), not the text; beyond 4 million of them
 * the rarest are forgotten. One core, about 20 s for 50 MB of English.
 *
 * @see <a href="https://arxiv.org/abs/1508.07909">Sennrich, Haddow and Birch 2016</a>
 * @see <a href="https://arxiv.org/abs/1808.06226">Kudo and Richardson 2018 (SentencePiece)</a>
 */
public final class BpeTrainer {
  private static final int MOST_UNITS = 4_000_000;

  private BpeTrainer() {}

  /**
   * Learns from texts, read once; the stream is not closed.
   *
   * @throws TrainingException if there is no text, or the characters alone are more than the
   *     vocabulary may hold
   */
  public static BpeVocabulary train(Stream<String> texts, BpeOptions options) {
    Map<String, long[]> units = count(texts);
    if (units.isEmpty()) {
      throw new TrainingException("there is no text to learn a tokenizer from");
    }
    List<Integer> characters = characters(units, options.characterCoverage());
    int room = options.vocabularySize() - BpeVocabulary.FIRST_FREE - characters.size();
    if (room < 0) {
      throw new TrainingException(
          ("%d characters, 256 bytes and 3 special pieces do not fit into a vocabulary of %d:"
                  + " choose a larger one or a lower character coverage than %s")
              .formatted(characters.size(), options.vocabularySize(), options.characterCoverage()));
    }
    List<BpeMerge> merges = new BpeMerger(units, characters, options).merge(room);
    return vocabulary(merges, characters);
  }

  private static Map<String, long[]> count(Stream<String> texts) {
    Map<String, long[]> units = new HashMap<>();
    long forgotten = 0;
    for (Iterator<String> all = texts.iterator(); all.hasNext(); ) {
      String text = all.next();
      if (!text.isEmpty()) {
        TextUnits.forEach(text, unit -> units.computeIfAbsent(unit, u -> new long[1])[0]++);
      }
      while (units.size() > MOST_UNITS) {
        forgotten++;
        long rare = forgotten;
        units.values().removeIf(count -> count[0] <= rare);
      }
    }
    return units;
  }

  /** The characters that get a piece, most frequent first. */
  private static List<Integer> characters(Map<String, long[]> units, double coverage) {
    Map<Integer, long[]> counts = new HashMap<>();
    units.forEach(
        (unit, count) ->
            unit.codePoints()
                .filter(point -> point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE)
                .forEach(point -> counts.computeIfAbsent(point, p -> new long[1])[0] += count[0]));
    counts.computeIfAbsent((int) TextUnits.SPACE, p -> new long[1]);
    double wanted = coverage * counts.values().stream().mapToLong(count -> count[0]).sum();
    List<Map.Entry<Integer, long[]>> sorted = new ArrayList<>(counts.entrySet());
    sorted.sort(
        Comparator.<Map.Entry<Integer, long[]>>comparingLong(entry -> -entry.getValue()[0])
            .thenComparing(Map.Entry::getKey));
    List<Integer> characters = new ArrayList<>();
    long covered = 0;
    for (Map.Entry<Integer, long[]> entry : sorted) {
      // Every text begins with a space.
      if (covered < wanted || entry.getKey() == TextUnits.SPACE) {
        characters.add(entry.getKey());
        covered += entry.getValue()[0];
      }
    }
    return characters;
  }

  private static BpeVocabulary vocabulary(List<BpeMerge> merges, List<Integer> characters) {
    List<String> pieces = new ArrayList<>(BpeVocabulary.SPECIAL);
    for (int b = 0; b < 256; b++) {
      pieces.add("<0x%02X>".formatted(b));
    }
    Set<String> known = new HashSet<>();
    for (BpeMerge merge : merges) {
      if (known.add(merge.product())) {
        pieces.add(merge.product());
      }
    }
    characters.forEach(point -> pieces.add(Character.toString(point)));
    return new BpeVocabulary(pieces, merges);
  }
}
