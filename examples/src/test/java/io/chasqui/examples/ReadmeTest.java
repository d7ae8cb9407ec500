package io.chasqui.examples;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What README.md shows compiles, and its JSON parses. */
class ReadmeTest {
  private static final Path README = Path.of("..", "README.md");
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w+)\\R(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);

  @TempDir Path classes;

  @TestFactory
  List<DynamicTest> javaCompiles() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (String code : blocks("java")) {
      String title = code.lines().findFirst().orElse("");
      tests.add(DynamicTest.dynamicTest(title, () -> compile(code)));
    }
    assertFalse(tests.isEmpty(), "no Java in " + README);
    return tests;
  }

  @Test
  void jsonParses() throws IOException {
    for (String json : blocks("json")) {
      new JsonMapper().readTree(json);
    }
  }

  private static List<String> blocks(String language) throws IOException {
    List<String> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(Files.readString(README));
    while (matcher.find()) {
      if (matcher.group(1).equals(language)) {
        blocks.add(matcher.group(2));
      }
    }
    return blocks;
  }

  private void compile(String code) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<String> options =
        List.of(
            "-d",
            classes.toString(),
            "-proc:none",
            "-classpath",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    boolean compiled =
        compiler.getTask(messages, null, null, options, null, List.of(source(code))).call();
    assertTrue(compiled, () -> messages + code);
  }

  /** What a reader has at hand are fields, which a snippet's own variables may hide. */
  private static JavaFileObject source(String code) {
    String text =
        """
        import static org.junit.jupiter.api.Assertions.*;
        import io.chasqui.*;
        import io.chasqui.checkpoint.*;
        import io.chasqui.evaluation.*;
        import io.chasqui.index.*;
        import io.chasqui.lucene.*;
        import io.chasqui.onnx.*;
        import io.chasqui.testkit.*;
        import java.nio.file.*;
        import java.time.*;
        import java.util.*;

        class Snippet {
          Path modelDirectory;
          Path indexDirectory;
          ModelSession model;
          ModelSession session;
          PassageIndex index;

          Object run() throws Exception {
            if (true) {
        %s
            }
            return null;
          }
        }
        """
            .formatted(code);
    return new SimpleJavaFileObject(
        URI.create("string:///Snippet.java"), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return text;
      }
    };
  }
}
