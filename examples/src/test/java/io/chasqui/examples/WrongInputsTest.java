package io.chasqui.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every test that docs/wrong-inputs.md names exists, and every row names one. */
class WrongInputsTest {
  private static final Path ROOT = Path.of("..");
  private static final Path TABLE = ROOT.resolve("docs/wrong-inputs.md");
  private static final List<String> MODULES =
      List.of("api", "testkit", "checkpoint", "backend-onnx");
  private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w+)\\.([a-z]\\w+)`");

  @Test
  void everyTestThatIsNamedExists() throws IOException {
    Map<String, String> sources = sources();
    List<String> missing = new ArrayList<>();
    int named = 0;
    Matcher matcher = NAMED.matcher(Files.readString(TABLE));
    while (matcher.find()) {
      named++;
      String source = sources.getOrDefault(matcher.group(1), "");
      if (!isTest(source, matcher.group(2))) {
        missing.add(matcher.group());
      }
    }
    assertTrue(named > 50, "only " + named + " tests are named");
    assertEquals(List.of(), missing, TABLE + " names tests that do not exist");
  }

  @Test
  void everyRowNamesATest() throws IOException {
    List<String> bare =
        Files.readAllLines(TABLE).stream()
            .filter(line -> line.startsWith("|") && !line.startsWith("|---"))
            .filter(line -> !line.startsWith("| case"))
            .filter(line -> !NAMED.matcher(line).find())
            .toList();
    assertEquals(List.of(), bare);
  }

  /** Whether a method of this name has an annotation that makes it a test above it. */
  private static boolean isTest(String source, String method) {
    return Pattern.compile(
            "@(?:Test|ParameterizedTest|Property|TestFactory)\\b(?:(?!\\n  \\}\\n).)*?\\s"
                + method
                + "\\(",
            Pattern.DOTALL)
        .matcher(source)
        .find();
  }

  /** Sources of tests, and of the contracts that tests inherit, by class. */
  private static Map<String, String> sources() throws IOException {
    Map<String, String> sources = new HashMap<>();
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          String name = String.valueOf(file.getFileName());
          sources.put(name.substring(0, name.length() - ".java".length()), Files.readString(file));
        }
      }
    }
    return sources;
  }
}
