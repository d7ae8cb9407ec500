package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * An ONNX model that somebody exported: what it reads and gives, and the files that its weights lie
 * in. It was checked before native code sees it. Immutable.
 *
 * @param file the {@code .onnx}, links resolved
 * @param inputs of the graph
 * @param outputs of the graph
 * @param externalFiles with weights, beside it or below; each checked to be there
 * @param weights how large they are, and of which kind
 */
public record OnnxFile(
    Path file, List<Value> inputs, List<Value> outputs, List<Path> externalFiles, Weights weights) {
  /** {@code TensorProto.DataType} of float32. */
  public static final int FLOAT = 1;

  /** Of int32. */
  public static final int INT32 = 6;

  /** Of int64. */
  public static final int INT64 = 7;

  /** Of float16. */
  public static final int FLOAT16 = 10;

  /** A dimension that differs from call to call. */
  public static final long DYNAMIC = -1;

  public OnnxFile {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    externalFiles = List.copyOf(externalFiles);
  }

  /**
   * A tensor that goes in or comes out.
   *
   * @param elementType number of a {@code TensorProto.DataType}; 0 if the file doesn't say
   * @param dimensions {@link #DYNAMIC} where they differ; empty if the file doesn't say
   */
  public record Value(String name, int elementType, List<Long> dimensions) {
    public Value {
      dimensions = List.copyOf(dimensions);
    }
  }

  /**
   * What the weights need in memory.
   *
   * @param mappableBytes of those in external files, at 32 bit: what a copy of them in the kernels'
   *     layout adds. Tables of embeddings, which are read in place, are not counted, nor is what
   *     lies in the {@code .onnx} itself, which ONNX Runtime copies in any case
   * @param quantised whether layers compute with integers
   */
  public record Weights(long mappableBytes, boolean quantised) {}

  /**
   * Reads an ONNX file's structure, not its weights.
   *
   * @throws ModelFormatException if it is no ONNX model; if weights lie outside of its directory
   *     ({@code ..}, an absolute name, a symbolic or hard link), beyond the end of their file or
   *     nowhere; or if it needs operators of a foreign domain, which are native code of their own
   */
  public static OnnxFile read(Path file) throws IOException {
    return OnnxScan.scan(file);
  }

  /** The input of this name. */
  public Optional<Value> input(String name) {
    return inputs.stream().filter(value -> value.name().equals(name)).findAny();
  }

  /** The output of this name. */
  public Optional<Value> output(String name) {
    return outputs.stream().filter(value -> value.name().equals(name)).findAny();
  }
}
