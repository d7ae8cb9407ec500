package io.chasqui.djl;

import io.chasqui.Passage;
import io.chasqui.evaluation.DataFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A corpus in BEIR's layout (one JSON object per line), its passages found by id. Twelve to
 * twenty-five bytes of memory per passage for the index and eight for the line; the texts stay in
 * the file. Immutable, thread-safe.
 */
final class CorpusFile {
  private static final int EMPTY = -1;

  private final Path file;
  private final FileLines lines;
  // Open addressing: 64-bit hashes of ids, and the lines that have them.
  private final long[] hashes;
  private final int[] rows;
  private final int size;

  private CorpusFile(Path file, FileLines lines, Index index) {
    this.file = file;
    this.lines = lines;
    this.hashes = index.hashes;
    this.rows = index.rows;
    this.size = index.size;
  }

  /**
   * Reads a corpus once.
   *
   * @throws DataFormatException if a line is malformed, an id is there twice, or there is none
   */
  static CorpusFile open(Path file) throws IOException {
    Index index = new Index();
    FileLines lines =
        FileLines.open(
            file,
            line -> {
              if (!line.isBlank()) {
                index.add(line, JsonRecord.of(line).passage().id());
              }
            });
    if (index.size == 0) {
      throw new DataFormatException(file, 0, "the corpus is empty");
    }
    return new CorpusFile(file, lines, index);
  }

  int size() {
    return size;
  }

  String sha256() {
    return lines.sha256();
  }

  /** Knows which ids there are, and gives passages without text: for checking a file. */
  PassageLookup checker() {
    return (line, field, id) -> {
      row(line, field, id);
      return Passage.of(id, "");
    };
  }

  /** Opens the corpus for reading passages; the caller closes it. */
  Reader reader() throws IOException {
    return new Reader(lines.reader());
  }

  private int row(DataLine line, String field, String id) {
    long hash = hash(id);
    int slot = slot(hashes, rows, hash);
    if (rows[slot] == EMPTY) {
      throw line.problem("field \"" + field + "\" names " + id + ", which is not in " + file);
    }
    return rows[slot];
  }

  /** Reads passages. A handle, confined to one thread. */
  final class Reader implements PassageLookup, AutoCloseable {
    private final FileLines.Reader in;

    private Reader(FileLines.Reader in) {
      this.in = in;
    }

    @Override
    public Passage find(DataLine line, String field, String id) throws IOException {
      Passage passage = JsonRecord.of(in.read(row(line, field, id))).passage();
      if (!passage.id().equals(id)) { // another id with the same hash
        throw line.problem("field \"" + field + "\" names " + id + ", which is not in " + file);
      }
      return passage;
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static int slot(long[] hashes, int[] rows, long hash) {
    int mask = rows.length - 1;
    int slot = (int) (hash >>> 32) & mask;
    while (rows[slot] != EMPTY && hashes[slot] != hash) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  /** Sixty-four bits: among ten million ids, two share a hash once in 400,000 corpora. */
  private static long hash(String id) {
    long hash = id.length();
    for (int i = 0; i < id.length(); i++) {
      hash = Seeds.mix(hash, id.charAt(i));
    }
    return hash;
  }

  private static final class Index {
    private long[] hashes = new long[1024];
    private int[] rows = filled(1024);
    private int size;

    void add(DataLine line, String id) {
      if (2 * size >= rows.length) {
        grow();
      }
      long hash = hash(id);
      int slot = slot(hashes, rows, hash);
      if (rows[slot] != EMPTY) {
        throw line.problem(
            "document " + id + " is there twice, before on line " + (rows[slot] + 1));
      }
      hashes[slot] = hash;
      rows[slot] = (int) (line.number() - 1);
      size++;
    }

    private void grow() {
      long[] oldHashes = hashes;
      int[] oldRows = rows;
      hashes = new long[Math.multiplyExact(oldHashes.length, 2)];
      rows = filled(hashes.length);
      for (int i = 0; i < oldRows.length; i++) {
        if (oldRows[i] != EMPTY) {
          int slot = slot(hashes, rows, oldHashes[i]);
          hashes[slot] = oldHashes[i];
          rows[slot] = oldRows[i];
        }
      }
    }

    private static int[] filled(int length) {
      int[] rows = new int[length];
      Arrays.fill(rows, EMPTY);
      return rows;
    }
  }
}
