package io.chasqui;

import io.chasqui.spi.Tokenization;
import io.chasqui.spi.Tokenizer;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@link Chunker#sentences}.
 *
 * <p>Works on marks: the chars at which a token may begin, sentence by sentence. A passage is a
 * range of marks, so that passages without overlap tile the text whatever the tokenizer skips. The
 * number of marks only guesses the number of tokens (a tokenizer may see a part of a text
 * differently), so each passage is tokenized on its own and shortened until it fits.
 */
final class SentenceChunker implements Chunker {
  private static final Pattern BLANK_LINE = Pattern.compile("\\n[ \\t\\r]*\\n\\s*");

  private final Tokenizer tokenizer;
  private final ChunkOptions options;

  SentenceChunker(Tokenizer tokenizer, ChunkOptions options) {
    this.tokenizer = Objects.requireNonNull(tokenizer, "tokenizer");
    this.options = Objects.requireNonNull(options, "options");
  }

  @Override
  public List<Passage> chunk(Document document) {
    if (document.text().isBlank()) {
      return document.title().isBlank() ? List.of() : List.of(passage(document, 0, 0, 0));
    }
    Marks marks = Marks.of(document.text(), options, tokenizer);
    List<Passage> passages = new ArrayList<>();
    int from = 0;
    int done = 0; // marks before this one are in some passage, or white space
    int covered = 0; // chars before this one are
    while (done < marks.count()) {
      int to = marks.fit(from, done);
      if (to <= done) { // the overlap leaves no room for anything new
        from = done;
        to = marks.fit(from, done);
      }
      int start = marks.firstChar(from, to);
      int end = marks.lastChar(from, to);
      if (start < end && end > covered) { // beyond the overlap there may be white space alone
        passages.add(passage(document, passages.size(), start, end));
        covered = end;
      }
      done = to;
      from = Math.max(from, marks.overlapStart(to));
    }
    return passages;
  }

  private static Passage passage(Document document, int index, int start, int end) {
    return new Passage(
        document.id() + "#" + index,
        document.id(),
        document.title(),
        document.text().substring(start, end),
        document.metadata().with(INDEX, index).with(START, start).with(END, end));
  }

  /**
   * Where a text may be cut.
   *
   * @param at char index of each mark, strictly increasing, from 0; never inside a surrogate pair
   * @param sentences numbers of the marks at which sentences begin, then the number of marks
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Marks(
      String text, int[] at, int[] sentences, ChunkOptions options, Tokenizer tokenizer) {

    static Marks of(String text, ChunkOptions options, Tokenizer tokenizer) {
      List<Integer> starts = sentenceStarts(text, options);
      List<String> parts = new ArrayList<>(starts.size());
      for (int s = 0; s < starts.size(); s++) {
        int end = s + 1 < starts.size() ? starts.get(s + 1) : text.length();
        parts.add(text.substring(starts.get(s), end));
      }
      List<Tokenization> tokens = tokenizer.tokenizeAll(parts);
      int[] at = new int[parts.size() + tokens.stream().mapToInt(Tokenization::size).sum()];
      int[] sentences = new int[parts.size() + 1];
      int count = 0;
      for (int s = 0; s < parts.size(); s++) {
        sentences[s] = count;
        int base = starts.get(s);
        int last = base;
        at[count++] = base;
        int[] begins = tokens.get(s).starts();
        for (int t = 1; t < begins.length; t++) { // the first token begins with its sentence
          int mark = codePointStart(parts.get(s), begins[t]) + base;
          if (mark > last && mark < base + parts.get(s).length()) {
            at[count++] = mark;
            last = mark;
          }
        }
      }
      sentences[parts.size()] = count;
      return new Marks(text, Arrays.copyOf(at, count), sentences, options, tokenizer);
    }

    private static List<Integer> sentenceStarts(String text, ChunkOptions options) {
      TreeSet<Integer> starts = new TreeSet<>();
      BreakIterator sentences = BreakIterator.getSentenceInstance(options.locale());
      sentences.setText(text);
      for (int at = sentences.first(); at != BreakIterator.DONE; at = sentences.next()) {
        starts.add(codePointStart(text, at));
      }
      Matcher paragraphs = BLANK_LINE.matcher(text);
      while (paragraphs.find()) {
        starts.add(paragraphs.end());
      }
      starts.add(0);
      starts.remove(text.length());
      return List.copyOf(starts);
    }

    private static int codePointStart(String text, int index) {
      boolean inside =
          index > 0
              && index < text.length()
              && Character.isLowSurrogate(text.charAt(index))
              && Character.isHighSurrogate(text.charAt(index - 1));
      return inside ? index - 1 : index;
    }

    int count() {
      return at.length;
    }

    private int charAt(int mark) {
      return mark < at.length ? at[mark] : text.length();
    }

    /** The first char of a range of marks that is not white space; the range's end if none is. */
    int firstChar(int from, int to) {
      int end = charAt(to);
      int start = charAt(from);
      while (start < end && Character.isWhitespace(text.charAt(start))) {
        start++;
      }
      return start;
    }

    int lastChar(int from, int to) {
      int start = charAt(from);
      int end = charAt(to);
      while (end > start && Character.isWhitespace(text.charAt(end - 1))) {
        end--;
      }
      return end;
    }

    private int tokens(int from, int to) {
      int start = firstChar(from, to);
      return start < charAt(to) ? tokenizer.count(text.substring(start, lastChar(from, to))) : 0;
    }

    /**
     * The end of the longest passage from a mark on that fits: after a sentence if one ends beyond
     * {@code done}, else inside of it; at least one mark.
     */
    int fit(int from, int done) {
      int limit = Math.min(count(), from + options.maxTokens());
      while (true) {
        int to = sentenceEnd(limit);
        if (to <= Math.max(from, done)) {
          to = lastBetweenWords(Math.max(Math.max(from, done) + 1, limit - slack()), limit);
        }
        int excess = tokens(from, to) - options.maxTokens();
        if (excess <= 0 || to <= from + 1) {
          return to;
        }
        limit = Math.max(from + 1, to - excess);
      }
    }

    /** The last end of a sentence at or before a mark. */
    private int sentenceEnd(int mark) {
      int found = Arrays.binarySearch(sentences, mark);
      return sentences[found >= 0 ? found : -found - 2];
    }

    /** Where the passage after one that ended at {@code end} begins. */
    int overlapStart(int end) {
      if (options.overlapTokens() == 0 || end == count()) {
        return end;
      }
      int earliest = Math.max(0, end - options.overlapTokens());
      int found = Arrays.binarySearch(sentences, end);
      if (found >= 0 && sentences[found + 1] - end <= options.maxTokens()) {
        // The next sentence fits as a whole if the overlap leaves it the room.
        earliest = Math.max(earliest, sentences[found + 1] - options.maxTokens());
      }
      while (earliest < end) {
        int sentence = Arrays.binarySearch(sentences, earliest);
        int start = sentences[sentence >= 0 ? sentence : -sentence - 1];
        if (start >= end) {
          start = firstBetweenWords(earliest, Math.min(earliest + slack(), end));
        }
        int excess = tokens(start, end) - options.overlapTokens();
        if (excess <= 0) {
          return start;
        }
        earliest = start + excess;
      }
      return end;
    }

    /** How many marks a cut inside of a sentence may move to spare a word. */
    private int slack() {
      return options.maxTokens() / 4;
    }

    private int lastBetweenWords(int lowest, int mark) {
      for (int m = mark; m >= lowest; m--) {
        if (isBetweenWords(m)) {
          return m;
        }
      }
      return mark;
    }

    private int firstBetweenWords(int mark, int beyond) {
      for (int m = mark; m < beyond; m++) {
        if (isBetweenWords(m)) {
          return m;
        }
      }
      return mark;
    }

    private boolean isBetweenWords(int mark) {
      int at = charAt(mark);
      return at == 0
          || at == text.length()
          || !Character.isLetterOrDigit(text.charAt(at - 1))
          || !Character.isLetterOrDigit(text.charAt(at));
    }
  }
}
