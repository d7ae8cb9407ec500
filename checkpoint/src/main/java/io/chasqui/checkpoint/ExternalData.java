package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The files that an ONNX model's weights lie in. Names come from the model, so that they may try to
 * read any file of this machine into the model's outputs; what is not plainly a file of its own
 * directory is refused. Confined to one thread.
 */
final class ExternalData {
  private final Path model;
  private final Map<String, Span> spans = new TreeMap<>(); // by location

  /** A key and a value of a tensor's {@code external_data}. */
  record Entry(String key, String value) {}

  /**
   * How far a file is read.
   *
   * @param end of the last tensor in it
   * @param tensor which that is
   */
  private record Span(long end, String tensor) {}

  ExternalData(Path model) {
    this.model = model;
  }

  /**
   * A tensor with external data.
   *
   * @return its bytes; 0 if the model does not say how many
   * @throws ModelFormatException if its location leaves the directory or its span makes no sense
   */
  long add(String tensor, List<Entry> entries) {
    String location = "";
    long offset = 0;
    long length = 0;
    for (Entry entry : entries) {
      switch (entry.key()) {
        case "location" -> location = entry.value();
        case "offset" -> offset = number(tensor, entry);
        case "length" -> length = number(tensor, entry);
        default -> {} // a checksum, which ONNX Runtime ignores too
      }
    }
    requirePlain(tensor, location);
    if (offset > Long.MAX_VALUE - length) {
      throw fault(tensor, "external data up to " + offset + " + " + length);
    }
    Span span = new Span(offset + length, tensor);
    spans.merge(location, span, (one, other) -> one.end() >= other.end() ? one : other);
    return length;
  }

  private long number(String tensor, Entry entry) {
    try {
      long number = Long.parseLong(entry.value());
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw fault(
        tensor, "external data with the " + entry.key() + " " + JsonFields.cut(entry.value()));
  }

  private void requirePlain(String tensor, String location) {
    boolean plain =
        !location.isEmpty()
            && isRepresentable(location)
            && location.chars().noneMatch(c -> c == '\\' || c == ':' || c < ' ')
            && Stream.of(location.split("/", -1))
                .noneMatch(part -> part.isEmpty() || part.equals("..") || part.equals("."));
    if (!plain) {
      throw fault(
          tensor,
          "external data in \""
              + JsonFields.cut(location)
              + "\": expected a file in the model's directory or below");
    }
  }

  /** Whether this machine's file system can have such a name at all. */
  private boolean isRepresentable(String location) {
    try {
      return !model.resolveSibling(location).equals(model);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /**
   * The files, each checked to be there, to be no link and to be long enough.
   *
   * @throws ModelFormatException naming the first tensor of which that is not so
   */
  List<Path> files() throws IOException {
    if (!spans.isEmpty() && Files.isSymbolicLink(model)) {
      throw new ModelFormatException(
          model, "", "is a symbolic link, so that its external data is elsewhere; " + remedy());
    }
    for (Map.Entry<String, Span> entry : spans.entrySet()) {
      check(entry.getKey(), entry.getValue());
    }
    return spans.keySet().stream().map(model::resolveSibling).toList();
  }

  private void check(String location, Span span) throws IOException {
    Path path = model.resolveSibling("");
    for (String part : location.split("/", -1)) {
      path = path.resolve(part);
      if (Files.isSymbolicLink(path)) {
        throw fault(
            span.tensor(), "external data in " + location + ": a symbolic link; " + remedy());
      }
    }
    if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      throw fault(span.tensor(), "external data in " + location + ": there is no such file");
    }
    if (Files.getFileStore(path).supportsFileAttributeView("unix")
        || path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      Object links = Files.getAttribute(path, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
      if (links instanceof Number count && count.longValue() > 1) {
        throw fault(
            span.tensor(),
            "external data in "
                + location
                + ": has "
                + count
                + " hard links, so that it may be another's file; "
                + remedy());
      }
    }
    long size = Files.size(path);
    if (span.end() > size) {
      throw fault(
          span.tensor(),
          "external data up to byte " + span.end() + " of " + location + ", which has " + size);
    }
  }

  private static String remedy() {
    return "copy the model's files into a directory of its own (cp -L; for Hugging Face's cache:"
        + " download with a local directory)";
  }

  private ModelFormatException fault(String tensor, String problem) {
    return new ModelFormatException(model, JsonFields.cut(tensor), problem);
  }
}
