package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.EmbeddingSpace;
import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.testing.TinyTokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelBundleTest {
  private static final Path RETRIEVER = Golden.path("adapters/adapter-a-rslora");
  private static final Path RERANKER = Golden.path("adapters/adapter-b-seqcls");

  @TempDir Path directory;

  @BeforeEach
  void completeTheCheckpoint() throws IOException {
    copy(Golden.path("arch/llama-gqa-llama3rope"), directory);
    TinyTokenizers.write(directory, 300);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
  }

  private void writeCard(Role... roles) throws IOException {
    RetrievalCard.of(roles).write(directory.resolve(RetrievalCard.FILE));
  }

  private ModelBundle bundle() throws IOException {
    return ModelBundle.read(directory)
        .withRole(Presets.named("repllama-v1"), RETRIEVER)
        .withRole(Presets.named("rankllama-v1"), RERANKER);
  }

  @Test
  void rolesComeFromTheCardAndTheCaller() throws IOException {
    assertTrue(ModelBundle.read(directory).roles().isEmpty());
    assertEquals(Set.of("repllama", "rankllama"), bundle().roles().keySet());

    copy(RETRIEVER, directory.resolve("adapters/rep"));
    writeCard(
        Presets.named("repllama-v1").withAdapter("adapters/rep"),
        Presets.named("repllama-v1-code").withName("plain"));
    ModelBundle carded = ModelBundle.read(directory);
    assertEquals(List.of("repllama", "plain"), List.copyOf(carded.roles().keySet()));
    assertTrue(carded.adapter("plain").isEmpty());
    assertEquals(
        bundle().adapter("repllama").orElseThrow().modules().keySet(),
        carded.adapter("repllama").orElseThrow().modules().keySet());
    assertSame(carded.adapter("repllama"), carded.adapter("repllama"));
    assertEquals(bundle().space("repllama"), carded.space("repllama"));
    assertThrows(IllegalArgumentException.class, () -> carded.role("rankllama"));
  }

  @Test
  void headComesFromTheAdapterElseTheCheckpointElseNowhere(@TempDir Path classifier)
      throws IOException {
    ModelBundle bundle = bundle();
    assertArrayEquals(
        bundle.adapter("rankllama").orElseThrow().saved().get("score.weight").values(),
        bundle.headRow("rankllama"));
    assertEquals(bundle.config().hiddenSize(), bundle.headRow("rankllama").length);
    assertThrows(IllegalArgumentException.class, () -> bundle.headRow("repllama"));

    ModelFormatException e =
        assertThrows(
            ModelFormatException.class,
            () -> bundle.withRole(Presets.named("rankllama-v1")).headRow("rankllama"));
    assertEquals("score.weight", e.field().orElseThrow());

    copy(Golden.path("arch/llama-mha-seqcls"), classifier);
    ModelBundle stored = ModelBundle.read(classifier).withRole(Presets.named("rankllama-v1"));
    assertArrayEquals(stored.weights().floats("score.weight"), stored.headRow("rankllama"));
  }

  @Test
  void headsOfTokensAreRowsOfTheLmHead(@TempDir Path other) throws IOException {
    Role.Truncation limits = new Role.Truncation(256, 256);
    Role difference =
        Presets.named("rankllama-v1").withHead(new ScoreHead.TokenDifference(77, 133));
    ModelBundle tied = ModelBundle.read(directory).withRole(difference.withTruncation(limits));
    int hidden = tied.config().hiddenSize();
    float[] embedding = tied.weights().floats("model.embed_tokens.weight");
    float[] row = tied.headRow("rankllama");
    for (int i = 0; i < hidden; i++) {
      assertEquals(embedding[77 * hidden + i] - embedding[133 * hidden + i], row[i]);
    }
    Role single = difference.withHead(new ScoreHead.SingleToken(299));
    copy(Golden.path("arch/llama-mha"), other);
    ModelBundle untied = ModelBundle.read(other).withRole(single);
    assertArrayEquals(
        Arrays.copyOfRange(untied.weights().floats("lm_head.weight"), 299 * 64, 300 * 64),
        untied.headRow("rankllama"));
    assertThrows(
        IllegalArgumentException.class,
        () -> untied.withRole(single.withHead(new ScoreHead.SingleToken(300))));

    ModelBundle headless = ModelBundle.read(Golden.path("arch/mistral-fp16")).withRole(single);
    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> headless.headRow("rankllama"));
    assertEquals("lm_head.weight", e.field().orElseThrow());

    ModelBundle capped = ModelBundle.read(Golden.path("arch/gemma2-bf16"));
    String message =
        assertThrows(IllegalArgumentException.class, () -> capped.withRole(difference))
            .getMessage();
    assertTrue(message.contains("final_logit_softcapping 3.0"), message);
    capped.withRole(Presets.named("rankllama-v1"));
  }

  @Test
  void aModelThatSeesBothWaysTakesNoCausalRole(@TempDir Path other) throws IOException {
    copy(Golden.path("arch/mistral-fp16"), other);
    Path config = other.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replaceFirst("\\{", "{\"is_causal\": false,"));
    ModelBundle bundle = ModelBundle.read(other);
    Role role = Presets.named("repllama-v1");
    assertThrows(IllegalArgumentException.class, () -> bundle.withRole(role));
    bundle.withRole(role.withAttention(Role.Attention.BIDIRECTIONAL));
  }

  @Test
  void anInstructionOfQueriesDoesNotMoveTheSpace() throws IOException {
    Role role =
        Presets.named("e5-mistral").withTruncation(new Role.Truncation(256, 256)).withName("r");
    ModelBundle one = ModelBundle.read(directory).withRole(role);
    ModelBundle two = one.withRole(role.withInstruction("Find the recipe"));
    assertEquals(one.space("r"), two.space("r"));
    assertNotEquals(one.fingerprint("r"), two.fingerprint("r"));
    assertEquals(16, one.withRole(role.withDimensions(16)).space("r").dimension());
  }

  @Test
  void rolesMustFitTheModel() throws IOException {
    ModelBundle bundle = ModelBundle.read(directory);
    Role role = Presets.named("repllama-v1");
    for (Role wrong :
        List.of(
            role.withTokens(new Role.Tokens(Optional.of(300), List.of(2), 0, Role.PadSide.RIGHT)),
            role.withTokens(new Role.Tokens(Optional.of(1), List.of(2), 999, Role.PadSide.LEFT)),
            role.withTruncation(new Role.Truncation(513, 10)),
            role.withTruncation(new Role.Truncation(1, 10)),
            role.withOutput(new Role.Output(true, Optional.of(65))))) {
      assertThrows(IllegalArgumentException.class, () -> bundle.withRole(wrong));
      writeCard(wrong);
      ModelFormatException e =
          assertThrows(ModelFormatException.class, () -> ModelBundle.read(directory));
      assertEquals("roles.repllama", e.field().orElseThrow());
    }
    writeCard(role.withAdapter("missing"));
    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> ModelBundle.read(directory));
    assertEquals("roles.repllama.adapter", e.field().orElseThrow());
    writeCard(
        Presets.named("rankllama-v1").withTruncation(new Role.Truncation(Integer.MAX_VALUE, 2)));
    e = assertThrows(ModelFormatException.class, () -> ModelBundle.read(directory));
    assertEquals("roles.rankllama", e.field().orElseThrow());
  }

  @Test
  void spacesDifferInWhatDiffers() throws IOException {
    ModelBundle bundle = bundle();
    EmbeddingSpace space = bundle.space("repllama");
    assertEquals(64, space.dimension());
    assertEquals(space, bundle().space("repllama"));
    Role role = Presets.named("repllama-v1");
    assertDiffers(space, bundle.withRole(role), "adapter");
    assertDiffers(
        space, bundle.withRole(Presets.named("repllama-v1-code"), RETRIEVER), "tokens.bos");
    assertDiffers(
        space,
        bundle.withRole(role.withTruncation(new Role.Truncation(32, 512)), RETRIEVER),
        "truncation.query");
    assertDiffers(
        space,
        bundle.withRole(role.withOutput(new Role.Output(false, Optional.empty())), RETRIEVER),
        "normalise");
    assertDiffers(
        space,
        bundle.withRole(role.withOutput(new Role.Output(true, Optional.of(32))), RETRIEVER),
        "dimension");
    TinyTokenizers.write(directory, 299);
    assertDiffers(space, bundle(), "tokenizer");
    assertNotEquals(bundle.fingerprint("repllama"), bundle.fingerprint("rankllama"));
    assertThrows(IllegalArgumentException.class, () -> bundle.space("rankllama"));
    String whole = fingerprintWith(role.output().dimensions());
    assertEquals(whole, fingerprintWith(Optional.of(64)));
    assertNotEquals(whole, fingerprintWith(Optional.of(32)));
  }

  private String fingerprintWith(Optional<Integer> dimensions) throws IOException {
    Role.Output output = new Role.Output(true, dimensions);
    return ModelBundle.read(directory)
        .withRole(Presets.named("repllama-v1").withOutput(output))
        .fingerprint("repllama");
  }

  @Test
  void whichTextStandsFirstIsPartOfTheFingerprint() throws IOException {
    assertNotEquals(fingerprintOfPairs(false), fingerprintOfPairs(true));
    assertEquals(fingerprintOfPairs(true), fingerprintOfPairs(true));
  }

  private String fingerprintOfPairs(boolean passageFirst) throws IOException {
    Role rankllama = Presets.named("rankllama-v1");
    Role.Tokens tokens = rankllama.tokens();
    RoleTemplate.Part bos = new RoleTemplate.Part.Id(1);
    return bundle()
        .withRole(
            rankllama
                .withTokens(
                    new Role.Tokens(Optional.empty(), List.of(), tokens.pad(), tokens.padSide()))
                .withTemplate(
                    new RoleTemplate.Framed(
                        List.of(bos),
                        "{query}",
                        List.of(bos),
                        "{title} {text}",
                        "{text}",
                        List.of(bos),
                        passageFirst)))
        .fingerprint("rankllama");
  }

  @Test
  void whatCountsAsSpecialIsPartOfTheSpace() throws IOException {
    EmbeddingSpace space = bundle().space("repllama");
    Files.writeString(
        directory.resolve(SpecialTokensReader.MAP), "{\"additional_special_tokens\": [\"e\"]}");
    assertDiffers(space, bundle(), "tokenizer");
  }

  private static void assertDiffers(EmbeddingSpace space, ModelBundle other, String attribute)
      throws IOException {
    List<String> differences = space.differences(other.space("repllama"));
    assertEquals(1, differences.size(), differences.toString());
    assertTrue(differences.get(0).startsWith(attribute + ":"), differences.toString());
  }

  @Test
  void weightsFingerprintSeesOneChangedByte() throws IOException {
    String before = ModelBundle.read(directory).weightsFingerprint();
    Path file = directory.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 2] ^= 1;
    Files.write(file, bytes);
    assertNotEquals(before, ModelBundle.read(directory).weightsFingerprint());
  }

  @Test
  void tokenizerRefusesFramesThatAreOrdinaryPieces() throws IOException {
    ModelBundle llama3 =
        ModelBundle.read(directory)
            .withRole(
                Presets.named("repllama-v1")
                    .withTokens(
                        new Role.Tokens(Optional.of(1), List.of(270), 0, Role.PadSide.RIGHT)));
    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> llama3.openTokenizer().close());
    assertTrue(e.getMessage().contains("id 270"), e.getMessage());
  }

  @Test
  void bundleOpensItsTokenizerAndPrompts() throws IOException {
    ModelBundle bundle = bundle();
    try (JsonTokenizer tokenizer = bundle.openTokenizer()) {
      int[] ids = bundle.prompts(tokenizer, "repllama").query("tides </s>").ids();
      assertEquals(1, ids[0]);
      assertEquals(2, ids[ids.length - 1]);
      for (int i = 1; i < ids.length - 1; i++) {
        assertTrue(ids[i] > 2 && ids[i] < 300);
      }
    }
  }
}
