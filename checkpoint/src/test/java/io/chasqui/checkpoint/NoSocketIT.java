package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Proxy;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Path;
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
    ChildJvm.Result child = ChildJvm.run(Watched.class, options, TinyModel.directory().toString());
    String output = child.output();
    assertEquals(0, child.exit(), output);
    return output.lines().filter(line -> line.startsWith("asked")).findFirst().orElse(output);
  }

  /** Opens a tokenizer in a process where web addresses are noted and lead nowhere. */
  public static final class Watched {
    private Watched() {}

    public static void main(String[] args) throws IOException {
      Set<String> asked = new ConcurrentSkipListSet<>();
      URL.setURLStreamHandlerFactory(
          protocol -> protocol.startsWith("http") ? new Noting(asked) : null);
      try (JsonTokenizer tokenizer = JsonTokenizer.open(Path.of(args[0]))) {
        tokenizer.tokenize("text");
      } finally {
        System.out.println("asked " + asked);
      }
    }
  }

  private static final class Noting extends URLStreamHandler {
    private final Set<String> asked;

    Noting(Set<String> asked) {
      this.asked = asked;
    }

    @Override
    protected URLConnection openConnection(URL url) throws IOException {
      asked.add(url.toString());
      throw new IOException("no connection in this test");
    }

    @Override
    protected URLConnection openConnection(URL url, Proxy proxy) throws IOException {
      return openConnection(url);
    }
  }
}
