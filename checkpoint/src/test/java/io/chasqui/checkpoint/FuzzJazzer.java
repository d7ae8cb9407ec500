package io.chasqui.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The targets as Jazzer calls them: classes with a {@code fuzzerTestOneInput}. CONTRIBUTING says
 * how to run them.
 *
 * @see <a href="https://github.com/CodeIntelligenceTesting/jazzer">Jazzer</a>
 */
public final class FuzzJazzer {
  private static final Path DIRECTORY = directory();

  private FuzzJazzer() {}

  private static Path directory() {
    try {
      return Files.createTempDirectory("fuzz");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(FuzzTarget target, byte[] input) throws IOException {
    target.accepts(input, DIRECTORY); // taken or refused: what matters is that nothing was thrown
  }

  /** {@link SafetensorsFile}. */
  public static final class Safetensors {
    private Safetensors() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
      run(FuzzTarget.SAFETENSORS, input);
    }
  }

  /** {@link TorchPickle}. */
  public static final class Pickle {
    private Pickle() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
      run(FuzzTarget.PICKLE, input);
    }
  }

  /** {@link TokenizerCheck} and {@link JsonTokenizer}. */
  public static final class Tokenizer {
    private Tokenizer() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
      run(FuzzTarget.TOKENIZER, input);
    }
  }

  /** {@link OnnxFile}. */
  public static final class Onnx {
    private Onnx() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
      run(FuzzTarget.ONNX, input);
    }
  }

  /** {@link RetrievalCard}. */
  public static final class Card {
    private Card() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
      run(FuzzTarget.CARD, input);
    }
  }
}
