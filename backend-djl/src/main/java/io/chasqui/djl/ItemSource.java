package io.chasqui.djl;

import java.io.IOException;
import java.util.Iterator;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Items as a learner takes them, in an order that seed and epoch decide.
 *
 * @param <T> {@link TrainingGroup} or a sequence of ids
 */
interface ItemSource<T> {
  /** One epoch; what is skipped is not made. */
  Stream<Supplier<T>> epoch(long seed, int epoch) throws IOException;

  /** Items of an epoch. */
  long size() throws IOException;

  /** Of the data behind. */
  String fingerprint() throws IOException;

  /** Items that are ready, unchanged. */
  static <T> ItemSource<T> of(TrainingData<T> data) {
    return new ItemSource<>() {
      @Override
      public Stream<Supplier<T>> epoch(long seed, int epoch) throws IOException {
        return data.epoch(seed, epoch).map(item -> () -> item);
      }

      @Override
      public long size() throws IOException {
        return data.size();
      }

      @Override
      public String fingerprint() throws IOException {
        return data.fingerprint();
      }
    };
  }

  /** Where items come one by one, epoch after epoch. Confined to one thread. */
  final class Feed<T> implements AutoCloseable {
    private final ItemSource<T> source;
    private final long seed;
    private int epoch;
    private long offset;
    private Stream<Supplier<T>> open;
    private Iterator<Supplier<T>> items;

    /** Goes on in an epoch after so many of its items. */
    Feed(ItemSource<T> source, long seed, int epoch, long offset) throws IOException {
      this.source = source;
      this.seed = seed;
      this.epoch = epoch;
      this.offset = offset;
      this.open = source.epoch(seed, epoch);
      this.items = open.skip(offset).iterator();
    }

    int epoch() {
      return epoch;
    }

    /** Items taken of this epoch. */
    long offset() {
      return offset;
    }

    /**
     * The next item; the next epoch's first after this one's last.
     *
     * @throws io.chasqui.TrainingException if an epoch has none
     */
    T next() throws IOException {
      if (!items.hasNext()) {
        open.close();
        epoch++;
        offset = 0;
        open = source.epoch(seed, epoch);
        items = open.iterator();
        if (!items.hasNext()) {
          throw new io.chasqui.TrainingException("the training data is empty");
        }
      }
      offset++;
      return items.next().get();
    }

    @Override
    public void close() {
      open.close();
    }
  }
}
