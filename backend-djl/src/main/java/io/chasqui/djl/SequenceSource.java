package io.chasqui.djl;

import io.chasqui.spi.Tokenizer;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Texts joined, each closed by the separator, and cut into sequences of one length; what is left of
 * an epoch is dropped.
 */
record SequenceSource(
    TrainingData<String> texts, Tokenizer tokenizer, Objective.LanguageModel objective)
    implements ItemSource<int[]> {

  @Override
  public Stream<Supplier<int[]>> epoch(long seed, int epoch) throws IOException {
    Stream<String> open = texts.epoch(seed, epoch);
    Iterator<int[]> sequences = new Sequences(open.iterator());
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(sequences, Spliterator.ORDERED), false)
        .<Supplier<int[]>>map(sequence -> () -> sequence)
        .onClose(open::close);
  }

  /** One pass over the texts. */
  private final class Sequences implements Iterator<int[]> {
    private final Iterator<String> open;
    private int[] buffer = new int[4 * objective.sequenceLength()];
    private int from;
    private int to;

    Sequences(Iterator<String> open) {
      this.open = open;
    }

    @Override
    public boolean hasNext() {
      while (to - from < objective.sequenceLength() && open.hasNext()) {
        int[] ids = tokenizer.tokenize(open.next()).ids();
        reserve(ids.length + 1);
        System.arraycopy(ids, 0, buffer, to, ids.length);
        to += ids.length;
        buffer[to++] = objective.separatorId();
      }
      return to - from >= objective.sequenceLength();
    }

    private void reserve(int more) {
      if (to + more > buffer.length) {
        int[] moved = new int[Math.max(buffer.length, 2 * (to - from + more))];
        System.arraycopy(buffer, from, moved, 0, to - from);
        buffer = moved;
        to -= from;
        from = 0;
      }
    }

    @Override
    public int[] next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      int[] sequence = Arrays.copyOfRange(buffer, from, from + objective.sequenceLength());
      from += objective.sequenceLength();
      return sequence;
    }
  }

  /** Tokenizes all texts once. */
  @Override
  public long size() throws IOException {
    try (Stream<Supplier<int[]>> all = epoch(0, 0)) {
      return all.count();
    }
  }

  @Override
  public String fingerprint() throws IOException {
    return texts.fingerprint();
  }
}
