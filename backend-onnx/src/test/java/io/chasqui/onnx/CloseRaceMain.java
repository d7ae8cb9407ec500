package io.chasqui.onnx;

import io.chasqui.Device;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.checkpoint.ModelBundle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Closes sessions while eight threads use them, as often as told. */
final class CloseRaceMain {
  private static final int THREADS = 8;

  private CloseRaceMain() {}

  public static void main(String[] args) throws Exception {
    ModelBundle bundle = TestBundles.read(Path.of(args[0]));
    int cycles = Integer.parseInt(args[1]);
    OnnxOptions options =
        OnnxOptions.defaults().withBatching(OnnxOptions.Batching.valueOf(args[2]));
    Random random = new Random(11);
    AtomicInteger calls = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    for (int cycle = 0; cycle < cycles; cycle++) {
      ModelSession session = OnnxBackend.load(bundle, Device.cpu(2), options);
      Encoder encoder = session.encoder("repllama");
      CountDownLatch started = new CountDownLatch(THREADS);
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        Thread thread =
            new Thread(
                () -> {
                  started.countDown();
                  try {
                    while (true) {
                      encoder.encodePassages(OnnxBackendIT.passages(5, 200));
                      calls.incrementAndGet();
                    }
                  } catch (IllegalStateException closed) {
                    refused.incrementAndGet();
                  }
                });
        thread.start();
        threads.add(thread);
      }
      started.await();
      Thread.sleep(random.nextInt(40)); // any moment will do
      session.close();
      for (Thread thread : threads) {
        thread.join();
      }
    }
    if (refused.get() != cycles * THREADS) {
      throw new AssertionError(refused + " threads were refused");
    }
    System.out.println("closed " + cycles + " times, " + calls + " calls");
  }
}
