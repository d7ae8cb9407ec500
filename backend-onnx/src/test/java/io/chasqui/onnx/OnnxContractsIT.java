package io.chasqui.onnx;

import io.chasqui.Device;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.Scorer;
import io.chasqui.testkit.EncoderContract;
import io.chasqui.testkit.ScorerContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** Encoders and scorers do what the contracts say, with small and large calls. */
class OnnxContractsIT {
  @TempDir static Path directory;
  private static ModelSession session;
  private static ModelSession packed;

  @BeforeAll
  static void load() throws IOException {
    var bundle = TestBundles.tiny(directory);
    session = OnnxBackend.load(bundle, Device.cpu(2));
    packed =
        OnnxBackend.load(
            bundle,
            Device.cpu(2),
            OnnxOptions.defaults()
                .withMaxBatchTokens(8192)
                .withMaxPaddingShare(0.9)
                .withThreadsPerCall(2)
                .withWeights(OnnxOptions.Weights.COPIED));
  }

  @AfterAll
  static void close() {
    session.close();
    packed.close();
  }

  @Nested
  class EncoderOnDefaults implements EncoderContract {
    @Override
    public Encoder encoder() {
      return session.encoder("repllama");
    }
  }

  @Nested
  class EncoderOnLargeCalls implements EncoderContract {
    @Override
    public Encoder encoder() {
      return packed.encoder("repllama");
    }
  }

  @Nested
  class ScorerOnDefaults implements ScorerContract {
    @Override
    public Scorer scorer() {
      return session.scorer("rankllama");
    }
  }

  @Nested
  class ScorerOnLargeCalls implements ScorerContract {
    @Override
    public Scorer scorer() {
      return packed.scorer("rankllama");
    }
  }
}
