package io.chasqui.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Reads the nodes of our graphs back, with the element types of what they read. */
final class GraphNodes {
  private static final int MODEL_GRAPH = 7;

  private final Map<String, OnnxType> types = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  /**
   * A node.
   *
   * @param operator "Gemm", "FastGelu (com.microsoft)"
   * @param inputs types; empty for one that is absent
   */
  record Node(String operator, List<Optional<OnnxType>> inputs) {}

  /** All nodes of a model that {@link OnnxGraph} wrote. */
  static List<Node> of(byte[] model) {
    GraphNodes read = new GraphNodes();
    for (Field field : fields(ByteBuffer.wrap(model))) {
      if (field.number() == MODEL_GRAPH) {
        read.graph(field.bytes());
      }
    }
    return read.nodes;
  }

  private void graph(ByteBuffer graph) {
    List<Field> fields = fields(graph);
    for (Field field : fields) {
      if (field.number() == 5) { // a constant
        define(text(field, 8), number(field, 2));
      } else if (field.number() == 11) { // an input: name, type, tensor type, element type
        define(text(field, 1), number(message(message(field, 2), 1), 1));
      }
    }
    fields.stream().filter(field -> field.number() == 1).forEach(this::node);
  }

  private void define(String name, long type) {
    for (OnnxType each : OnnxType.values()) {
      if (each.number() == type) {
        types.put(name, each);
      }
    }
  }

  private void node(Field node) {
    List<Optional<OnnxType>> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    Optional<Long> castTo = Optional.empty();
    for (Field field : fields(node.bytes())) {
      switch (field.number()) {
        case 1 -> {
          String name = text(field);
          inputs.add(
              name.isEmpty()
                  ? Optional.empty()
                  : Optional.of(Objects.requireNonNull(types.get(name), name)));
        }
        case 2 -> outputs.add(text(field));
        case 5 -> {
          if (text(field, 1).equals("to")) {
            castTo = Optional.of(number(field, 3));
          }
        }
        default -> {}
      }
    }
    String operator = text(node, 4);
    String domain = text(node, 7);
    nodes.add(new Node(domain.isEmpty() ? operator : operator + " (" + domain + ")", inputs));
    OnnxType first = inputs.get(0).orElseThrow();
    for (String output : outputs) {
      switch (operator) {
        case "Cast" -> define(output, castTo.orElseThrow());
        case "Shape" -> types.put(output, OnnxType.INT64);
        case "GreaterOrEqual", "LessOrEqual", "Equal", "And" -> types.put(output, OnnxType.BOOL);
        case "Where", "RMSNormalization" -> types.put(output, inputs.get(1).orElseThrow());
        default -> types.put(output, first);
      }
    }
  }

  /** A field of a message: a number, or bytes. */
  private record Field(int number, long value, ByteBuffer bytes) {}

  private static List<Field> fields(ByteBuffer message) {
    ByteBuffer in = message.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    List<Field> fields = new ArrayList<>();
    while (in.hasRemaining()) {
      int key = (int) varint(in);
      int number = key >>> 3;
      switch (key & 7) {
        case 0 -> fields.add(new Field(number, varint(in), ByteBuffer.allocate(0)));
        case 2 -> {
          int size = (int) varint(in);
          fields.add(new Field(number, 0, in.slice(in.position(), size)));
          in.position(in.position() + size);
        }
        case 5 -> fields.add(new Field(number, in.getInt(), ByteBuffer.allocate(0)));
        default -> throw new AssertionError("wire type of " + key);
      }
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static Optional<Field> find(Field message, int number) {
    return fields(message.bytes()).stream().filter(field -> field.number() == number).findFirst();
  }

  private static Field message(Field message, int number) {
    return find(message, number).orElseThrow();
  }

  private static long number(Field message, int number) {
    return message(message, number).value();
  }

  private static String text(Field message, int number) {
    return find(message, number).map(GraphNodes::text).orElse("");
  }

  private static String text(Field field) {
    return StandardCharsets.UTF_8.decode(field.bytes().duplicate()).toString();
  }
}
