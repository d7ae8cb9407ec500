package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.PickleMachine.PickledTensor;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The tensors of a state dict that {@code torch.save} wrote (a zip with a pickle in it), read
 * without running anything: the pickle may name the few globals that rebuild plain tensors, any
 * other is refused. Confined to one thread; nothing is read before it is asked for.
 *
 * @see <a href="https://github.com/pytorch/pytorch/blob/main/torch/serialization.py">torch.save</a>
 */
final class TorchPickle implements Closeable {
  static final String ADVICE =
      "; convert the file to safetensors in a Python that trusts it"
          + " (safetensors.torch.save_file(torch.load(f, weights_only=True), ...))";

  /** A state dict of a thousand tensors has about 100 kB. */
  private static final int MAX_PICKLE_BYTES = 16 << 20;

  private static final int MAX_ENTRIES = 65_535;
  private static final String PICKLE = "/data.pkl";

  private final Path file;
  private final ZipFile zip;
  private final String root;
  private final Map<String, PickledTensor> tensors;

  private TorchPickle(Path file, ZipFile zip, String root, Map<String, PickledTensor> tensors) {
    this.file = file;
    this.zip = zip;
    this.root = root;
    this.tensors = tensors;
  }

  /**
   * Reads the pickle and checks every tensor against its storage.
   *
   * @throws ModelFormatException if the file is of another kind, malformed, or names a global that
   *     is not on the list
   */
  static TorchPickle open(Path file) throws IOException {
    requireTorchZip(file);
    ZipFile zip;
    try {
      zip = new ZipFile(file.toFile());
    } catch (ZipException | EOFException | IllegalArgumentException e) {
      throw new ModelFormatException(file, "", "damaged zip: " + e.getMessage(), e);
    }
    try {
      String root = entriesRoot(file, zip);
      byte[] pickle = read(file, zip, root + PICKLE, 0, MAX_PICKLE_BYTES);
      Map<String, PickledTensor> tensors = new TreeMap<>(new PickleMachine(file, pickle).run());
      TorchPickle opened = new TorchPickle(file, zip, root, tensors);
      opened.requireStorages();
      return opened;
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  private static void requireTorchZip(Path file) throws IOException {
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(512);
    }
    String kind = FileKind.of(start);
    if (!kind.equals(FileKind.ZIP)) {
      throw new ModelFormatException(
          file, "", "expected a zip as torch.save writes it, found " + kind + ADVICE);
    }
    ZipDirectory.requireModest(file);
  }

  /** Looks at all entries; some damages the JDK meets only then. */
  private static String entriesRoot(Path file, ZipFile zip) {
    try {
      return root(file, zip);
    } catch (IllegalArgumentException e) { // a name or comment that is not UTF-8
      throw new ModelFormatException(file, "", "damaged zip: " + e.getMessage(), e);
    }
  }

  private static String root(Path file, ZipFile zip) {
    if (zip.size() > MAX_ENTRIES) {
      throw new ModelFormatException(file, "", zip.size() + " zip entries");
    }
    Optional<String> root = Optional.empty();
    long total = 0;
    Enumeration<? extends ZipEntry> entries = zip.entries();
    while (entries.hasMoreElements()) {
      ZipEntry entry = entries.nextElement();
      String name = entry.getName();
      if (entry.getMethod() != ZipEntry.STORED || entry.getSize() != entry.getCompressedSize()) {
        throw new ModelFormatException(
            file, JsonFields.cut(name), "compressed; torch.save stores plainly" + ADVICE);
      }
      total += entry.getSize();
      if (entry.getSize() < 0 || total < 0 || total > file.toFile().length()) {
        throw new ModelFormatException(
            file, JsonFields.cut(name), "zip entries are larger than the file");
      }
      if (name.endsWith("/constants.pkl")) {
        throw new ModelFormatException(
            file, "", "a TorchScript program, not a state dict" + ADVICE);
      }
      if (name.endsWith(PICKLE) && name.indexOf('/') == name.length() - PICKLE.length()) {
        if (root.isPresent()) {
          throw new ModelFormatException(file, "", "two data.pkl in it");
        }
        root = Optional.of(name.substring(0, name.length() - PICKLE.length()));
      }
    }
    return root.orElseThrow(
        () -> new ModelFormatException(file, "", "a zip without data.pkl, not of torch.save"));
  }

  private static byte[] read(Path file, ZipFile zip, String name, long offset, long most)
      throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new ModelFormatException(file, JsonFields.cut(name), "no such zip entry");
    }
    long length = Math.min(most, entry.getSize() - offset);
    if (offset == 0 && most == MAX_PICKLE_BYTES && entry.getSize() > most) {
      throw new ModelFormatException(file, name, "larger than " + most + " bytes");
    }
    try (InputStream in = zip.getInputStream(entry)) {
      in.skipNBytes(offset);
      byte[] bytes = in.readNBytes((int) length);
      if (bytes.length != length) {
        throw new ModelFormatException(file, name, "cut short");
      }
      return bytes;
    } catch (ZipException | EOFException e) {
      throw new ModelFormatException(file, JsonFields.cut(name), "damaged zip", e);
    }
  }

  private void requireStorages() throws IOException {
    ZipEntry order = zip.getEntry(root + "/byteorder");
    if (order != null) {
      String name = new String(read(file, zip, order.getName(), 0, 16), StandardCharsets.US_ASCII);
      if (!name.equals("little")) {
        throw new ModelFormatException(file, "byteorder", "\"" + name + "\" is not supported");
      }
    }
    // Views may share a storage, but a small file must not unfold into a large heap.
    long budget = 4 * file.toFile().length() + (1 << 20);
    for (var named : tensors.entrySet()) {
      PickledTensor tensor = named.getValue();
      String storage = storageName(tensor);
      ZipEntry entry = zip.getEntry(storage);
      long bytes = tensor.storageElements() * tensor.dtype().bytes();
      if (entry == null || entry.getSize() != bytes) {
        throw new ModelFormatException(
            file,
            named.getKey(),
            "storage %s has %s bytes, expected %d"
                .formatted(JsonFields.cut(storage), entry == null ? "no" : entry.getSize(), bytes));
      }
      budget -= (tensor.elements() + tensor.span()) * tensor.dtype().bytes();
      if (budget < 0) {
        throw new ModelFormatException(
            file, named.getKey(), "tensors share storages so much that they outgrow the file");
      }
    }
  }

  private String storageName(PickledTensor tensor) {
    return root + "/data/" + tensor.storageKey();
  }

  /** By key of the state dict. */
  Map<String, PickledTensor> tensors() {
    return tensors;
  }

  PickledTensor tensor(String name) {
    return Optional.ofNullable(tensors.get(name))
        .orElseThrow(() -> new ModelFormatException(file, name, "no such tensor"));
  }

  /** A tensor's elements, row-major without gaps, little-endian. */
  ByteBuffer bytes(String name) throws IOException {
    PickledTensor tensor = tensor(name);
    int size = tensor.dtype().bytes();
    if (tensor.elements() == 0) {
      return ByteBuffer.allocate(0).order(ByteOrder.LITTLE_ENDIAN);
    }
    if ((tensor.elements() + tensor.span()) * size > Integer.MAX_VALUE - 8) {
      throw new ModelFormatException(file, name, "tensors of 2 GiB or more do not fit one buffer");
    }
    byte[] span =
        read(file, zip, storageName(tensor), tensor.offset() * size, tensor.span() * size);
    if (tensor.isContiguous()) {
      return ByteBuffer.wrap(span).order(ByteOrder.LITTLE_ENDIAN);
    }
    byte[] target = new byte[(int) tensor.elements() * size];
    long[] index = new long[tensor.shape().size()];
    for (int done = 0; done < target.length; done += size) {
      long at = 0;
      for (int d = 0; d < index.length; d++) {
        at += index[d] * tensor.strides().get(d);
      }
      System.arraycopy(span, (int) at * size, target, done, size);
      advance(index, tensor.shape());
    }
    return ByteBuffer.wrap(target).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void advance(long[] index, List<Long> shape) {
    for (int d = index.length - 1; d >= 0; d--) {
      index[d]++;
      if (index[d] < shape.get(d)) {
        return;
      }
      index[d] = 0;
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
