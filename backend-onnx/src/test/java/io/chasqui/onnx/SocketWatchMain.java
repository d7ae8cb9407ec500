package io.chasqui.onnx;

import io.chasqui.Device;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.checkpoint.ModelBundle;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Loads and runs a model while it looks for sockets: of Java by their factory and by the proxy
 * selector, of native code among the process's open files, all the time.
 */
final class SocketWatchMain {
  private static final Path OPEN_FILES = Path.of("/proc/self/fd");
  private static final Set<String> SEEN = new ConcurrentSkipListSet<>();
  private static volatile boolean over;

  private SocketWatchMain() {}

  public static void main(String[] args) throws Exception {
    watchJava();
    letTheJdkOpenItsOwn(Path.of(args[0], "config.json"));
    Set<String> before = openSockets();
    Thread watcher =
        new Thread(
            () -> {
              while (!over) {
                Set<String> now = openSockets();
                now.removeAll(before);
                SEEN.addAll(now);
              }
            });
    watcher.start();
    if (args.length > 1 && args[1].equals("open-one")) { // so that the watch is known to see
      new DatagramSocket().close();
      SocketChannel.open();
    }
    ModelBundle bundle = TestBundles.read(Path.of(args[0]));
    try (ModelSession session = OnnxBackend.load(bundle, Device.auto())) {
      session.encoder("repllama").encodePassages(OnnxBackendIT.passages(50, 200));
      session.scorer("rankllama").score("what", List.of(Passage.of("1", "that")));
      session.encoder("repllama").space();
    }
    over = true;
    watcher.join();
    Set<String> after = openSockets();
    after.removeAll(before);
    SEEN.addAll(after);
    System.out.println("sockets " + SEEN);
    System.exit(SEEN.isEmpty() ? 0 : 3);
  }

  /**
   * The JDK asks the kernel once for an IPv6 socket, to see whether it can, and makes a pair of
   * sockets with itself before the first file channel is closed.
   */
  private static void letTheJdkOpenItsOwn(Path anyFile) throws IOException {
    InetAddress.getLoopbackAddress();
    try (FileChannel channel = FileChannel.open(anyFile)) {
      channel.read(ByteBuffer.allocate(1));
    }
  }

  @SuppressWarnings("deprecation") // there is no other way to see every java.net.Socket
  private static void watchJava() throws IOException {
    Socket.setSocketImplFactory(
        () -> {
          SEEN.add("java.net.Socket");
          throw new IllegalStateException("no sockets here");
        });
    ProxySelector.setDefault(
        new ProxySelector() {
          @Override
          public List<Proxy> select(URI uri) {
            SEEN.add(uri.toString());
            return List.of(Proxy.NO_PROXY);
          }

          @Override
          public void connectFailed(URI uri, SocketAddress address, IOException e) {}
        });
  }

  private static Set<String> openSockets() {
    Set<String> sockets = new TreeSet<>();
    if (!Files.isDirectory(OPEN_FILES)) {
      return sockets; // no Linux: Java's sockets are watched still
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(OPEN_FILES)) {
      for (Path file : files) {
        target(file).filter(target -> target.startsWith("socket:")).ifPresent(sockets::add);
      }
    } catch (IOException | DirectoryIteratorException e) {
      return sockets; // closed while we looked
    }
    return sockets;
  }

  private static Optional<String> target(Path link) {
    try {
      return Optional.of(Files.readSymbolicLink(link).toString());
    } catch (IOException e) {
      return Optional.empty(); // closed while we looked
    }
  }
}
