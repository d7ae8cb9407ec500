package io.chasqui.onnx;

import java.util.concurrent.CountDownLatch;

/** Exits while something loads that takes longer than all other shutdown hooks. */
final class ExitWaitMain {
  private ExitWaitMain() {}

  public static void main(String[] args) throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch exiting = new CountDownLatch(1);
    Thread loader =
        new Thread(
            () ->
                ExitGuard.loading(
                    () -> {
                      begun.countDown();
                      awaitQuietly(exiting);
                      work();
                      System.out.println("loaded");
                      return "";
                    }));
    loader.setDaemon(true); // the JVM would not wait for it
    loader.start();
    begun.await();
    Runtime.getRuntime().addShutdownHook(new Thread(exiting::countDown));
    System.exit(0);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As long as a model loads. */
  private static void work() {
    try {
      Thread.sleep(500);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
