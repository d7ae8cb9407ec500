package io.chasqui.examples;

import com.github.javaparser.JavaParser;
import com.github.javaparser.ParseResult;
import com.github.javaparser.ParserConfiguration;
import com.github.javaparser.ParserConfiguration.LanguageLevel;
import com.github.javaparser.Problem;
import com.github.javaparser.ast.CompilationUnit;
import com.github.javaparser.ast.body.TypeDeclaration;
import io.chasqui.Document;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/**
 * The Javadoc of a library as documents, one per public or protected type or member, read from its
 * sources jar.
 *
 * <p>A document's id is {@code com.google.common.util.concurrent.RateLimiter#acquire(int)}, its
 * title {@code RateLimiter.acquire(int)}, its text the Javadoc without markup, and its metadata
 * {@code kind} (class, interface, enum, record, annotation, method, constructor, field, constant),
 * {@code package}, {@code type} (the outermost type's simple name), {@code deprecated} and, where
 * the Javadoc has it, {@code since}.
 */
public final class JavadocCorpus {
  /** Javadoc of fewer words ("Constructor.") answers nobody's question and is left out. */
  static final int MIN_WORDS = 15;

  /** What is longer is cut here; the model reads about this much. */
  static final int MAX_WORDS = 180;

  private JavadocCorpus() {}

  /**
   * The jar on the class path that holds this source file.
   *
   * @param sourceFile {@code com/google/common/util/concurrent/RateLimiter.java}
   * @throws IOException if no jar on the class path has it; says what to add
   */
  public static Path jarWith(String sourceFile) throws IOException {
    URL url = JavadocCorpus.class.getClassLoader().getResource(sourceFile);
    if (url == null) {
      throw new IOException(
          sourceFile
              + " is not on the class path: add the library's jar with classifier \"sources\"");
    }
    URLConnection connection = url.openConnection();
    if (!(connection instanceof JarURLConnection jar)) {
      throw new IOException(sourceFile + " does not lie in a jar but at " + url);
    }
    try {
      return Path.of(jar.getJarFileURL().toURI());
    } catch (URISyntaxException e) {
      throw new IOException("not a file: " + jar.getJarFileURL(), e);
    }
  }

  /**
   * All documents of a sources jar, ordered by source file and then as written.
   *
   * @throws IOException if the jar can't be read or a source file can't be parsed; names the file
   */
  public static List<Document> read(Path sourcesJar) throws IOException {
    List<String> unreadable = new ArrayList<>();
    List<JavadocMember> members = members(sourcesJar, unreadable::add);
    if (!unreadable.isEmpty()) {
      throw new IOException(unreadable.get(0));
    }
    return members.stream().map(JavadocMember::document).toList();
  }

  /**
   * All documented members of a sources jar, ordered by source file and then as written.
   *
   * @param unreadable told of each file that can't be parsed; its members are left out
   * @throws IOException if the jar can't be read
   */
  public static List<JavadocMember> members(Path sourcesJar, Consumer<String> unreadable)
      throws IOException {
    JavaParser parser = parser();
    List<JavadocMember> members = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    try (JarFile jar = new JarFile(sourcesJar.toFile())) {
      List<? extends ZipEntry> files =
          jar.stream()
              .filter(e -> isSource(e.getName()))
              .sorted(Comparator.comparing(ZipEntry::getName))
              .toList();
      for (ZipEntry file : files) {
        try (InputStream in = jar.getInputStream(file)) {
          String source = new String(in.readAllBytes(), StandardCharsets.UTF_8);
          ParseResult<CompilationUnit> result = parser.parse(source);
          if (!result.isSuccessful() || result.getResult().isEmpty()) {
            unreadable.accept(file.getName() + ": " + describe(result.getProblems()));
            continue;
          }
          for (JavadocMember member : members(result.getResult().get())) {
            if (ids.add(member.document().id())) { // overloads that differ in type arguments alone
              members.add(member);
            }
          }
        }
      }
    }
    return members;
  }

  /** The documents of one source file, in the order written. */
  static List<Document> parse(String fileName, String source) throws IOException {
    ParseResult<CompilationUnit> result = parser().parse(source);
    CompilationUnit unit =
        result
            .getResult()
            .filter(u -> result.isSuccessful())
            .orElseThrow(() -> new IOException(fileName + ": " + describe(result.getProblems())));
    return members(unit).stream().map(JavadocMember::document).toList();
  }

  private static List<JavadocMember> members(CompilationUnit unit) {
    String packageName = unit.getPackageDeclaration().map(p -> p.getNameAsString()).orElse("");
    JavadocMembers members = new JavadocMembers(packageName);
    for (TypeDeclaration<?> type : unit.getTypes()) {
      members.addType(type);
    }
    return members.members();
  }

  private static JavaParser parser() {
    return new JavaParser(
        new ParserConfiguration().setLanguageLevel(LanguageLevel.JAVA_17).setTabSize(1));
  }

  private static boolean isSource(String name) {
    return name.endsWith(".java")
        && !name.endsWith("package-info.java")
        && !name.endsWith("module-info.java");
  }

  private static String describe(List<Problem> problems) {
    return problems.isEmpty() ? "no Java" : problems.get(0).getVerboseMessage();
  }
}
