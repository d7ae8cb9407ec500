package io.chasqui.evaluation;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The lines of a UTF-8 file, plain or gzip (told by its first bytes), one at a time and with their
 * numbers. Confined to one thread.
 */
final class LineReader implements AutoCloseable {
  /** No record of a text collection is longer; a longer line is a damaged or hostile file. */
  static final int MAX_LINE_BYTES = 64 << 20;

  private static final int BUFFER = 1 << 16;

  private final Path file;
  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER];
  private int position;
  private int limit;
  private long number;

  private LineReader(Path file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  static LineReader open(Path file) throws IOException {
    InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    try {
      raw.mark(2);
      boolean gzip = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      return new LineReader(file, gzip ? new GZIPInputStream(raw, BUFFER) : raw);
    } catch (EOFException | ZipException e) {
      raw.close();
      throw new DataFormatException(file, 1, "damaged gzip header", e);
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  /** The lines of a file, turned into values; empty results are left out. Close the stream. */
  static <T> Stream<T> stream(Path file, Function<LineReader, Parser<T>> parser)
      throws IOException {
    LineReader lines = open(file);
    Parser<T> parse = parser.apply(lines);
    return Stream.generate(() -> lines.nextUnchecked())
        .takeWhile(Optional::isPresent)
        .map(line -> parse.parse(line.orElseThrow()))
        .flatMap(Optional::stream)
        .onClose(lines::closeUnchecked);
  }

  /** Turns one line into a value, or into nothing if it is a header, a comment or blank. */
  @FunctionalInterface
  interface Parser<T> {
    Optional<T> parse(String line);
  }

  /** The next line without its end; empty at the end of the file. */
  Optional<String> next() throws IOException {
    byte[] line = new byte[0];
    while (true) {
      if (position == limit && !fill()) {
        return line.length == 0 ? Optional.empty() : Optional.of(decode(line));
      }
      int end = position;
      while (end < limit && buffer[end] != '\n') {
        end++;
      }
      int found = end - position;
      if (line.length + found > MAX_LINE_BYTES) {
        throw problemAt(number + 1, "the line is longer than " + MAX_LINE_BYTES + " bytes");
      }
      byte[] longer = Arrays.copyOf(line, line.length + found);
      System.arraycopy(buffer, position, longer, line.length, found);
      line = longer;
      boolean complete = end < limit;
      position = complete ? end + 1 : end;
      if (complete) {
        return Optional.of(decode(line));
      }
    }
  }

  private boolean fill() throws IOException {
    try {
      position = 0;
      limit = Math.max(0, in.read(buffer, 0, BUFFER));
      return limit > 0;
    } catch (EOFException e) {
      throw new DataFormatException(file, number + 1, "the gzip data ends early", e);
    } catch (ZipException e) {
      throw new DataFormatException(file, number + 1, "damaged gzip data", e);
    }
  }

  private String decode(byte[] line) {
    number++;
    int length = line.length > 0 && line[line.length - 1] == '\r' ? line.length - 1 : line.length;
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line, 0, length)).toString();
      return number == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new DataFormatException(file, number, "not UTF-8", e);
    }
  }

  private Optional<String> nextUnchecked() {
    try {
      return next();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void closeUnchecked() {
    try {
      close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An error about the line that {@link #next} returned last. */
  DataFormatException problem(String problem) {
    return problemAt(number, problem);
  }

  /** An error about the line that {@link #next} returned last, found by a value's own check. */
  DataFormatException problem(IllegalArgumentException cause) {
    return new DataFormatException(file, number, String.valueOf(cause.getMessage()), cause);
  }

  private DataFormatException problemAt(long line, String problem) {
    return new DataFormatException(file, line, problem);
  }

  /** Number of the line that {@link #next} returned last, from 1. */
  long number() {
    return number;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
