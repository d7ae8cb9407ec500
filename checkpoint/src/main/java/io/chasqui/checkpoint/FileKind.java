package io.chasqui.checkpoint;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a file is, told from its first bytes, in words for a message. */
final class FileKind {
  static final String ZIP = "a zip";
  private static final int TAR_MAGIC_AT = 257;

  private static final Map<String, String> BY_START = new LinkedHashMap<>();

  static {
    BY_START.put("PK\003\004", ZIP);
    BY_START.put("PK\005\006", "an empty zip");
    // The magic number 0x1950a86a20f9469cfc6c, pickled.
    BY_START.put("\u0080\002\u008a\012l\374\234F\371 j\250P\031", "a legacy (pre-1.6) torch file");
    BY_START.put("\u0080", "a bare pickle");
    BY_START.put("\u00ac\u00ed", "Java-serialised objects, which are never read");
    BY_START.put("\u001f\u008b", "a gzip archive");
    BY_START.put("BZh", "a bzip2 archive");
    BY_START.put("7z\u00bc\u00af", "a 7z archive");
    BY_START.put("\u00fd7zXZ", "an xz archive");
    BY_START.put("Rar!", "a rar archive");
    BY_START.put("version https://git-lfs", "a Git LFS pointer instead of the file");
    BY_START.put("GGUF", "a GGUF file");
    BY_START.put("\u0089HDF", "an HDF5 file");
  }

  private FileKind() {}

  static String of(byte[] start) {
    if (start.length == 0) {
      return "an empty file";
    }
    for (var entry : BY_START.entrySet()) {
      byte[] magic = entry.getKey().getBytes(StandardCharsets.ISO_8859_1);
      if (start.length >= magic.length
          && Arrays.equals(magic, 0, magic.length, start, 0, magic.length)) {
        return entry.getValue();
      }
    }
    String tar =
        start.length < TAR_MAGIC_AT + 5
            ? ""
            : new String(start, TAR_MAGIC_AT, 5, StandardCharsets.ISO_8859_1);
    return tar.equals("ustar") ? "a tar archive" : "something else";
  }
}
