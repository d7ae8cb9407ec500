package io.chasqui.onnx;

import static io.chasqui.onnx.Fixtures.ENCODER;
import static io.chasqui.onnx.Fixtures.batch;
import static io.chasqui.onnx.Fixtures.distance;
import static io.chasqui.onnx.Fixtures.encoder;
import static io.chasqui.onnx.Fixtures.golden;
import static io.chasqui.onnx.Fixtures.ids;
import static io.chasqui.onnx.Fixtures.json;
import static io.chasqui.onnx.Fixtures.numbers;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.chasqui.BackendException;
import io.chasqui.Deadline;
import io.chasqui.Device;
import io.chasqui.ModelFormatException;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Presets;
import io.chasqui.checkpoint.Provenance;
import io.chasqui.checkpoint.RetrievalCard;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.testing.RandomCheckpoints.Shape;
import io.chasqui.checkpoint.testing.TinyTokenizers;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxExporterIT {
  private static final double EMBEDDING = 3e-6;
  private static final List<Passage> PASSAGES =
      List.of(Passage.of("a", "Sea", "Tides rise twice a day."), Passage.of("b", "Bake it."));

  @TempDir Path directory;

  /** Windows, both directions, two rotations, half precision, soft caps: on either padding. */
  @ParameterizedTest
  @CsvSource({
    "llama-mha,LAST,RIGHT",
    "llama-gqa-llama3rope,MEAN,LEFT",
    "mistral-fp16,LAST,LEFT",
    "qwen2-bidir,LAST,RIGHT",
    "qwen3-sharded,LAST,LEFT",
    "gemma2-bf16,LAST,LEFT",
    "gemma3-text,LAST,RIGHT",
    "gemma3-text-bidir,MEAN,LEFT",
  })
  void exportGivesTheGoldenValues(String name, Role.Pooling pooling, Role.PadSide side)
      throws IOException {
    ModelBundle source = source(name);
    Role role =
        encoder(side)
            .withPooling(pooling)
            .withAttention(
                source.config().attention().causal()
                    ? Role.Attention.CAUSAL
                    : Role.Attention.BIDIRECTIONAL);
    ModelBundle exported =
        OnnxExporter.export(source.withRole(role), ENCODER, directory.resolve("out"));
    JsonNode golden = json(golden("arch/" + name + "/golden.json"));
    List<int[]> rows = ids(golden.get("ids"));
    try (GraphModelRunner runner = GraphModelRunner.load(exported, RunnerOptions.defaults())) {
      float[] found = runner.run(batch(ENCODER, rows), Deadline.none());
      double[] expected =
          pooling == Role.Pooling.LAST
              ? numbers(golden.get("embedding"))
              : Fixtures.doubles(
                  io.chasqui.checkpoint.SafetensorsFile.read(
                      golden("arch/" + name + "/golden.safetensors")),
                  "mean_pooled_embedding");
      assertEquals(0, distance(expected, found), EMBEDDING);
      if (pooling == Role.Pooling.LAST) {
        List<int[]> longRow = List.of(Fixtures.row(golden.get("long").get("ids")));
        assertEquals(
            0,
            distance(
                numbers(golden.get("long").get("embedding")),
                runner.run(batch(ENCODER, longRow), Deadline.none())),
            EMBEDDING);
      }
    }
  }

  private ModelBundle source(String name) throws IOException {
    Path model = directory.resolve("model");
    Fixtures.copyTree(golden("arch/" + name), model);
    TinyTokenizers.write(model, 300);
    return ModelBundle.read(model);
  }

  @Test
  void adaptersHeadsAndPromptsAreInside() throws IOException {
    ModelBundle source = TestBundles.tiny(directory.resolve("model"));
    for (String role : List.of("repllama", "rankllama")) {
      Path out = directory.resolve(role);
      OnnxExporter.export(source, role, out);
      assertEquals(
          Set.of(
              "chasqui.json",
              "config.json",
              "model.onnx",
              "model.onnx.data",
              "provenance.json",
              "special_tokens_map.json",
              "tokenizer.json",
              "tokenizer_config.json"),
          names(out));
    }
    deleteTree(directory.resolve("model")); // nothing is left of the source
    ModelBundle encoder = ModelBundle.read(directory.resolve("repllama"));
    ModelBundle scorer = ModelBundle.read(directory.resolve("rankllama"));
    ModelBundle again = TestBundles.tiny(directory.resolve("model"));
    try (ModelSession ours = OnnxBackend.load(again, Device.cpu());
        ModelSession encodes = OnnxBackend.load(encoder, Device.cpu());
        ModelSession scores = OnnxBackend.load(scorer, Device.cpu())) {
      float[] expected = ours.encoder("repllama").encodePassages(PASSAGES).row(0);
      assertArrayEquals(
          expected, encodes.encoder("repllama").encodePassages(PASSAGES).row(0), 1e-6f);
      for (int i = 0; i < 2; i++) {
        assertEquals(
            ours.scorer("rankllama").score("tides", PASSAGES).score(i),
            scores.scorer("rankllama").score("tides", PASSAGES).score(i),
            1e-5f);
      }
    }
    Provenance provenance = Provenance.read(directory.resolve("repllama"));
    assertEquals(again.fingerprint("repllama"), provenance.sourceFingerprint());
    assertEquals(again.weightsFingerprint(), provenance.sourceWeights());
    assertTrue(provenance.probeDifference() < 1e-5 && provenance.probeTexts() > 3);
  }

  /** ONNX Runtime 1.23.0 loads IR version 11, and gives other vectors for grouped queries. */
  @Test
  void aRuntimeThatComputesItWronglyDoesNotLoadIt() throws IOException {
    ModelBundle source = TestBundles.of(directory.resolve("model"), Shape.tiny().withLayers(1));
    OnnxExporter.export(source, "repllama", directory.resolve("out"));
    byte[] graph = Files.readAllBytes(directory.resolve("out/model.onnx"));
    assertEquals(1 << 3, graph[0]); // field 1, ir_version, a number
    assertEquals(12, graph[1]);
  }

  @Test
  void theSameExportGivesTheSameFiles() throws IOException {
    ModelBundle source = TestBundles.tiny(directory.resolve("model"));
    OnnxExporter.export(source, "repllama", directory.resolve("a"));
    OnnxExporter.export(source, "repllama", directory.resolve("b"));
    for (String name : names(directory.resolve("a"))) {
      assertArrayEquals(
          Files.readAllBytes(directory.resolve("a").resolve(name)),
          Files.readAllBytes(directory.resolve("b").resolve(name)),
          name);
    }
  }

  @Test
  void whatDiffersFromItsSourceIsNotPublished() throws IOException {
    ModelBundle source = TestBundles.tiny(directory.resolve("model"));
    Path out = directory.resolve("out");
    List<OnnxExporter.Step> damages =
        List.of(
            staging -> {
              Path weights = staging.resolve(OnnxExporter.WEIGHTS);
              byte[] bytes = Files.readAllBytes(weights);
              java.util.Arrays.fill(bytes, bytes.length / 2, bytes.length, (byte) 0);
              Files.write(weights, bytes);
            },
            staging -> TinyTokenizers.write(staging, 280),
            staging ->
                RetrievalCard.of(Presets.named("repllama-v1-code"))
                    .withOnnx(OnnxExporter.GRAPH)
                    .write(staging.resolve(RetrievalCard.FILE)));
    for (OnnxExporter.Step damage : damages) {
      BackendException e =
          assertThrows(
              BackendException.class, () -> OnnxExporter.export(source, "repllama", out, damage));
      assertTrue(e.getMessage().contains("not published"), e.getMessage());
      assertEquals(Set.of("model"), names(directory));
    }
    assertThrows(
        IOException.class,
        () ->
            OnnxExporter.export(
                source,
                "repllama",
                out,
                staging -> {
                  throw new IOException("disk full");
                }));
    assertEquals(Set.of("model"), names(directory));
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    ModelBundle source = TestBundles.tiny(directory.resolve("model"));
    Path out = Files.createDirectory(directory.resolve("out"));
    assertThrows(
        FileAlreadyExistsException.class, () -> OnnxExporter.export(source, "repllama", out));
    Files.delete(out);
    assertThrows(
        FileAlreadyExistsException.class,
        () -> OnnxExporter.export(source, "repllama", out, staging -> Files.createDirectory(out)));
    assertTrue(names(out).isEmpty());
    assertThrows(
        IllegalArgumentException.class,
        () -> OnnxExporter.export(source, "none", directory.resolve("x")));
    ModelBundle exported = OnnxExporter.export(source, "repllama", directory.resolve("exported"));
    assertThrows(
        IllegalArgumentException.class,
        () -> OnnxExporter.export(exported, "repllama", directory.resolve("x")));
  }

  @Test
  void aChangedFileIsNotLoaded() throws IOException {
    ModelBundle source = TestBundles.of(directory.resolve("model"), Shape.tiny().withLayers(1));
    Path out = directory.resolve("out");
    OnnxExporter.export(source, "rankllama", out);
    for (String name : names(out)) {
      if (name.equals(Provenance.FILE)) {
        continue;
      }
      byte[] good = Files.readAllBytes(out.resolve(name));
      byte[] bad = good.clone();
      bad[bad.length - 3] = (byte) (bad[bad.length - 3] ^ 1);
      Files.write(out.resolve(name), bad);
      ModelFormatException e =
          assertThrows(
              ModelFormatException.class,
              () -> OnnxBackend.load(ModelBundle.read(out), Device.cpu()).close(),
              name);
      assertTrue(e.getMessage().contains(name), e.getMessage());
      Files.write(out.resolve(name), java.util.Arrays.copyOf(good, good.length + 1));
      assertThrows(
          io.chasqui.ChasquiException.class,
          () -> OnnxBackend.load(ModelBundle.read(out), Device.cpu()).close(),
          name);
      Files.write(out.resolve(name), good);
    }
    OnnxBackend.load(ModelBundle.read(out), Device.cpu()).close();
    Files.delete(out.resolve("special_tokens_map.json"));
    assertThrows(
        ModelFormatException.class,
        () -> OnnxBackend.load(ModelBundle.read(out), Device.cpu()).close());
    assertFalse(Files.exists(directory.resolve("x")));
  }

  private static Set<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      Set<String> names = new TreeSet<>();
      files.forEach(file -> names.add(file.getFileName().toString()));
      return names;
    }
  }

  private static void deleteTree(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
