package io.chasqui.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a peer is started.
 *
 * @param name in tables; unique in a contest
 * @param command program and arguments
 * @param directory it runs in
 * @param environment variables added to ours
 */
public record PeerCommand(
    String name, List<String> command, Path directory, Map<String, String> environment) {
  public PeerCommand {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /**
   * A Java program.
   *
   * @param java the executable
   * @param options of the JVM
   * @param classPath as {@code -cp} takes it
   */
  public static PeerCommand java(
      String name,
      Path java,
      List<String> options,
      String classPath,
      String mainClass,
      List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.addAll(options);
    command.add(mainClass);
    command.addAll(arguments);
    // Not as an option: ONNX Runtime 1.29 crashes on a command line of 4,000 characters.
    return new PeerCommand(name, command, Path.of(""), Map.of("CLASSPATH", classPath));
  }

  /** A script run by an interpreter. */
  public static PeerCommand script(
      String name, Path interpreter, Path script, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(interpreter.toString(), script.toString()));
    command.addAll(arguments);
    return new PeerCommand(name, command, Path.of(""), Map.of());
  }

  /** In another directory. Relative paths in the command are then relative to that one. */
  public PeerCommand withDirectory(Path directory) {
    return new PeerCommand(name, command, directory, environment);
  }

  /** With these variables too. */
  public PeerCommand withEnvironment(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(environment);
    all.putAll(more);
    return new PeerCommand(name, command, directory, all);
  }

  /** The JVM that runs this program. */
  public static Path thisJava() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }
}
