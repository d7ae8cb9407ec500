package io.chasqui.examples.training;

import io.chasqui.examples.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Long work in stages, each kept in a directory named by a hash of all that it depends on: what was
 * done is not done again, what was killed goes on, and a changed setting makes new exactly what
 * depends on it. Confined to one thread.
 *
 * <pre>
 * work/
 *   bm25-3f9a0c1d22be4410/           done: what the stage wrote
 *   bm25-3f9a0c1d22be4410.inputs     what it depends on, to be read
 *   repllama-77d0….partial/          begun: the stage finds its own files here again
 * </pre>
 */
final class Stages {
  private static final int KEY_DIGITS = 16;

  private final Path directory;
  private final PrintWriter out;

  /**
   * A finished stage.
   *
   * @param directory what it wrote
   * @param key stands for all that it depends on; an input of stages that read it
   */
  record Done(Path directory, String key) {
    Path file(String name) {
      return directory.resolve(name);
    }
  }

  /** The work of one stage. */
  @FunctionalInterface
  interface Work {
    /**
     * Does it, or goes on with it.
     *
     * @param directory holds what an earlier run of the same stage left, if it was killed
     */
    void into(Path directory) throws IOException;
  }

  Stages(Path directory, PrintWriter out) {
    this.directory = directory;
    this.out = out;
  }

  /**
   * Does a stage unless it is done.
   *
   * @param name of letters, digits and hyphens
   * @param inputs all that decides on the result: settings, keys of stages, {@link #sha256 hashes}
   *     of files
   */
  Done run(String name, List<String> inputs, Work work) throws IOException {
    List<String> all = new ArrayList<>(List.of(name));
    all.addAll(inputs);
    String key = hash(all).substring(0, KEY_DIGITS);
    Path done = directory.resolve(name + "-" + key);
    if (Files.isDirectory(done)) {
      say(name, "done before, kept in " + done);
      return new Done(done, key);
    }
    Path partial = directory.resolve(name + "-" + key + ".partial");
    say(name, Files.isDirectory(partial) ? "goes on" : "begins");
    Files.createDirectories(partial);
    Files.writeString(
        directory.resolve(name + "-" + key + ".inputs"), String.join("\n", all) + "\n");
    long start = System.nanoTime();
    work.into(partial);
    Files.move(partial, done);
    say(name, "took " + Terminal.time(Duration.ofNanos(System.nanoTime() - start)));
    return new Done(done, key);
  }

  private void say(String name, String what) {
    out.printf("  %-18s %s%n", name, what);
    out.flush();
  }

  /** SHA-256 of strings, each told apart from the next. */
  static String hash(List<String> inputs) {
    MessageDigest digest = sha256();
    for (String input : inputs) {
      byte[] bytes = input.getBytes(StandardCharsets.UTF_8);
      digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** SHA-256 of a file, or of all files below a directory with their names. */
  static String sha256(Path path) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(path)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    MessageDigest digest = sha256();
    byte[] buffer = new byte[1 << 16];
    for (Path file : files) {
      digest.update(path.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
      try (InputStream in = Files.newInputStream(file)) {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          digest.update(buffer, 0, read);
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
