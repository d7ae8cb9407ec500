package io.chasqui.checkpoint;

import io.chasqui.checkpoint.LoraAdapter.Saved;
import io.chasqui.checkpoint.LoraAdapter.Update;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;

/**
 * SHA-256 over contents, as 64 hexadecimal digits. Equal numbers give equal fingerprints, however
 * they are spread over files: shards, file headers and adapter formats don't matter, dtypes do.
 */
final class Fingerprints {
  private static final int CHUNK_FLOATS = 1 << 14;

  private Fingerprints() {}

  /** Over all tensors: name, dtype, shape, bytes. Reads every byte once, with all cores. */
  static String of(Tensors tensors) throws IOException {
    List<String> parts;
    try {
      parts = tensors.all().values().parallelStream().map(info -> tensor(tensors, info)).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    MessageDigest digest = sha256();
    parts.forEach(part -> text(digest, part));
    return hex(digest);
  }

  private static String tensor(Tensors tensors, TensorInfo info) {
    MessageDigest digest = sha256();
    text(digest, info.name());
    text(digest, info.dtype().name());
    text(digest, info.shape().toString());
    try {
      digest.update(tensors.bytes(info.name()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return hex(digest);
  }

  /** Over an adapter as it acts: modules, ranks, scales, values. */
  static String of(LoraAdapter adapter) {
    MessageDigest digest = sha256();
    adapter
        .modules()
        .forEach(
            (module, update) -> {
              text(digest, module + " " + update.rank() + " " + update.scale());
              update(digest, update);
            });
    new TreeMap<>(adapter.saved())
        .forEach(
            (name, saved) -> {
              text(digest, name + " " + saved.rows() + " " + saved.columns());
              saved(digest, saved);
            });
    return hex(digest);
  }

  private static void update(MessageDigest digest, Update update) {
    floats(digest, update.a());
    floats(digest, update.b());
  }

  private static void saved(MessageDigest digest, Saved saved) {
    floats(digest, FloatBuffer.wrap(saved.values()));
  }

  /** Over layers as they act: sizes, activations, values. */
  static String of(List<DenseLayer> layers) {
    MessageDigest digest = sha256();
    for (DenseLayer layer : layers) {
      text(digest, layer.in() + " " + layer.out() + " " + layer.activation());
      floats(digest, layer.weight());
      layer.bias().ifPresent(bias -> floats(digest, bias));
    }
    return hex(digest);
  }

  /** Over a file's bytes. */
  static String of(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    }
    return hex(digest);
  }

  /** Over a text. */
  static String of(String text) {
    MessageDigest digest = sha256();
    text(digest, text);
    return hex(digest);
  }

  private static void text(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
    digest.update(bytes);
  }

  private static void floats(MessageDigest digest, FloatBuffer values) {
    ByteBuffer chunk =
        ByteBuffer.allocate(CHUNK_FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (values.hasRemaining()) {
      int count = Math.min(CHUNK_FLOATS, values.remaining());
      chunk.clear();
      chunk.asFloatBuffer().put(values.slice(values.position(), count));
      values.position(values.position() + count);
      digest.update(chunk.limit(count * Float.BYTES));
    }
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
