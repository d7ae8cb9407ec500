package io.chasqui.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A SHA-256 over parts that are told apart: no two different sequences of parts give the same
 * bytes. Parts stream through. Confined to one thread.
 */
public final class ContentDigest {
  private static final int BLOCK_BYTES = 1 << 20;

  private final MessageDigest digest = sha256();

  private ContentDigest() {}

  /** A digest of nothing yet. */
  public static ContentDigest create() {
    return new ContentDigest();
  }

  /** The SHA-256 of a file's bytes, in hexadecimal, as {@code sha256sum} prints it. */
  public static String ofFile(Path file) throws IOException {
    MessageDigest digest = sha256();
    update(digest, file);
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The SHA-256 over the names, types, shapes and bytes of all tensors, by name. */
  public static String ofTensors(Tensors tensors) throws IOException {
    ContentDigest digest = create();
    for (TensorInfo tensor : tensors.all().values()) {
      digest.add(tensor.name()).add(tensor.dtype().name()).add(tensor.shape().toString());
      digest.length(tensor.length());
      digest.digest.update(tensors.bytes(tensor.name()));
    }
    return digest.hex();
  }

  /** Adds a text. */
  public ContentDigest add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    length(bytes.length);
    digest.update(bytes);
    return this;
  }

  /** Adds a file's length and bytes, not its name. */
  public ContentDigest add(Path file) throws IOException {
    length(Files.size(file));
    update(digest, file);
    return this;
  }

  /** The digest of all that was added, 64 hexadecimal digits; starts over. */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }

  private void length(long length) {
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(length).flip());
  }

  private static void update(MessageDigest digest, Path file) throws IOException {
    byte[] block = new byte[BLOCK_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int count = in.read(block); count >= 0; count = in.read(block)) {
        digest.update(block, 0, count);
      }
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
