package io.chasqui.checkpoint;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Where an exported model comes from, and the SHA-256 of each of its files: {@code
 * provenance.json}. It holds no time and no path, so that the same export gives the same file.
 * Immutable.
 *
 * @param role that was exported
 * @param sourceFingerprint of the role in its source bundle ({@link ModelBundle#fingerprint})
 * @param sourceWeights SHA-256 over the source's base weights
 * @param probeTexts how many outputs were compared with the source's
 * @param probeDifference the largest difference found
 * @param files all other files of the directory, by name
 */
public record Provenance(
    String role,
    String sourceFingerprint,
    String sourceWeights,
    int probeTexts,
    double probeDifference,
    SortedMap<String, FileDigest> files) {
  /** The file's name. */
  public static final String FILE = "provenance.json";

  private static final int VERSION = 1;

  public Provenance {
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
  }

  /**
   * A file's content.
   *
   * @param bytes its length
   * @param sha256 64 hexadecimal digits
   */
  public record FileDigest(long bytes, String sha256) {}

  static boolean isIn(Path directory) {
    return Files.exists(directory.resolve(FILE));
  }

  /** Of a directory whose files are all written. */
  public static Provenance of(
      Path directory,
      String role,
      String sourceFingerprint,
      String sourceWeights,
      int probeTexts,
      double probeDifference)
      throws IOException {
    SortedMap<String, FileDigest> files = new TreeMap<>();
    List<Path> all;
    try (Stream<Path> list = Files.list(directory)) {
      all = list.toList();
    }
    for (Path file : all) {
      files.put(
          file.getFileName().toString(), new FileDigest(Files.size(file), Fingerprints.of(file)));
    }
    return new Provenance(
        role, sourceFingerprint, sourceWeights, probeTexts, probeDifference, files);
  }

  /**
   * Reads a directory's.
   *
   * @throws ModelFormatException naming the field that is missing or malformed
   */
  public static Provenance read(Path directory) throws IOException {
    JsonFields json = JsonFile.readObject(directory.resolve(FILE));
    int version = json.requiredPositive("version");
    if (version != VERSION) {
      throw json.problem("version", "is " + version + "; this release reads " + VERSION);
    }
    JsonFields source = section(json, "source");
    JsonFields probe = section(json, "probe");
    JsonFields files = section(json, "files");
    SortedMap<String, FileDigest> digests = new TreeMap<>();
    for (String name : files.names()) {
      if (name.isEmpty() || name.startsWith(".") || !name.matches("[A-Za-z0-9._-]+")) {
        throw files.problem(JsonFields.cut(name), "expected the name of a file beside this one");
      }
      JsonFields digest = section(files, name);
      long bytes =
          digest
              .node("bytes")
              .filter(node -> node.isIntegralNumber() && node.canConvertToLong())
              .map(node -> node.longValue())
              .filter(length -> length >= 0)
              .orElseThrow(() -> digest.expected("bytes", "a length"));
      digests.put(name, new FileDigest(bytes, hash(digest, "sha256")));
    }
    return new Provenance(
        json.string("role").orElseThrow(() -> json.expected("role", "a name")),
        hash(source, "fingerprint"),
        hash(source, "weights"),
        probe.requiredPositive("texts"),
        probe.number("largestDifference").orElse(0),
        digests);
  }

  private static JsonFields section(JsonFields json, String name) {
    return json.object(name).orElseThrow(() -> json.expected(name, "an object"));
  }

  private static String hash(JsonFields json, String name) {
    return json.string(name)
        .filter(value -> value.matches("[0-9a-f]{64}"))
        .orElseThrow(() -> json.expected(name, "64 hexadecimal digits"));
  }

  /** Writes the file into a directory. */
  public void write(Path directory) throws IOException {
    ObjectNode root = Json.MAPPER.createObjectNode();
    root.put("version", VERSION).put("producer", "chasqui").put("role", role);
    root.putObject("source").put("fingerprint", sourceFingerprint).put("weights", sourceWeights);
    root.putObject("probe").put("texts", probeTexts).put("largestDifference", probeDifference);
    ObjectNode all = root.putObject("files");
    files.forEach(
        (name, digest) ->
            all.putObject(name).put("bytes", digest.bytes()).put("sha256", digest.sha256()));
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    Files.write(
        directory.resolve(FILE),
        (Json.MAPPER.writer(printer).writeValueAsString(root) + "\n")
            .getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Compares the files with this.
   *
   * @throws ModelFormatException naming a file that is missing, of another length or changed
   */
  public void verify(Path directory) throws IOException {
    for (Map.Entry<String, FileDigest> entry : files.entrySet()) {
      Path file = directory.resolve(entry.getKey());
      FileDigest expected = entry.getValue();
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new ModelFormatException(file, "", "is missing; " + FILE + " lists it");
      }
      long bytes = Files.size(file);
      if (bytes != expected.bytes()) {
        throw new ModelFormatException(
            file, "", "has " + bytes + " bytes, but " + FILE + " says " + expected.bytes());
      }
      String found = Fingerprints.of(file);
      if (!found.equals(expected.sha256())) {
        throw new ModelFormatException(
            file, "", "was changed: its SHA-256 is " + found + ", not " + expected.sha256());
      }
    }
  }
}
