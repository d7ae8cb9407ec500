package io.chasqui.onnx;

import io.chasqui.Device;
import io.chasqui.ModelSession;
import io.chasqui.checkpoint.ModelBundle;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** Exits while a session loads, or while it runs. */
final class ExitRaceMain {
  private ExitRaceMain() {}

  public static void main(String[] args) throws Exception {
    ModelBundle bundle = TestBundles.read(Path.of(args[0]));
    boolean whileLoading = args[1].equals("load");
    NativeRuntime.environment(Optional.empty());
    CountDownLatch begun = new CountDownLatch(1);
    Thread user =
        new Thread(
            () -> {
              try {
                while (true) {
                  if (whileLoading) {
                    begun.countDown();
                  }
                  try (ModelSession session =
                      OnnxBackend.load(
                          bundle,
                          Device.cpu(2),
                          OnnxOptions.defaults().withWeights(OnnxOptions.Weights.COPIED))) {
                    while (!whileLoading) {
                      begun.countDown();
                      session.encoder("repllama").encodePassages(OnnxBackendIT.passages(9, 400));
                    }
                  }
                }
              } catch (Exception e) {
                System.out.println("ended by " + e);
              }
            });
    user.setDaemon(true);
    user.start();
    begun.await();
    Thread.sleep(Integer.parseInt(args[2])); // any moment will do
    System.exit(0);
  }
}
