package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Device;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.Scorer;
import io.chasqui.Scores;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Presets;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.ScoreHead;
import io.chasqui.checkpoint.testing.RandomCheckpoints.Architecture;
import io.chasqui.checkpoint.testing.RandomCheckpoints.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole sessions of each kind of decoder: adapters, batches, heads, instructions. */
class SiblingSessionsIT {
  private static final float TOLERANCE = 2e-5f;
  private static final Role.Truncation LIMITS = new Role.Truncation(256, 400);
  private static final List<Passage> PASSAGES =
      List.of(
          Passage.of("a", "Sea", "Tides rise twice a day because the moon pulls the near side."),
          Passage.of("b", "Bake it."),
          Passage.of("c", "The keeper lights the lamp an hour before dusk, and counts the ships."));

  @TempDir Path directory;

  private static Role bge() {
    return Presets.named("bge-reranker-v2-gemma")
        .withHead(new ScoreHead.SingleToken(77))
        .withTruncation(LIMITS);
  }

  private static Role e5() {
    return Presets.named("e5-mistral").withTruncation(LIMITS);
  }

  @ParameterizedTest
  @EnumSource(Architecture.class)
  void batchesGiveWhatSingleTextsGive(Architecture architecture) throws IOException {
    Shape shape = Shape.tiny().withArchitecture(architecture).withTied(true).withLayers(3);
    ModelBundle bundle = TestBundles.of(directory, shape).withRole(e5().withDimensions(12));
    boolean capped = bundle.config().block().finalSoftCap().isPresent();
    if (capped) {
      assertThrows(IllegalArgumentException.class, () -> bundle.withRole(bge()));
    }
    ModelBundle served = capped ? bundle : bundle.withRole(bge());
    try (ModelSession session = OnnxBackend.load(served, Device.cpu())) {
      for (String role : List.of("repllama", "e5-mistral")) {
        Embeddings together = session.encoder(role).encodePassages(PASSAGES);
        for (int i = 0; i < PASSAGES.size(); i++) {
          Embeddings alone = session.encoder(role).encodePassages(List.of(PASSAGES.get(i)));
          assertArrayEquals(alone.row(0), together.row(i), TOLERANCE);
        }
      }
      assertEquals(12, session.encoder("e5-mistral").encodeQueries(List.of("x")).dimension());
      for (String role :
          capped ? List.of("rankllama") : List.of("rankllama", "bge-reranker-v2-gemma")) {
        Scores together = session.scorer(role).score("how do tides rise", PASSAGES);
        for (int i = 0; i < PASSAGES.size(); i++) {
          Scores alone =
              session.scorer(role).score("how do tides rise", PASSAGES.subList(i, i + 1));
          assertEquals(alone.score(0), together.score(i), TOLERANCE);
        }
      }
    }
  }

  @Test
  void instructionsAreSetPerCall() throws IOException {
    ModelBundle bundle =
        TestBundles.of(directory, Shape.tiny().withTied(true))
            .withRole(e5())
            .withRole(e5().withInstruction("Find the recipe").withName("other"))
            .withRole(bge())
            .withRole(bge().withInstruction("Find the recipe").withName("other-scorer"));
    List<String> queries = List.of("bread");
    try (ModelSession session = OnnxBackend.load(bundle, Device.cpu())) {
      Encoder encoder = session.encoder("e5-mistral");
      Encoder told = encoder.withInstruction("Find the recipe");
      assertArrayEquals(
          session.encoder("other").encodeQueries(queries).row(0),
          told.encodeQueries(queries).row(0));
      assertFalse(
          Arrays.equals(encoder.encodeQueries(queries).row(0), told.encodeQueries(queries).row(0)));
      assertArrayEquals(
          encoder.encodePassages(PASSAGES).row(0), told.encodePassages(PASSAGES).row(0));
      assertEquals(encoder.space(), told.space());

      Scorer scorer = session.scorer("bge-reranker-v2-gemma");
      float plain = scorer.score("bread", PASSAGES).score(0);
      float instructed =
          scorer.withInstruction("Find the recipe").score("bread", PASSAGES).score(0);
      assertEquals(session.scorer("other-scorer").score("bread", PASSAGES).score(0), instructed);
      assertTrue(Math.abs(plain - instructed) > TOLERANCE);

      Encoder repllama = session.encoder("repllama");
      assertThrows(IllegalArgumentException.class, () -> repllama.withInstruction("x"));
    }
  }
}
