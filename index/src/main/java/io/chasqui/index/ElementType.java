package io.chasqui.index;

import io.chasqui.IndexCorruptException;
import java.nio.file.Path;

/** How the numbers of a vector are stored. */
enum ElementType {
  /** Four bytes each, as the encoder gave them. */
  FLOAT32(1, Float.BYTES);

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
