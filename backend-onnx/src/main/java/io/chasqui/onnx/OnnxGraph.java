package io.chasqui.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * An ONNX graph being written. Nodes stand in the order in which they are added; each may read only
 * what stands before it, so that a wrong name fails here and not in native code. Confined to one
 * thread.
 *
 * <p>Field numbers are those of {@code onnx.proto}.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>
 */
final class OnnxGraph {
  /** The first with Attention and RMSNormalization. */
  static final int OPSET = 23;

  /** Domain of ONNX Runtime's own operators. */
  static final String MICROSOFT = "com.microsoft";

  /** The first with opset 23. */
  private static final int IR_VERSION = 11;

  /** ONNX Runtime 1.23.0, which computes grouped queries wrongly, does not load this one. */
  static final int EXPORTED_IR_VERSION = 12;

  private static final int DATA_LOCATION_EXTERNAL = 1;

  private final Protobuf body = new Protobuf();
  private final Set<String> known = new HashSet<>();
  private final Set<String> inputs = new LinkedHashSet<>();
  private final Set<String> derived = new HashSet<>();
  private final UnaryOperator<External> places;
  private final UnaryOperator<String> outputNames;
  private final int irVersion;
  private int unnamed;

  /** A graph as this library runs it. */
  OnnxGraph() {
    this(UnaryOperator.identity(), UnaryOperator.identity(), IR_VERSION);
  }

  /**
   * A graph for others.
   *
   * @param places where constants will lie, from where they lie now
   * @param outputNames what outputs are called, from what they are called here
   */
  OnnxGraph(UnaryOperator<External> places, UnaryOperator<String> outputNames) {
    this(places, outputNames, EXPORTED_IR_VERSION);
  }

  private OnnxGraph(
      UnaryOperator<External> places, UnaryOperator<String> outputNames, int irVersion) {
    this.places = places;
    this.outputNames = outputNames;
    this.irVersion = irVersion;
  }

  /** A constant's bytes in a file. */
  record External(String name, String location, long offset, long length) {}

  /**
   * A graph input.
   *
   * @param dimensions a number for a fixed one, else a symbol
   */
  String input(String name, OnnxType type, Object... dimensions) {
    if (derived.contains(name)) {
      return name;
    }
    body.message(11, valueInfo(define(name), type, dimensions));
    inputs.add(name);
    return name;
  }

  /** Computes what would be an input: asked for later, it is no input any more. */
  void derive(String input, String x) {
    derived.add(named(input, x));
  }

  /** Marks a tensor as graph output. */
  void output(String name, OnnxType type, Object... dimensions) {
    requireKnown(name);
    String outside = outputNames.apply(name);
    if (!outside.equals(name)) {
      named(outside, name);
    }
    body.message(12, valueInfo(outside, type, dimensions));
  }

  /** A constant vector of int64. */
  String constant(String name, long... values) {
    byte[] raw = new byte[values.length * Long.BYTES];
    littleEndian(raw).asLongBuffer().put(values);
    return constant(name, OnnxType.INT64, raw, values.length);
  }

  /** A constant float scalar. */
  String scalar(String name, float value) {
    return constant(name, new float[] {value});
  }

  /** A constant scalar of a type that graphs compute in. */
  String scalar(String name, float value, ComputeType type) {
    return constant(name, type.onnx(), type.encode(value));
  }

  /** A constant float tensor; for small ones, since it is copied. */
  String constant(String name, float[] values, long... shape) {
    byte[] raw = new byte[values.length * Float.BYTES];
    littleEndian(raw).asFloatBuffer().put(values);
    return constant(name, OnnxType.FLOAT, raw, shape);
  }

  /** A constant tensor of any type, from its little-endian bytes, which are copied. */
  String constant(String name, OnnxType type, byte[] raw, long... shape) {
    body.message(5, tensor(define(name), type, shape).bytes(9, raw));
    return name;
  }

  /**
   * A constant that lies in a file.
   *
   * @param location path relative to the folder that the session is told
   */
  String external(
      String name, OnnxType type, List<Long> shape, String location, long offset, long length) {
    External place = places.apply(new External(name, location, offset, length));
    long[] dimensions = shape.stream().mapToLong(Long::longValue).toArray();
    Protobuf tensor =
        tensor(define(name), type, dimensions)
            .message(13, entry("location", place.location()))
            .message(13, entry("offset", Long.toString(place.offset())))
            .message(13, entry("length", Long.toString(place.length())))
            .int64(14, DATA_LOCATION_EXTERNAL);
    body.message(5, tensor);
    return name;
  }

  /** A node of the standard domain with one output, which gets a name of its own. */
  String node(String operator, List<String> inputs, Attribute... attributes) {
    return node("", operator, inputs, attributes);
  }

  /** A node with one output, which gets a name of its own. */
  String node(String domain, String operator, List<String> inputs, Attribute... attributes) {
    return node(domain, operator, inputs, List.of(true), attributes).get(0);
  }

  /**
   * A node.
   *
   * @param domain "" for the standard operators
   * @param inputs names defined before; "" for an absent optional one
   * @param wanted which of its outputs are
   * @return names of the wanted outputs
   */
  List<String> node(
      String domain,
      String operator,
      List<String> inputs,
      List<Boolean> wanted,
      Attribute... attributes) {
    inputs.stream().filter(input -> !input.isEmpty()).forEach(this::requireKnown);
    Protobuf node = new Protobuf();
    inputs.forEach(input -> node.string(1, input));
    String name = operator + "_" + unnamed++;
    List<String> names = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      if (wanted.get(i)) {
        names.add(define(i == 0 ? name : name + "_" + i));
        node.string(2, names.get(names.size() - 1));
      } else {
        node.string(2, "");
      }
    }
    node.string(3, name).string(4, operator);
    for (Attribute attribute : attributes) {
      node.message(5, attribute.toProtobuf());
    }
    body.message(1, node.string(7, domain));
    return names;
  }

  /** The same elements in another type. */
  String cast(String x, OnnxType type) {
    return node("Cast", List.of(x), new Attribute.Int("to", type.number()));
  }

  /** A tensor under a name of the caller's choice. */
  String named(String name, String x) {
    requireKnown(x);
    Protobuf node = new Protobuf().string(1, x).string(2, define(name)).string(3, name);
    body.message(1, node.string(4, "Identity").string(7, ""));
    return name;
  }

  /** Names of the graph's inputs. */
  Set<String> inputs() {
    return Set.copyOf(inputs);
  }

  boolean defines(String name) {
    return known.contains(name);
  }

  /** The whole as a {@code ModelProto}. */
  byte[] toModel(String producer) {
    return new Protobuf()
        .int64(1, irVersion)
        .string(2, producer)
        .message(7, body.string(2, "graph"))
        .message(8, new Protobuf().string(1, "").int64(2, OPSET))
        .message(8, new Protobuf().string(1, MICROSOFT).int64(2, 1))
        .toBytes();
  }

  private String define(String name) {
    if (name.isEmpty() || !known.add(name)) {
      throw new IllegalStateException("tensor defined twice or without a name: '" + name + "'");
    }
    return name;
  }

  private void requireKnown(String name) {
    if (!known.contains(name)) {
      throw new IllegalStateException("no such tensor so far: '" + name + "'");
    }
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Protobuf tensor(String name, OnnxType type, long... shape) {
    Protobuf tensor = new Protobuf();
    for (long dimension : shape) {
      tensor.int64(1, dimension);
    }
    return tensor.int64(2, type.number()).string(8, name);
  }

  private static Protobuf entry(String key, String value) {
    return new Protobuf().string(1, key).string(2, value);
  }

  private static Protobuf valueInfo(String name, OnnxType type, Object... dimensions) {
    Protobuf shape = new Protobuf();
    for (Object dimension : dimensions) {
      shape.message(
          1,
          dimension instanceof Number size
              ? new Protobuf().int64(1, size.longValue())
              : new Protobuf().string(2, dimension.toString()));
    }
    Protobuf tensorType = new Protobuf().int64(1, type.number()).message(2, shape);
    return new Protobuf().string(1, name).message(2, new Protobuf().message(1, tensorType));
  }

  /** A named constant of a node. */
  sealed interface Attribute {
    Protobuf toProtobuf();

    record Int(String name, long value) implements Attribute {
      @Override
      public Protobuf toProtobuf() {
        return new Protobuf().string(1, name).int64(3, value).int64(20, 2);
      }
    }

    @SuppressWarnings("ArrayRecordComponent") // written once, compared by nobody
    record Ints(String name, long... values) implements Attribute {
      @Override
      public Protobuf toProtobuf() {
        Protobuf attribute = new Protobuf().string(1, name);
        for (long value : values) {
          attribute.int64(8, value);
        }
        return attribute.int64(20, 7);
      }
    }

    record Text(String name, String value) implements Attribute {
      @Override
      public Protobuf toProtobuf() {
        return new Protobuf().string(1, name).string(4, value).int64(20, 3);
      }
    }

    record Real(String name, double value) implements Attribute {
      @Override
      public Protobuf toProtobuf() {
        return new Protobuf().string(1, name).float32(2, (float) value).int64(20, 1);
      }
    }
  }
}
