package io.chasqui.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import io.chasqui.NoBackendException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** ONNX Runtime's native libraries in this JVM: whether they load, which they are, what they do. */
final class NativeRuntime {
  /** The version that this module was built and tested with. */
  static final String BUILT_FOR = "1.29.0";

  private static final Logger LOG = LoggerFactory.getLogger(NativeRuntime.class);
  private static final String NATIVE_PATH = "onnxruntime.native.path"; // ONNX Runtime's own

  private static final Pattern MISSING =
      Pattern.compile("([\\w+-]+\\.(?:so|dll)[.\\d]*): cannot open shared object file");

  private NativeRuntime() {}

  /**
   * Loads the libraries, or finds them loaded.
   *
   * <p>With a cache, sets ONNX Runtime's system property {@code onnxruntime.native.path} unless the
   * user has set it: the one global setting that this module touches, and only if asked.
   *
   * @throws NoBackendException if there are none for this platform, or they are older than {@link
   *     #BUILT_FOR}, or don't load; says what to do
   * @throws IOException if the cache cannot be written
   */
  static synchronized OrtEnvironment environment(Optional<Path> cache) throws IOException {
    if (System.getProperty(NATIVE_PATH) == null) {
      Platform platform = Platform.current();
      Optional<String> objection = platform.objection();
      if (objection.isPresent()) {
        throw new NoBackendException("ONNX Runtime cannot run here: " + objection.get());
      }
      requireBuiltVersion(classVersion());
      if (cache.isPresent()) {
        Path folder =
            NativeCache.unpacked(
                cache.get(), classVersion(), platform.folder().orElseThrow(), OrtEnvironment.class);
        System.setProperty(NATIVE_PATH, folder.toAbsolutePath().toString());
      }
    }
    OrtEnvironment environment = load();
    requireBuiltVersion(environment.getVersion());
    return environment;
  }

  private static OrtEnvironment load() {
    try {
      return NativeEnvironment.get();
    } catch (LinkageError e) {
      throw new NoBackendException(
          "ONNX Runtime's native library does not load: "
              + rootMessage(e)
              + ". It needs glibc 2.28 or later on Linux, the Visual C++ runtime 2022 on Windows;"
              + " and a temporary folder that allows execution (-Djava.io.tmpdir), or"
              + " OnnxOptions.withNativeCache",
          e);
    }
  }

  private static String rootMessage(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  private static String classVersion() {
    String version = OrtEnvironment.class.getPackage().getImplementationVersion();
    return version == null ? BUILT_FOR : version; // repackaged: the library itself will tell
  }

  /** Refuses what is older; other libraries on a class path often bring an old one along. */
  static void requireBuiltVersion(String found) {
    if (compare(found, BUILT_FOR) < 0) {
      throw new NoBackendException(
          "found ONNX Runtime "
              + found
              + " on the class path, but Chasqui needs "
              + BUILT_FOR
              + " or later. Another dependency chose it (LangChain4j and Spring AI bring old ones):"
              + " import io.chasqui:chasqui-bom before their BOMs, or pin"
              + " com.microsoft.onnxruntime:onnxruntime:"
              + BUILT_FOR);
    }
  }

  private static int compare(String left, String right) {
    String[] a = left.split("[.+-]", -1);
    String[] b = right.split("[.+-]", -1);
    for (int i = 0; i < Math.min(a.length, b.length); i++) {
      if (!a[i].matches("\\d{1,9}") || !b[i].matches("\\d{1,9}")) {
        return 0; // "1.29.0-rc1" is as good as "1.29.0"
      }
      int order = Integer.compare(Integer.parseInt(a[i]), Integer.parseInt(b[i]));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  /**
   * Why CUDA does not work on a device; empty if it does. {@code getAvailableProviders} is no test:
   * it lists what was compiled in.
   */
  static Optional<String> cudaObjection(int ordinal) {
    try (OrtSession.SessionOptions session = new OrtSession.SessionOptions();
        OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(ordinal)) {
      session.addCUDA(cuda);
      return Optional.empty();
    } catch (OrtException | LinkageError e) {
      LOG.debug("CUDA device {} refused", ordinal, e);
      return Optional.of(explainCuda(ordinal, String.valueOf(e.getMessage())));
    }
  }

  /** The library that a loader's message names as the one it did not find. */
  private static Optional<String> missingLibrary(String message) {
    Matcher matcher = MISSING.matcher(message);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** What a native message means for somebody who wanted CUDA. */
  static String explainCuda(int ordinal, String message) {
    String lower = message.toLowerCase(Locale.ENGLISH);
    String advice;
    if (lower.contains("failed to find cuda shared provider")
        || lower.contains("not enabled in this build")) {
      advice =
          "the class path holds ONNX Runtime for CPU only: replace"
              + " com.microsoft.onnxruntime:onnxruntime by"
              + " com.microsoft.onnxruntime:onnxruntime_gpu:"
              + BUILT_FOR
              + " (never both), on a machine with an NVIDIA driver, CUDA 12 and cuDNN 9";
    } else if (lower.contains(".so") || lower.contains(".dll")) {
      advice =
          "a library is missing"
              + missingLibrary(message).map(name -> ", " + name).orElse("")
              + ": CUDA 12's libcudart.so.12, libcublas.so.12, libcublasLt.so.12 and"
              + " libcurand.so.10, cuDNN 9's libcudnn.so.9 and the driver's libcuda.so.1 must lie"
              + " where the loader finds them (LD_LIBRARY_PATH); the README of backend-onnx-gpu"
              + " says which package holds which";
    } else {
      advice = "check the NVIDIA driver (nvidia-smi) and that device " + ordinal + " exists";
    }
    return "CUDA device " + ordinal + ": " + advice + ". ONNX Runtime says: " + message;
  }
}
