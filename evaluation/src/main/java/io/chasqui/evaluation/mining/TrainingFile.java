package io.chasqui.evaluation.mining;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.Passage;
import io.chasqui.evaluation.DataFormatException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A training file that grows by whole lines, and beside it {@code NAME.mining.json} with the
 * settings it was made with. A killed run leaves at most one broken line at the end, which the next
 * one cuts off. Confined to one thread.
 */
final class TrainingFile implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  private final Path file;
  private final FileChannel channel;
  private final TrainingFormat format;
  private final Set<String> done = new HashSet<>();

  private TrainingFile(Path file, FileChannel channel, TrainingFormat format) {
    this.file = file;
    this.channel = channel;
    this.format = format;
  }

  /**
   * Opens a file to go on where it ends, or a new one.
   *
   * @param settings comparable text; another in the sidecar is refused
   */
  static TrainingFile open(Path file, String settings, TrainingFormat format) throws IOException {
    if (file.toString().endsWith(".gz")) {
      throw new IllegalArgumentException("a gzip file can't be gone on with: " + file);
    }
    Path sidecar = file.resolveSibling(file.getFileName() + ".mining.json");
    if (Files.exists(file)) {
      requireSame(file, sidecar, settings);
    } else {
      Files.writeString(sidecar, settings);
    }
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean opened = false;
    try {
      TrainingFile training = new TrainingFile(file, channel, format);
      channel.position(training.readDone());
      channel.truncate(channel.position());
      opened = true;
      return training;
    } finally {
      if (!opened) {
        channel.close();
      }
    }
  }

  /** What decides on a file's lines, as comparable text. */
  static String settings(MiningOptions options, Collection<String> sources, boolean scorer) {
    ObjectNode settings = JSON.createObjectNode();
    settings.set("options", JSON.valueToTree(options));
    settings.set("sources", JSON.valueToTree(sources));
    settings.put("scorer", scorer);
    return settings.toString();
  }

  private static void requireSame(Path file, Path sidecar, String settings) throws IOException {
    String found;
    try {
      found = Files.readString(sidecar);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(
          file + " is there, but not " + sidecar + " that says how it was made", e);
    }
    if (!found.equals(settings)) {
      throw new IllegalArgumentException(
          file + " was made with other settings: " + found + ", not " + settings);
    }
  }

  /** Notes the queries of all whole lines; the offset behind the last of them. */
  private long readDone() throws IOException {
    long end = 0;
    long number = 0;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int b = in.read(); b >= 0; b = in.read()) {
        line.write(b);
        if (b == '\n') {
          number++;
          done.add(queryId(line.toString(StandardCharsets.UTF_8), number));
          end += line.size();
          line.reset();
        }
      }
    }
    return end;
  }

  private String queryId(String line, long number) {
    try {
      JsonNode id = JSON.readTree(line).path("query_id");
      if (id.isTextual()) {
        return id.textValue();
      }
    } catch (JsonProcessingException e) {
      throw new DataFormatException(file, number, "not JSON", e);
    }
    throw new DataFormatException(file, number, "field \"query_id\" must be a string");
  }

  /** Whether a query has its line. */
  boolean has(String queryId) {
    return done.contains(queryId);
  }

  void append(MinedExample example) throws IOException {
    ObjectNode line = JSON.createObjectNode();
    line.put("query_id", example.query().id());
    if (format == TrainingFormat.TEVATRON_PASSAGES) {
      line.put("query", example.query().text());
      line.set("positive_passages", passages(example.query().positives()));
      line.set("negative_passages", passages(example.negatives()));
    } else {
      line.put("query_text", example.query().text());
      line.set("positive_document_ids", ids(example.query().positives()));
      line.set("negative_document_ids", ids(example.negatives()));
    }
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    done.add(example.query().id());
  }

  private static ArrayNode passages(List<Passage> passages) {
    ArrayNode array = JSON.createArrayNode();
    for (Passage passage : passages) {
      array
          .addObject()
          .put("docid", passage.id())
          .put("title", passage.title())
          .put("text", passage.text());
    }
    return array;
  }

  private static ArrayNode ids(List<Passage> passages) {
    ArrayNode array = JSON.createArrayNode();
    passages.forEach(passage -> array.add(passage.id()));
    return array;
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      channel.force(true);
    }
  }
}
