package io.chasqui.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program in a JVM of its own: native code that fails takes that one down, and not the tests. */
final class ChildJvm {
  /**
   * How it ended.
   *
   * @param home what lies in its home folder
   */
  record Result(int exitCode, String output, boolean crashed, List<String> home) {}

  private ChildJvm() {}

  /**
   * Runs a main class of the tests to its end.
   *
   * @param scratch where output and crash reports go
   */
  static Result run(Path scratch, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory(scratch, "child-");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:ErrorFile=" + folder.resolve("hs_err.log")));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    Path output = folder.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    Path home = Files.createDirectory(folder.resolve("home"));
    builder.environment().keySet().retainAll(List.of("PATH", "LD_LIBRARY_PATH")); // a user's
    builder.environment().put("HOME", home.toString()); // of native code; Java asks the system
    builder
        .environment()
        .put(
            "CLASSPATH",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    Process process = builder.start();
    if (!process.waitFor(150, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      return new Result(-1, "hung; " + Files.readString(output), false, List.of());
    }
    boolean crashed = Files.exists(folder.resolve("hs_err.log"));
    try (Stream<Path> left = Files.walk(home)) {
      List<String> files = left.skip(1).map(Path::toString).toList();
      return new Result(process.exitValue(), Files.readString(output), crashed, files);
    }
  }
}
