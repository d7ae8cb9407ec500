package io.chasqui.checkpoint;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.chasqui.ModelFormatException;
import io.chasqui.NoBackendException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** Makes DJL's tokenizers: without network, truncation, padding and special tokens. */
final class NativeTokenizer {
  private static final Map<String, String> OPTIONS =
      Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

  private NativeTokenizer() {}

  /**
   * A native tokenizer.
   *
   * @param file for messages
   * @throws ModelFormatException if native code refuses the JSON
   * @throws NoBackendException if there is no native library for this platform
   */
  static HuggingFaceTokenizer create(String json, Path file) throws IOException {
    // DJL asks a metadata service and may download a library unless told before its first use.
    setIfUnset("ai.djl.offline", "true");
    setIfUnset("OPT_OUT_TRACKING", "true");
    setIfUnset("RUST_FLAVOR", "cpu");
    try {
      return HuggingFaceTokenizer.newInstance(
          new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), OPTIONS);
    } catch (LinkageError | EngineException e) { // the latter where DJL has no file to load
      throw new NoBackendException(
          "the tokenizer's native library can't be loaded on "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + "; ai.djl.huggingface:tokenizers has it for Linux (x86_64, aarch64, glibc), macOS"
              + " (aarch64) and Windows (x86_64)",
          e);
    } catch (RuntimeException e) { // what the JNI layer throws for any error of the Rust side
      throw new ModelFormatException(
          file, "", "the native tokenizer refuses it: " + e.getMessage(), e);
    }
  }

  private static void setIfUnset(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
