package io.chasqui.index;

import io.chasqui.spi.VectorSource;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Vectors of four-byte numbers that are read from a segment's {@code .vec} file when they are asked
 * for: what is read stays in the system's page cache, but takes no memory of the process. For
 * vectors of which few are wanted at a time, since codes are compared first. Thread-safe.
 *
 * <p>Where no handle of the file is to be had (the file was deleted by a writer, too many are open)
 * its mapping serves.
 */
final class ReadVectors implements StoredVectors {
  private static final Logger LOG = LoggerFactory.getLogger(ReadVectors.class);

  private final FramedFile file;
  private final FloatVectors mapped;
  private final int dimension;
  private final Idle<RowWindow> idle = new Idle<>();

  ReadVectors(FramedFile file, FloatVectors mapped) {
    this.file = file;
    this.mapped = mapped;
    this.dimension = mapped.dimension();
  }

  /** Closes the file; it is opened again if a search that began before still needs it. */
  void release() {
    idle.close();
  }

  @Override
  public int size() {
    return mapped.size();
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public void verifyAll() {
    mapped.verifyAll(); // the same checksums
  }

  private interface Use {
    void of(RowWindow window) throws IOException;
  }

  /** Does something with a window; false if there is none, so that the mapping must serve. */
  private boolean with(Use use) {
    try {
      Optional<RowWindow> waiting = idle.take();
      RowWindow window = waiting.isPresent() ? waiting.get() : new RowWindow(file, dimension);
      boolean good = false;
      try {
        use.of(window);
        good = true;
      } finally {
        if (good) {
          idle.give(window);
        } else {
          window.close();
        }
      }
      return true;
    } catch (FileSystemException e) {
      LOG.debug("{} is read through its mapping: {}", file.path(), e.toString());
      return false;
    } catch (IOException e) {
      throw file.unreadable(e);
    }
  }

  @Override
  public void copy(int ordinal, float[] target) {
    int[] ordinals = {ordinal};
    boolean read =
        with(
            window -> {
              window.read(ordinals, 0, 1);
              window.copy(target);
            });
    if (!read) {
      mapped.copy(ordinal, target);
    }
  }

  @Override
  public float similarity(int ordinal, float[] query) {
    return compareWith(query).similarity(ordinal);
  }

  @Override
  public float similarity(int ordinal, int otherOrdinal) {
    return compareWith(otherOrdinal).similarity(ordinal);
  }

  @Override
  public VectorSource.Comparison compareWith(int ordinal) {
    float[] row = new float[dimension];
    copy(ordinal, row);
    return compareWith(row);
  }

  @Override
  public VectorSource.Comparison compareWith(float[] query) {
    return new Compared(query);
  }

  private final class Compared implements VectorSource.Comparison {
    private final float[] query;

    Compared(float[] query) {
      this.query = query;
    }

    @Override
    public float similarity(int ordinal) {
      float[] one = new float[1];
      similarities(new int[] {ordinal}, 1, one);
      return one[0];
    }

    @Override
    public void similarities(int[] ordinals, int count, float[] similarities) {
      boolean read =
          with(
              window -> {
                for (int done = 0; done < count; done += 4) {
                  int rows = Math.min(4, count - done);
                  window.read(ordinals, done, rows);
                  window.compare(query, rows, similarities, done);
                }
              });
      if (!read) {
        mapped.compareWith(query).similarities(ordinals, count, similarities);
      }
    }
  }
}
