package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The tensors of a small file, of safetensors or of {@code torch.save}. */
interface TensorFile extends Closeable {
  /** Elements that are decoded at a time. */
  int BLOCK = 1 << 14;

  Path file();

  Set<String> names();

  List<Long> shape(String name);

  DType dtype(String name);

  /** The elements' bytes as stored, little-endian; mapped where the file allows. */
  ByteBuffer bytes(String name) throws IOException;

  /**
   * Elements, row-major, widened or rounded to float, in native order and off the heap: where they
   * lie in a mapped file, if they are F32 there, else copied.
   */
  default FloatBuffer floats(String name) throws IOException {
    ByteBuffer bytes = bytes(name);
    DType dtype = dtype(name);
    if (dtype == DType.F32
        && bytes.isDirect()
        && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
      return bytes.asFloatBuffer();
    }
    int count = bytes.remaining() / dtype.bytes();
    FloatBuffer floats =
        ByteBuffer.allocateDirect(Math.multiplyExact(count, Float.BYTES))
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    float[] block = new float[Math.min(BLOCK, count)];
    for (int done = 0; done < count; done += BLOCK) {
      int some = Math.min(BLOCK, count - done);
      ElementCodec.decode(
          dtype, bytes.slice(done * dtype.bytes(), some * dtype.bytes()), block, 0, some);
      floats.put(block, 0, some);
    }
    return floats.flip();
  }

  /**
   * The safetensors file of a directory if there is one, else the pickle.
   *
   * @throws ModelFormatException if there is neither, or it is malformed
   */
  static TensorFile open(Path directory, String safetensors, String pickle) throws IOException {
    Path first = directory.resolve(safetensors);
    if (Files.exists(first)) {
      return new OfSafetensors(SafetensorsFile.read(first));
    }
    Path second = directory.resolve(pickle);
    if (Files.exists(second)) {
      return new OfPickle(second, TorchPickle.open(second));
    }
    throw new ModelFormatException(
        directory, "", "neither " + safetensors + " nor " + pickle + " is here");
  }

  /** Of safetensors. */
  record OfSafetensors(SafetensorsFile tensors) implements TensorFile {
    @Override
    public Path file() {
      return tensors.file();
    }

    @Override
    public Set<String> names() {
      return tensors.all().keySet();
    }

    @Override
    public List<Long> shape(String name) {
      return tensors.info(name).shape();
    }

    @Override
    public DType dtype(String name) {
      return tensors.info(name).dtype();
    }

    @Override
    public ByteBuffer bytes(String name) {
      return tensors.bytes(name);
    }

    @Override
    public void close() {}
  }

  /** Of {@code torch.save}. */
  record OfPickle(Path file, TorchPickle tensors) implements TensorFile {
    @Override
    public Set<String> names() {
      return tensors.tensors().keySet();
    }

    @Override
    public List<Long> shape(String name) {
      return tensors.tensor(name).shape();
    }

    @Override
    public DType dtype(String name) {
      return tensors.tensor(name).dtype();
    }

    @Override
    public ByteBuffer bytes(String name) throws IOException {
      return tensors.bytes(name);
    }

    @Override
    public void close() throws IOException {
      tensors.close();
    }
  }
}
