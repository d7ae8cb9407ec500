package io.chasqui.onnx;

import io.chasqui.Device;
import io.chasqui.ModelSession;
import io.chasqui.checkpoint.ModelBundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * Exits while a session loads, be it the first or a later one, or while it runs, its calls apart or
 * joined.
 */
final class ExitRaceMain {
  private static volatile boolean exiting;

  private ExitRaceMain() {}

  public static void main(String[] args) throws Exception {
    ModelBundle bundle = TestBundles.read(Path.of(args[0]));
    NativeRuntime.environment(Optional.empty());
    if (!args[1].equals("first")) {
      load(bundle, OnnxOptions.Batching.APART)
          .close(); // exiting while loads fail would prove nothing
    }
    boolean joined = args[1].equals("joined");
    boolean whileRunning = joined || args[1].equals("run");
    OnnxOptions.Batching batching =
        joined ? OnnxOptions.Batching.DYNAMIC : OnnxOptions.Batching.APART;
    CountDownLatch begun = new CountDownLatch(1);
    Thread user = new Thread(() -> use(bundle, batching, whileRunning, begun));
    user.setUncaughtExceptionHandler(
        (thread, failure) -> {
          failure.printStackTrace(System.out);
          if (!exiting) {
            System.exit(4);
          }
        });
    user.setDaemon(true);
    user.start();
    begun.await();
    Thread.sleep(Integer.parseInt(args[2])); // any moment will do
    exiting = true;
    System.exit(0);
  }

  private static void use(
      ModelBundle bundle,
      OnnxOptions.Batching batching,
      boolean whileRunning,
      CountDownLatch begun) {
    while (true) {
      if (!whileRunning) {
        begun.countDown();
      }
      try (ModelSession session = load(bundle, batching)) {
        while (whileRunning) {
          begun.countDown();
          session.encoder("repllama").encodePassages(OnnxBackendIT.passages(9, 400));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static ModelSession load(ModelBundle bundle, OnnxOptions.Batching batching)
      throws IOException {
    return OnnxBackend.load(
        bundle,
        Device.cpu(2),
        OnnxOptions.defaults().withWeights(OnnxOptions.Weights.COPIED).withBatching(batching));
  }
}
