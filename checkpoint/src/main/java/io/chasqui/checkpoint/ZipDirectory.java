package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** A look at a zip's end before the JDK reads its central directory whole into memory. */
final class ZipDirectory {
  private static final int END_SIGNATURE = 0x0605_4b50;
  private static final int END64_SIGNATURE = 0x0606_4b50;
  private static final int END_BYTES = 22;
  private static final int MAX_COMMENT = 0xffff;

  /** A state dict of a thousand tensors has about 100 kB. */
  private static final long MAX_DIRECTORY_BYTES = 32 << 20;

  private ZipDirectory() {}

  /** Refuses files with a central directory that no state dict has. */
  static void requireModest(Path file) throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      int tail = (int) Math.min(in.length(), END_BYTES + MAX_COMMENT + 1024L);
      byte[] bytes = new byte[tail];
      in.seek(in.length() - tail);
      in.readFully(bytes);
      ByteBuffer end = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      for (int at = 0; at + END_BYTES <= tail; at++) {
        int signature = end.getInt(at);
        long length = 0;
        if (signature == END_SIGNATURE) {
          length = end.getInt(at + 12) & 0xffff_ffffL;
          length = length == 0xffff_ffffL ? 0 : length; // in the zip64 record then
        } else if (signature == END64_SIGNATURE && at + 48 <= tail) {
          length = end.getLong(at + 40);
        }
        if (length < 0 || length > MAX_DIRECTORY_BYTES) {
          throw new ModelFormatException(
              file, "", "damaged zip: its directory has " + length + " bytes");
        }
      }
    }
  }
}
