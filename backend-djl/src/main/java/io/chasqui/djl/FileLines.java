package io.chasqui.djl;

import io.chasqui.evaluation.DataFormatException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The lines of a UTF-8 file in any order: eight bytes of memory per line, the lines themselves stay
 * in the file. Of a gzip file (told by its first bytes), which can be read from its start only, the
 * content is held in memory, if it is small enough. Immutable, thread-safe.
 */
final class FileLines {
  private static final int BUFFER = 1 << 16;

  /** A longer line is no record but a damaged file. */
  private static final int MAX_LINE_BYTES = 64 << 20;

  /** Told each line once, in order, when the file is opened. */
  @FunctionalInterface
  interface Visitor {
    void visit(DataLine line);
  }

  private final Path file;
  private final byte[] held; // of a gzip file
  private final boolean gzip;
  private final long[] ends; // offsets behind each line's end, the line feed included
  private final String sha256;
  private final long size;
  private final FileTime changed;

  private FileLines(Path file, byte[] held, boolean gzip, long[] ends, String sha256)
      throws IOException {
    this.file = file;
    this.held = held;
    this.gzip = gzip;
    this.ends = ends;
    this.sha256 = sha256;
    this.size = Files.size(file);
    this.changed = Files.getLastModifiedTime(file);
  }

  /**
   * Reads a file once.
   *
   * @throws DataFormatException if it is damaged, not UTF-8, or gzip too large to hold
   */
  static FileLines open(Path file, Visitor visitor) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
      in.mark(2);
      boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
      in.reset();
      Scan scan = new Scan(file, gzip, visitor);
      try {
        scan.read(gzip ? new GZIPInputStream(in, BUFFER) : in);
      } catch (EOFException | ZipException e) {
        throw new DataFormatException(file, scan.lines + 1L, "damaged gzip data", e);
      }
      return new FileLines(
          file, scan.heldBytes(), gzip, Arrays.copyOf(scan.ends, scan.lines), scan.sha256());
    }
  }

  /** Number of lines, blank ones too. */
  int count() {
    return ends.length;
  }

  /** Of the lines as they are read: a gzip file has that of its content. 64 hexadecimal digits. */
  String sha256() {
    return sha256;
  }

  /**
   * Opens the file for reading.
   *
   * @throws DataFormatException if it was changed since it was looked at
   */
  Reader reader() throws IOException {
    if (Files.size(file) != size || !Files.getLastModifiedTime(file).equals(changed)) {
      throw new DataFormatException(file, 0, "was changed while it is read for training");
    }
    return new Reader();
  }

  /** Reads lines. A handle, confined to one thread. */
  final class Reader implements AutoCloseable {
    // Not a channel: those close for everybody when their reader is interrupted.
    private final RandomAccessFile in;

    private Reader() throws IOException {
      in = new RandomAccessFile(file.toFile(), "r");
    }

    /**
     * One line.
     *
     * @param index from 0
     */
    DataLine read(int index) throws IOException {
      long from = index == 0 ? 0 : ends[index - 1];
      byte[] bytes = new byte[(int) (ends[index] - from)];
      if (gzip) {
        System.arraycopy(held, (int) from, bytes, 0, bytes.length);
      } else {
        in.seek(from);
        in.readFully(bytes);
      }
      return line(file, index, bytes, bytes.length);
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  private static DataLine line(Path file, int index, byte[] bytes, int length) {
    int end = length;
    while (end > 0 && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r')) {
      end--;
    }
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, end)).toString();
      return new DataLine(
          file, index + 1L, index == 0 && text.startsWith("\uFEFF") ? text.substring(1) : text);
    } catch (CharacterCodingException e) {
      throw new DataFormatException(file, index + 1L, "not UTF-8", e);
    }
  }

  /** The first pass. */
  private static final class Scan {
    private final Path file;
    private final boolean gzip;
    private final Visitor visitor;
    private final MessageDigest digest;
    private final long mostHeld = Math.min(1L << 30, Runtime.getRuntime().maxMemory() / 4);
    private long[] ends = new long[1024];
    private int lines;
    private long offset;
    private byte[] line = new byte[BUFFER];
    private int length;
    private byte[] held = new byte[0];

    Scan(Path file, boolean gzip, Visitor visitor) {
      this.file = file;
      this.gzip = gzip;
      this.visitor = visitor;
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has SHA-256", e);
      }
    }

    void read(InputStream in) throws IOException {
      byte[] buffer = new byte[BUFFER];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
        hold(buffer, read);
        for (int from = 0; from < read; ) {
          int to = from;
          while (to < read && buffer[to] != '\n') {
            to++;
          }
          boolean ended = to < read;
          append(buffer, from, (ended ? to + 1 : to) - from);
          from = ended ? to + 1 : to;
          if (ended) {
            endLine();
          }
        }
      }
      if (length > 0) {
        endLine();
      }
    }

    private void hold(byte[] buffer, int read) {
      if (!gzip) {
        return;
      }
      long needed = offset + length + read;
      if (needed > mostHeld) {
        throw new DataFormatException(
            file,
            0,
            "this gzip file holds more than the "
                + mostHeld
                + " bytes that are kept in memory; unpack it, and it is read from disk");
      }
      if (held.length < needed) {
        held = Arrays.copyOf(held, (int) Math.min(mostHeld, Math.max(needed, 2L * held.length)));
      }
      System.arraycopy(buffer, 0, held, (int) (offset + length), read);
    }

    private void append(byte[] buffer, int from, int count) {
      if ((long) length + count > MAX_LINE_BYTES) {
        throw new DataFormatException(
            file, lines + 1L, "the line is longer than " + MAX_LINE_BYTES + " bytes");
      }
      if (line.length < length + count) {
        line = Arrays.copyOf(line, Math.max(length + count, 2 * line.length));
      }
      System.arraycopy(buffer, from, line, length, count);
      length += count;
    }

    private void endLine() {
      if (lines == ends.length) {
        ends = Arrays.copyOf(ends, Math.multiplyExact(lines, 2));
      }
      visitor.visit(line(file, lines, line, length));
      offset += length;
      ends[lines++] = offset;
      length = 0;
    }

    byte[] heldBytes() {
      return gzip ? Arrays.copyOf(held, (int) offset) : held;
    }

    String sha256() {
      return HexFormat.of().formatHex(digest.digest());
    }
  }
}
