package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.testing.TinyTokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Damaged tokenizer files, through our checks and native code: a typed error or ids within the
 * vocabulary, never a dead process.
 */
class TokenizerFuzzProperties {
  private static final int SIZE = 330;
  private static final List<String> PARTS =
      List.of(
          "{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true}",
          "{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"prepend_scheme\":\"first\","
              + "\"split\":false}",
          "{\"type\":\"Metaspace\",\"replacement\":\"ab\",\"prepend_scheme\":\"always\"}",
          "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(\"},\"behavior\":\"Isolated\","
              + "\"invert\":false}",
          "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"\"},\"behavior\":\"Removed\","
              + "\"invert\":true}",
          "{\"type\":\"Split\",\"pattern\":{\"String\":\" \"},\"behavior\":\"MergedWithPrevious\","
              + "\"invert\":false}",
          "{\"type\":\"Digits\",\"individual_digits\":true}",
          "{\"type\":\"Punctuation\",\"behavior\":\"Contiguous\"}",
          "{\"type\":\"Replace\",\"pattern\":{\"String\":\"\"},\"content\":\"x\"}",
          "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"x*\"},\"content\":\"\"}",
          "{\"type\":\"Prepend\",\"prepend\":\"\"}",
          "{\"type\":\"Strip\",\"strip_left\":true,\"strip_right\":true}",
          "{\"type\":\"NFKC\"}",
          "{\"type\":\"Lowercase\"}",
          "{\"type\":\"Sequence\",\"pretokenizers\":[],\"normalizers\":[]}");

  private static Path directory;

  @BeforeContainer
  static void create() throws IOException {
    directory = Files.createTempDirectory("tokenizer-fuzz");
    TinyTokenizers.write(directory, SIZE);
  }

  @AfterContainer
  static void delete() throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  @Property(tries = 600)
  void damagedTreesGiveTypedErrors(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int mutations) throws IOException {
    Random random = new Random(seed);
    ObjectNode root = TinyTokenizers.tokenizer(SIZE);
    for (int i = 0; i < mutations; i++) {
      if (random.nextInt(4) == 0) {
        String part = PARTS.get(random.nextInt(PARTS.size()));
        root.set(
            random.nextBoolean() ? "normalizer" : "pre_tokenizer", TinyModel.MAPPER.readTree(part));
      } else {
        FuzzMutations.mutate(root, random, List.of());
      }
    }
    openAndUse(TinyModel.MAPPER.writeValueAsBytes(root));
  }

  @Property(tries = 300)
  void damagedBytesGiveTypedErrors(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 3) int mutations) throws IOException {
    Random random = new Random(seed);
    byte[] bytes = TinyModel.MAPPER.writeValueAsBytes(TinyTokenizers.tokenizer(SIZE));
    for (int i = 0; i < mutations; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    openAndUse(bytes);
  }

  private static void openAndUse(byte[] json) throws IOException {
    Files.write(directory.resolve("tokenizer.json"), json);
    try (JsonTokenizer tokenizer = JsonTokenizer.open(directory, SIZE, Set.of(1, 2))) {
      for (String text : List.of("the tide </s>", "\u0000\uD83D\uDE00 \u65E5\u672C  x", " ")) {
        for (int id : tokenizer.tokenize(text).ids()) {
          if (id < 0 || id >= SIZE || id == 1 || id == 2) {
            throw new AssertionError("id " + id + " of " + text);
          }
        }
      }
    } catch (ModelFormatException e) {
      if (e.getMessage() == null) {
        throw new AssertionError("an error without message", e);
      }
    }
  }
}
