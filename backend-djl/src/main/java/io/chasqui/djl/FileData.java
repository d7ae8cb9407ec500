package io.chasqui.djl;

import io.chasqui.evaluation.DataFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The lines of a file, each one item, in an order drawn anew for each epoch over the whole file.
 * The file was checked when it was opened. Immutable, thread-safe.
 */
final class FileData<T> implements TrainingData<T> {
  private final FileLines lines;
  private final LineParser<T> parser;
  private final Optional<CorpusFile> corpus;
  private final long size;

  private FileData(FileLines lines, LineParser<T> parser, Optional<CorpusFile> corpus, long size) {
    this.lines = lines;
    this.parser = parser;
    this.corpus = corpus;
    this.size = size;
  }

  /**
   * Opens a file and checks each of its lines.
   *
   * @throws DataFormatException naming the line that is wrong, or if there is no item
   */
  static <T> FileData<T> open(Path file, LineParser<T> parser, Optional<CorpusFile> corpus)
      throws IOException {
    PassageLookup known = corpus.map(CorpusFile::checker).orElseGet(PassageLookup::none);
    long[] items = new long[1];
    FileLines lines =
        FileLines.open(
            file,
            line -> {
              if (!line.isBlank()) {
                parse(parser, line, known);
                items[0]++;
              }
            });
    if (items[0] == 0) {
      throw new DataFormatException(file, 0, "holds nothing to train on");
    }
    return new FileData<>(lines, parser, corpus, items[0]);
  }

  @Override
  public Stream<T> epoch(long seed, int epoch) throws IOException {
    int[] order = order(lines.count(), Seeds.mix(seed, epoch));
    FileLines.Reader in = lines.reader();
    PassageLookup lookup = PassageLookup.none();
    Runnable closeCorpus = () -> {};
    try {
      if (corpus.isPresent()) {
        CorpusFile.Reader passages = corpus.get().reader();
        lookup = passages;
        closeCorpus = passages::close;
      }
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
    PassageLookup found = lookup;
    return IntStream.of(order)
        .mapToObj(index -> read(in, index))
        .filter(line -> !line.isBlank())
        .map(line -> parse(parser, line, found))
        .onClose(() -> close(in))
        .onClose(closeCorpus);
  }

  /** A permutation of the lines (Fisher and Yates). */
  private static int[] order(int count, long seed) {
    int[] order = IntStream.range(0, count).toArray();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = count - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int moved = order[i];
      order[i] = order[j];
      order[j] = moved;
    }
    return order;
  }

  private static DataLine read(FileLines.Reader in, int index) {
    try {
      return in.read(index);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void close(FileLines.Reader in) {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T> T parse(LineParser<T> parser, DataLine line, PassageLookup lookup) {
    try {
      return parser.parse(line, lookup);
    } catch (DataFormatException e) {
      throw e;
    } catch (IllegalArgumentException e) { // a value's own check: an empty id
      throw line.problem(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String fingerprint() {
    return corpus.map(c -> Hashes.sha256(lines.sha256(), c.sha256())).orElse(lines.sha256());
  }

  @Override
  public long size() {
    return size;
  }
}
