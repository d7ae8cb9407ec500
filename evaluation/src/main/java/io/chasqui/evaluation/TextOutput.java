package io.chasqui.evaluation;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Opens text files for writing: UTF-8, gzip if the name ends in {@code .gz}. */
final class TextOutput {
  private TextOutput() {}

  static Writer open(Path file) throws IOException {
    OutputStream out = Files.newOutputStream(file);
    try {
      OutputStream bytes =
          file.toString().endsWith(".gz") ? new GZIPOutputStream(out, 1 << 16) : out;
      // Unpaired surrogates are refused rather than replaced: an id must read back as it was.
      return new BufferedWriter(
          new OutputStreamWriter(bytes, StandardCharsets.UTF_8.newEncoder()), 1 << 16);
    } catch (IOException e) {
      out.close();
      throw e;
    }
  }

  /** An id that stands between blanks or tabs and must read back as one field. */
  static String field(String id) {
    if (id.isEmpty() || id.chars().anyMatch(c -> c == ' ' || (c >= '\t' && c <= '\r'))) {
      throw new IllegalArgumentException(
          "an id in a column file must not be empty or hold white space: \"" + id + "\"");
    }
    return id;
  }

  /** An id that stands between tabs and must read back as one column. */
  static String column(String id) {
    if (id.isEmpty() || id.chars().anyMatch(c -> c == '\t' || c == '\n' || c == '\r')) {
      throw new IllegalArgumentException(
          "an id in a column file must not be empty or hold tabs or line ends: \"" + id + "\"");
    }
    return id;
  }

  /** A text that stands between tabs and must read back as one column. */
  static String text(String what, String id, String text) {
    if (text.chars().anyMatch(c -> c == '\t' || c == '\n' || c == '\r')) {
      throw new IllegalArgumentException(
          "the text of " + what + " " + id + " holds tabs or line ends, which columns can't");
    }
    return text;
  }
}
