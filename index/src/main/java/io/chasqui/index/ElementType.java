package io.chasqui.index;

import io.chasqui.IndexCorruptException;
import java.nio.file.Path;

/** How the numbers of vectors are stored and compared. */
public enum ElementType {
  /** Four bytes a number, as the encoder gave them. */
  FLOAT32(1, Float.BYTES),

  /**
   * Two bytes a number (IEEE 754 binary16): eleven significant bits. Half the space on disk and in
   * memory; a score of unit vectors is off by less than 0.001.
   */
  FLOAT16(2, Short.BYTES),

  /**
   * One byte a number with a scale for each vector, to search; beside them the four-byte numbers on
   * disk, by which the best candidates are scored: scores are those of FLOAT32, and so are hits as
   * a rule, at about a quarter of the memory. The four-byte numbers are read from their file, and
   * take no memory of the process.
   */
  INT8(3, Float.BYTES);

  private final int code;
  private final int bytes;

  ElementType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** The number that stands for it in files. */
  int code() {
    return code;
  }

  /** Bytes of a row of the file that holds the truth. */
  int rowBytes(int dimension) {
    return Math.multiplyExact(bytes, dimension);
  }

  static ElementType of(int code, Path file) {
    for (ElementType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    throw new IndexCorruptException(file, -1, "unknown element type " + code);
  }
}
