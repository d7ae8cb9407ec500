package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Goes through an ONNX file, every graph in it, before ONNX Runtime does. Field numbers are those
 * of {@code onnx.proto}.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>
 */
final class OnnxScan {
  /** Whose operators come with ONNX Runtime. */
  private static final Set<String> DOMAINS = Set.of("", "ai.onnx", "ai.onnx.ml", "com.microsoft");

  /** Operators that read files or run code which the model names. */
  private static final Set<String> REFUSED_OPERATORS = Set.of("EPContext", "PyOp");

  private static final int MAX_DEPTH = 32;
  private static final int EXTERNAL = 1;

  private final Path file;
  private final ExternalData external;
  private final List<Node> nodes = new ArrayList<>();
  private final Set<Node> functions = new HashSet<>();
  private final List<OnnxFile.Value> inputs = new ArrayList<>();
  private final List<OnnxFile.Value> outputs = new ArrayList<>();
  private final Set<String> initializers = new HashSet<>();
  private final GraphWeightCount weights = new GraphWeightCount();
  private boolean hasGraph;

  private record Node(String domain, String operator) {}

  private OnnxScan(Path file) {
    this.file = file;
    this.external = new ExternalData(file);
  }

  static OnnxFile scan(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    if (!Files.isRegularFile(file)) {
      throw new ModelFormatException(file, "", "is no file");
    }
    OnnxScan scan = new OnnxScan(file);
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new ModelFormatException(
            file, "", "has " + channel.size() + " bytes; no protobuf message has more than 2 GiB");
      }
      ByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      scan.model(new ProtobufReader(bytes));
    } catch (ProtobufReader.Malformed e) {
      throw new ModelFormatException(file, "", "is no ONNX model: " + e.getMessage(), e);
    }
    return scan.result();
  }

  private OnnxFile result() throws IOException {
    if (!hasGraph) {
      throw new ModelFormatException(file, "", "is no ONNX model: there is no graph in it");
    }
    TreeSet<String> foreign = new TreeSet<>();
    for (Node node : nodes) {
      if (REFUSED_OPERATORS.contains(node.operator())) {
        throw new ModelFormatException(
            file, node.operator(), "is an operator that reads files or runs code; it is refused");
      }
      if (!DOMAINS.contains(node.domain()) && !functions.contains(node)) {
        foreign.add(node.domain() + ":" + node.operator());
      }
    }
    if (!foreign.isEmpty()) {
      throw new ModelFormatException(
          file,
          foreign.first(),
          "operators of foreign domains are native code of their own and are refused: "
              + MessageLists.of(List.copyOf(foreign)));
    }
    inputs.removeIf(input -> initializers.contains(input.name())); // listed there by old exporters
    List<Path> files = external.files();
    return new OnnxFile(file.toRealPath(), inputs, outputs, files, weights.result(files));
  }

  private void model(ProtobufReader model) {
    while (model.next()) {
      switch (model.field()) {
        case 7 -> {
          hasGraph = true;
          graph(model.message(), 0);
        }
        case 20 -> throw new ModelFormatException(file, "training_info", "is not supported");
        case 25 -> function(model.message());
        default -> {} // versions, names, metadata
      }
    }
  }

  private void graph(ProtobufReader graph, int depth) {
    requireDepth(depth);
    while (graph.next()) {
      switch (graph.field()) {
        case 1 -> node(graph.message(), depth);
        case 5 -> {
          String name = tensor(graph.message());
          if (depth == 0) {
            initializers.add(name);
          }
        }
        case 11 -> {
          if (depth == 0) {
            inputs.add(value(graph.message()));
          }
        }
        case 12 -> {
          if (depth == 0) {
            outputs.add(value(graph.message()));
          }
        }
        case 15 -> sparseTensor(graph.message());
        default -> {} // names, shapes of values in between
      }
    }
  }

  private void function(ProtobufReader function) {
    String name = "";
    String domain = "";
    while (function.next()) {
      switch (function.field()) {
        case 1 -> name = function.string();
        case 7 -> node(function.message(), 0);
        case 10 -> domain = function.string();
        case 11 -> attribute(function.message(), 0); // a default value
        default -> {} // names of inputs and outputs
      }
    }
    functions.add(new Node(domain, name));
  }

  private void node(ProtobufReader node, int depth) {
    String operator = "";
    String domain = "";
    String firstInput = "";
    boolean hasInput = false;
    while (node.next()) {
      switch (node.field()) {
        case 1 -> {
          firstInput = hasInput ? firstInput : node.string();
          hasInput = true;
        }
        case 4 -> operator = node.string();
        case 5 -> attribute(node.message(), depth);
        case 7 -> domain = node.string();
        default -> {} // names of other tensors
      }
    }
    weights.node(operator, firstInput);
    Node found = new Node(domain, operator);
    if (nodes.isEmpty() || !nodes.get(nodes.size() - 1).equals(found)) {
      nodes.add(found);
    }
  }

  private void attribute(ProtobufReader attribute, int depth) {
    while (attribute.next()) {
      switch (attribute.field()) {
        case 5, 10 -> tensor(attribute.message());
        case 6, 11 -> graph(attribute.message(), depth + 1);
        case 22, 23 -> sparseTensor(attribute.message());
        default -> {} // numbers, texts, types
      }
    }
  }

  private void sparseTensor(ProtobufReader sparse) {
    while (sparse.next()) {
      if (sparse.field() == 1 || sparse.field() == 2) {
        tensor(sparse.message());
      }
    }
  }

  /** Notes where its bytes lie; returns its name. */
  private String tensor(ProtobufReader tensor) {
    String name = "";
    long type = 0;
    long location = 0;
    List<ExternalData.Entry> entries = new ArrayList<>();
    while (tensor.next()) {
      switch (tensor.field()) {
        case 2 -> type = tensor.int64();
        case 8 -> name = tensor.string();
        case 13 -> entries.add(entry(tensor.message()));
        case 14 -> location = tensor.int64();
        default -> {} // shape, values
      }
    }
    if (location == EXTERNAL || !entries.isEmpty()) {
      weights.external(name, type, external.add(name, entries));
    }
    return name;
  }

  private static ExternalData.Entry entry(ProtobufReader entry) {
    String key = "";
    String value = "";
    while (entry.next()) {
      switch (entry.field()) {
        case 1 -> key = entry.string();
        case 2 -> value = entry.string();
        default -> {} // nothing else is known
      }
    }
    return new ExternalData.Entry(key, value);
  }

  private OnnxFile.Value value(ProtobufReader value) {
    String name = "";
    int type = 0;
    List<Long> dimensions = new ArrayList<>();
    while (value.next()) {
      if (value.field() == 1) {
        name = value.string();
      } else if (value.field() == 2) {
        ProtobufReader types = value.message();
        while (types.next()) {
          if (types.field() != 1) {
            continue; // a sequence, a map: no tensor
          }
          ProtobufReader tensor = types.message();
          while (tensor.next()) {
            if (tensor.field() == 1) {
              type = (int) tensor.int64();
            } else if (tensor.field() == 2) {
              dimensions.addAll(dimensions(tensor.message()));
            }
          }
        }
      }
    }
    return new OnnxFile.Value(name, type, dimensions);
  }

  private static List<Long> dimensions(ProtobufReader shape) {
    List<Long> dimensions = new ArrayList<>();
    while (shape.next()) {
      if (shape.field() == 1) {
        long size = OnnxFile.DYNAMIC;
        ProtobufReader dimension = shape.message();
        while (dimension.next()) {
          if (dimension.field() == 1) {
            size = Math.max(OnnxFile.DYNAMIC, dimension.int64());
          }
        }
        dimensions.add(size);
      }
    }
    return dimensions;
  }

  private void requireDepth(int depth) {
    if (depth > MAX_DEPTH) {
      throw new ModelFormatException(file, "", "graphs within graphs, deeper than " + MAX_DEPTH);
    }
  }
}
