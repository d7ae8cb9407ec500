package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The tensors of an adapter directory, whichever file holds them. */
interface AdapterTensors extends Closeable {
  String SAFETENSORS = "adapter_model.safetensors";
  String PICKLE = "adapter_model.bin";

  Path file();

  Set<String> names();

  List<Long> shape(String name);

  DType dtype(String name);

  /** Elements, row-major, widened or rounded to float. */
  float[] floats(String name) throws IOException;

  /** The safetensors file if there is one, else the pickle. */
  static AdapterTensors open(Path directory) throws IOException {
    Path safetensors = directory.resolve(SAFETENSORS);
    if (Files.exists(safetensors)) {
      return new OfSafetensors(SafetensorsFile.read(safetensors));
    }
    Path pickle = directory.resolve(PICKLE);
    if (Files.exists(pickle)) {
      return new OfPickle(pickle, TorchPickle.open(pickle));
    }
    throw new ModelFormatException(
        directory, "", "neither " + SAFETENSORS + " nor " + PICKLE + " is here");
  }

  /** Out of {@value #SAFETENSORS}. */
  record OfSafetensors(SafetensorsFile tensors) implements AdapterTensors {
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
    public float[] floats(String name) {
      return tensors.floats(name);
    }

    @Override
    public void close() {}
  }

  /** Out of {@value #PICKLE}. */
  record OfPickle(Path file, TorchPickle tensors) implements AdapterTensors {
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
    public float[] floats(String name) throws IOException {
      ByteBuffer bytes = tensors.bytes(name);
      DType dtype = dtype(name);
      float[] values = new float[bytes.remaining() / dtype.bytes()];
      ElementCodec.decode(dtype, bytes, values, 0, values.length);
      return values;
    }

    @Override
    public void close() throws IOException {
      tensors.close();
    }
  }
}
