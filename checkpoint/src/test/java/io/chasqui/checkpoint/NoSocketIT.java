package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;

/** DJL asks the network unless told not to, once per process: so a fresh one each time. */
class NoSocketIT {

  @Test
  void openingATokenizerAsksNobody() throws Exception {
    assertEquals("asked []", run(List.of()));
  }

  @Test
  void theWatchSeesWhatDjlAsksOtherwise() throws Exception {
    String asked = run(List.of("-Dai.djl.offline=false", "-DOPT_OUT_TRACKING=false"));
    assertTrue(asked.contains("http"), asked);
  }

  private static String run(List<String> options) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(options);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            Watched.class.getName(),
            TinyModel.directory().toString()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output.lines().filter(line -> line.startsWith("asked")).findFirst().orElse(output);
  }

  /** Opens a tokenizer under a proxy selector that notes who is asked, and lets nobody through. */
  public static final class Watched {
    private Watched() {}

    public static void main(String[] args) throws IOException {
      Set<String> asked = new ConcurrentSkipListSet<>();
      ProxySelector.setDefault(
          new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
              asked.add(uri.toString());
              throw new IllegalArgumentException("no connection in this test");
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException e) {}
          });
      try (JsonTokenizer tokenizer = JsonTokenizer.open(Path.of(args[0]))) {
        tokenizer.tokenize("text");
      } finally {
        System.out.println("asked " + asked);
      }
    }
  }
}
