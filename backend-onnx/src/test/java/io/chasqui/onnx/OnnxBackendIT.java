package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import io.chasqui.BackendException;
import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.Device;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.NoBackendException;
import io.chasqui.Passage;
import io.chasqui.Scores;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.PreparedInput;
import io.chasqui.checkpoint.Presets;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.RoleTemplate;
import io.chasqui.checkpoint.TensorInfo;
import io.chasqui.spi.Tokenizer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(180)
class OnnxBackendIT {
  @TempDir Path directory;

  @Test
  void theLibraryIsTheOneThatThisModuleWasBuiltFor() throws IOException {
    OrtEnvironment environment = NativeRuntime.environment(Optional.empty());
    assertEquals(NativeRuntime.BUILT_FOR, environment.getVersion());
  }

  @Test
  void autoTakesWhatWorks() throws IOException {
    ModelBundle bundle = TestBundles.tiny(directory);
    try (ModelSession session = OnnxBackend.load(bundle, Device.auto())) {
      assertFalse(session.device() instanceof Device.Auto);
      assertEquals(Set.of("repllama", "rankllama"), session.roles());
      Encoder encoder = session.encoder("repllama");
      assertEquals(bundle.space("repllama"), encoder.space());
      assertEquals(encoder.space().dimension(), encoder.dimension());
    }
  }

  @Test
  @Tag("cpu-runtime")
  void absentCudaIsAnErrorThatNamesTheArtifact() throws IOException {
    ModelBundle bundle = TestBundles.tiny(directory);
    NoBackendException e =
        assertThrows(NoBackendException.class, () -> OnnxBackend.load(bundle, Device.cuda(0)));
    assertTrue(
        e.getMessage().contains("com.microsoft.onnxruntime:onnxruntime_gpu:1.29.0"),
        e.getMessage());
  }

  @Test
  void aDirectoryWithoutRolesIsToldHowToGetThem() throws IOException {
    TestBundles.tiny(directory);
    ModelBundle bare = ModelBundle.read(directory);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> OnnxBackend.load(bare, Device.cpu()));
    assertTrue(e.getMessage().contains("withRole"), e.getMessage());
  }

  private ModelSession slow(OnnxOptions.Batching batching) throws IOException {
    return OnnxBackend.load(
        TestBundles.slow(directory), Device.cpu(2), OnnxOptions.defaults().withBatching(batching));
  }

  @Test
  void manyCallersOfBothRolesGetWhatEachWouldGetAlone() throws Exception {
    ModelBundle bundle = TestBundles.tiny(directory);
    List<String> queries = List.of("a", "a b c", "llamas in the high plains", "b ".repeat(40));
    List<float[]> embeddings = new ArrayList<>();
    List<float[]> scores = new ArrayList<>();
    try (ModelSession alone = OnnxBackend.load(bundle, Device.cpu(1))) {
      for (String query : queries) {
        embeddings.add(alone.encoder("repllama").encodeQueries(List.of(query)).row(0));
        Scores all = alone.scorer("rankllama").score(query, passages(3, 30));
        scores.add(new float[] {all.score(0), all.score(1), all.score(2)});
      }
    }
    OnnxOptions dynamic =
        OnnxOptions.defaults()
            .withBatching(OnnxOptions.Batching.DYNAMIC)
            .withBatchingDelay(Duration.ofMillis(1));
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu(1), dynamic)) {
      List<CompletableFuture<Void>> callers = new ArrayList<>();
      for (int caller = 0; caller < 8; caller++) {
        int number = caller;
        callers.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int i = 0; i < 25; i++) {
                    int query = (i + number) % queries.size();
                    String text = queries.get(query);
                    if ((i + number / 4) % 2 == 0) {
                      float[] row = session.encoder("repllama").encodeQueries(List.of(text)).row(0);
                      assertArrayEquals(embeddings.get(query), row, 2e-6f);
                    } else {
                      Scores all = session.scorer("rankllama").score(text, passages(3, 30));
                      for (int j = 0; j < 3; j++) {
                        assertEquals(scores.get(query)[j], all.score(j), 2e-5f);
                      }
                    }
                  }
                }));
      }
      for (CompletableFuture<Void> caller : callers) {
        caller.get(120, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void aLimitBelowTheTemplateIsFoundOutBeforeTheModelIsLoaded() throws IOException {
    Role rankllama = Presets.named("rankllama-v1");
    Role.Tokens tokens = rankllama.tokens();
    Role crowded =
        rankllama
            .withTokens(
                new Role.Tokens(Optional.empty(), List.of(), tokens.pad(), tokens.padSide()))
            .withTemplate(
                new RoleTemplate.Framed(
                    List.of(new RoleTemplate.Part.Text("is this about llamas or not:")),
                    "{query}",
                    List.of(),
                    "{title} {text}",
                    "{text}",
                    List.of()))
            .withTruncation(new Role.Truncation(2, 100));
    ModelBundle bundle = TestBundles.tiny(directory).withRole(crowded, directory.resolve("rank"));
    long before = watchdogs();
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> OnnxBackend.load(bundle, Device.cpu(2)));
    assertTrue(e.getMessage().contains("leaves no room"), e.getMessage());
    assertEquals(before, watchdogs(), "a model that nobody closes");
  }

  private static long watchdogs() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("chasqui-run-watchdog"))
        .count();
  }

  @ParameterizedTest
  @EnumSource(names = "DEVICE", mode = EnumSource.Mode.EXCLUDE)
  void aDeadlineEndsTheCallAndTheSessionWorksOn(OnnxOptions.Batching batching) throws IOException {
    try (ModelSession session = slow(batching)) {
      Encoder encoder = session.encoder("repllama");
      assertThrows(
          DeadlineExceededException.class,
          () -> encoder.encodePassages(passages(400, 500), Deadline.after(Duration.ofMillis(300))));
      assertEquals(1, encoder.encodeQueries(List.of("still there?")).size());
    }
  }

  @ParameterizedTest
  @EnumSource(names = "DEVICE", mode = EnumSource.Mode.EXCLUDE)
  void anInterruptEndsOneCallerAndHarmsNoOther(OnnxOptions.Batching batching) throws Exception {
    try (ModelSession session = slow(batching)) {
      Encoder encoder = session.encoder("repllama");
      float[] alone = encoder.encodeQueries(List.of("a query")).row(0);
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread victim =
          new Thread(
              () -> {
                try {
                  encoder.encodePassages(passages(400, 500));
                } catch (RuntimeException e) {
                  thrown.set(e);
                }
              });
      victim.start();
      CompletableFuture<Embeddings> other =
          CompletableFuture.supplyAsync(() -> encoder.encodePassages(passages(20, 100)));
      encoder.encodeQueries(List.of("a query")); // by now the victim is at work
      victim.interrupt();
      victim.join();
      assertEquals(DeadlineExceededException.class, thrown.get().getClass());
      assertEquals(20, other.get(120, TimeUnit.SECONDS).size());
      assertArrayEquals(alone, encoder.encodeQueries(List.of("a query")).row(0), 1e-5f);
    }
  }

  @ParameterizedTest
  @EnumSource(names = "DEVICE", mode = EnumSource.Mode.EXCLUDE)
  void aTextThatNeedsMoreThanTheBudgetIsAnErrorThatSaysSo(OnnxOptions.Batching batching)
      throws IOException {
    try (ModelSession session =
        OnnxBackend.load(
            TestBundles.tiny(directory),
            Device.cpu(2),
            OnnxOptions.defaults().withMemoryBudget(1_000_000).withBatching(batching))) {
      Encoder encoder = session.encoder("repllama");
      assertEquals(1, encoder.encodePassages(passages(1, 50)).size());
      BackendException e =
          assertThrows(BackendException.class, () -> encoder.encodePassages(passages(1, 500)));
      assertTrue(e.getMessage().contains("the budget is 1000000 bytes"), e.getMessage());
      assertTrue(e.getMessage().contains("passage p0"), e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void aWeightThatIsNotFiniteIsNamedAndTheOtherPassagesAreEncoded(float value) throws IOException {
    ModelBundle bundle = TestBundles.tiny(directory);
    spoilEmbedding(bundle, "Q", value);
    try (ModelSession session = OnnxBackend.load(TestBundles.read(directory), Device.cpu(2))) {
      Embeddings rows =
          session
              .encoder("repllama")
              .encodePassages(List.of(Passage.of("good", "a b c"), Passage.of("bad", "a Q c")));
      assertEquals(Optional.empty(), rows.failure(0));
      String reason = rows.failure(1).orElseThrow();
      assertTrue(reason.contains("NaN for passage bad"), reason);
      assertTrue(reason.contains("the weights are not finite in model.embed_tokens"), reason);
      Scores scores =
          session
              .scorer("rankllama")
              .score("x", List.of(Passage.of("good", "a b c"), Passage.of("bad", "a Q c")));
      assertEquals(Optional.empty(), scores.failure(0));
      assertTrue(Float.isFinite(scores.score(0)));
      assertTrue(scores.failure(1).orElseThrow().contains("NaN for passage bad"));
    }
  }

  @Test
  void theHeadOfTheOtherRoleIsNotInItsWay() throws IOException {
    try (ModelSession session = OnnxBackend.load(TestBundles.tiny(directory), Device.cpu(1))) {
      assertThrows(IllegalArgumentException.class, () -> session.encoder("rankllama"));
      assertThrows(IllegalArgumentException.class, () -> session.scorer("repllama"));
    }
  }

  /** Writes a value into the embedding of the last token of a text. */
  private static void spoilEmbedding(ModelBundle bundle, String text, float value)
      throws IOException {
    PreparedInput prompt;
    try (Tokenizer tokenizer = bundle.openTokenizer()) {
      prompt =
          bundle.prompts(tokenizer, "repllama").passages(List.of(Passage.of("x", text))).get(0);
    }
    int id = prompt.ids()[prompt.ids().length - 2]; // before the EOS
    TensorInfo embedding = bundle.weights().all().get("model.embed_tokens.weight");
    try (RandomAccessFile file = new RandomAccessFile(embedding.file().toFile(), "rw")) {
      file.seek(embedding.offset() + 4L * id * bundle.config().hiddenSize());
      file.writeInt(Integer.reverseBytes(Float.floatToRawIntBits(value)));
    }
  }

  static List<Passage> passages(int count, int chars) {
    List<Passage> passages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      passages.add(Passage.of("p" + i, "abc xyz ".repeat(chars / 8 + 1).substring(0, chars)));
    }
    return passages;
  }
}
