package io.chasqui.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Document;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavadocCorpusTest {
  private static final String SOURCE =
      """
      package org.example.garden;

      import java.util.List;

      /**
       * Waters plants on a timetable. A can holds {@value #LITRES} litres, and
       * {@linkplain org.example.garden.Tap the tap} refills it &mdash; see {@link #pour(int, List)}.
       *
       * <pre>{@code
       * @Override
       * public List<Plant> thirsty() { return a && b ? first : second; }
       * }</pre>
       *
       * @since 2.1
       * @author nobody
       */
      public class Can<P extends Plant> {
        /** A number that every gardener knows by heart and that this class therefore spells out once more here. */
        public static final int LITRES = 10, GALLONS = 2;

        /** Hidden from everyone who is not this class, however many words its comment may have, as this one has. */
        private int drops;

        /**
         * Makes an empty can, which has to be taken to a tap before it can be of any use to a plant.
         */
        // A remark for those who maintain this.
        protected Can(@Deprecated final int litres) {}

        /**
         * Pours water until the pot is <b>full</b> &lt;or&gt; the can is empty, whichever happens
         * to come first.
         *
         * @param <T> a type parameter that nobody asks about
         * @param litres how much, at most
         * @param pots - where to
         * @return what is left in the can
         * @throws org.example.garden.DroughtException if there was nothing in it
         * @deprecated use a hose
         */
        public <T> int pour(int litres, java.util.List<? extends Pot[]>... pots) { return 0; }

        /** Short. */
        public void shake() {}

        /** What a plant tells about itself, without being asked, to everybody who cares to listen to it for long. */
        public interface Listener {
          /** Called when the soil is dry, which in summer happens every day and in winter hardly ever at all. */
          void onDry(byte[] soil);
        }

        enum Unseen { /** A constant of a type that is not public, so that nobody outside ever reads this long text. */ A }

        /** The states that a can may be in, of which there are fewer than one would think when looking at it. */
        public enum State {
          /** There is no water in it any more and somebody has to walk to the tap to have it filled again. */
          EMPTY
        }
      }
      """;

  private static final Map<String, Document> BY_ID = parse();

  private static Map<String, Document> parse() {
    try {
      return JavadocCorpus.parse("Can.java", SOURCE).stream()
          .collect(Collectors.toMap(Document::id, Function.identity()));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void publicAndProtectedMembersWithEnoughToReadBecomeDocuments() {
    assertEquals(
        List.of(
            "org.example.garden.Can",
            "org.example.garden.Can#Can(int)",
            "org.example.garden.Can#GALLONS",
            "org.example.garden.Can#LITRES",
            "org.example.garden.Can#pour(int,List...)",
            "org.example.garden.Can.Listener",
            "org.example.garden.Can.Listener#onDry(byte[])",
            "org.example.garden.Can.State",
            "org.example.garden.Can.State#EMPTY"),
        BY_ID.keySet().stream().sorted().toList());
  }

  @Test
  void titlesReadLikeCalls() {
    assertEquals("Can", BY_ID.get("org.example.garden.Can").title());
    assertEquals("Can(int)", BY_ID.get("org.example.garden.Can#Can(int)").title());
    assertEquals(
        "Can.pour(int, List...)", BY_ID.get("org.example.garden.Can#pour(int,List...)").title());
    assertEquals(
        "Can.Listener.onDry(byte[])",
        BY_ID.get("org.example.garden.Can.Listener#onDry(byte[])").title());
  }

  @Test
  void markupBecomesPlainText() {
    assertEquals(
        "Waters plants on a timetable. A can holds #LITRES litres, and the tap refills it — see"
            + " pour. @Override public List<Plant> thirsty() { return a && b ? first : second; }",
        BY_ID.get("org.example.garden.Can").text());
  }

  @Test
  void blockTagsThatAnswerQuestionsAreTold() {
    assertEquals(
        "Pours water until the pot is full <or> the can is empty, whichever happens to come first."
            + " Returns: what is left in the can. Parameter litres: how much, at most."
            + " Parameter pots: where to. Throws DroughtException: if there was nothing in it.",
        BY_ID.get("org.example.garden.Can#pour(int,List...)").text());
  }

  @Test
  void metadataSaysWhatAFilterNeeds() {
    var type = BY_ID.get("org.example.garden.Can").metadata();
    assertEquals(Optional.of("class"), type.get("kind"));
    assertEquals(Optional.of("org.example.garden"), type.get("package"));
    assertEquals(Optional.of("2.1"), type.get("since"));
    assertEquals(Optional.of(false), type.get("deprecated"));
    var method = BY_ID.get("org.example.garden.Can#pour(int,List...)").metadata();
    assertEquals(Optional.of("method"), method.get("kind"));
    assertEquals(Optional.of(true), method.get("deprecated"));
    assertEquals(Optional.empty(), method.get("since"));
    var nested = BY_ID.get("org.example.garden.Can.State#EMPTY").metadata();
    assertEquals(Optional.of("constant"), nested.get("kind"));
    assertEquals(Optional.of("Can"), nested.get("type"));
  }

  @Test
  void unbalancedBracesLoseNoText() {
    assertEquals(
        "Before one { two} and after.",
        JavadocText.plain("Before {@code one { two} <i>and</i> after."));
    assertEquals("10 € & &odd; x", JavadocText.plain("10 &#8364; &amp; &odd; &#x78;"));
  }

  @Test
  void aJarIsReadInTheOrderOfItsFiles(@TempDir Path folder) throws IOException {
    Path jar = folder.resolve("garden-sources.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      write(zip, "org/example/garden/Can.java", SOURCE);
      write(zip, "org/example/garden/package-info.java", "this is not Java");
      write(zip, "META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n");
      write(zip, "org/example/Axe.java", SOURCE.replace("Can", "Axe"));
    }
    List<Document> documents = JavadocCorpus.read(jar);
    assertEquals(18, documents.size());
    assertEquals("org.example.garden.Axe", documents.get(0).id());
  }

  @Test
  void aSourceFileThatIsNoJavaIsNamed(@TempDir Path folder) throws IOException {
    Path jar = folder.resolve("broken-sources.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      write(zip, "org/example/Broken.java", "public class {");
    }
    IOException e = assertThrows(IOException.class, () -> JavadocCorpus.read(jar));
    assertTrue(e.getMessage().startsWith("org/example/Broken.java: "), e.getMessage());
  }

  @Test
  void aMissingLibrarySaysWhatToAdd() {
    IOException e =
        assertThrows(IOException.class, () -> JavadocCorpus.jarWith("org/example/None.java"));
    assertTrue(e.getMessage().contains("classifier \"sources\""), e.getMessage());
  }

  /** Guava's own sources: its shape only, since none of its text is kept here. */
  @Test
  void guavaIsReadWhole() throws IOException {
    List<Document> guava =
        JavadocCorpus.read(
            JavadocCorpus.jarWith("com/google/common/util/concurrent/RateLimiter.java"));
    assertTrue(guava.size() > 3000, () -> guava.size() + " documents");
    List<String> ids = guava.stream().map(Document::id).toList();
    assertTrue(ids.contains("com.google.common.util.concurrent.RateLimiter#acquire(int)"));
    for (Document document : guava) {
      String text = document.text();
      assertFalse(text.contains("{@"), document::id);
      assertFalse(text.contains("<p>"), document::id);
      assertFalse(text.contains("\n"), document::id);
    }
  }

  private static void write(ZipOutputStream zip, String name, String content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content.getBytes(StandardCharsets.UTF_8));
    zip.closeEntry();
  }
}
