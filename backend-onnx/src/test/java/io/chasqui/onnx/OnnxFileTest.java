package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.OnnxFile;
import io.chasqui.checkpoint.OnnxFile.Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exported graphs are looked through before ONNX Runtime opens them. */
class OnnxFileTest {
  private static final String WEIGHTS = "weights.bin";

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void prepare() throws IOException {
    file = directory.resolve("model.onnx");
    Files.write(directory.resolve(WEIGHTS), new byte[64]);
  }

  private OnnxFile read(OnnxGraph graph) throws IOException {
    Files.write(file, graph.toModel("test"));
    return OnnxFile.read(file);
  }

  private ModelFormatException refused(OnnxGraph graph, String field, String words) {
    ModelFormatException e = assertThrows(ModelFormatException.class, () -> read(graph));
    assertEquals(field, e.field().orElse(""));
    assertTrue(e.getMessage().contains(words), e.getMessage());
    return e;
  }

  private static OnnxGraph graph(String location) {
    return graph(location, 16, 32);
  }

  private static OnnxGraph graph(String location, long offset, long length) {
    OnnxGraph graph = new OnnxGraph();
    graph.input("input_ids", OnnxType.INT64, "batch", "sequence");
    graph.external("w", OnnxType.FLOAT, List.of(8L), location, offset, length);
    graph.output(graph.cast("input_ids", OnnxType.FLOAT), OnnxType.FLOAT, "batch", 3);
    return graph;
  }

  @Test
  void inputsOutputsAndFilesAreRead() throws IOException {
    OnnxFile read = read(graph(WEIGHTS));
    assertEquals(List.of(new Value("input_ids", OnnxFile.INT64, List.of(-1L, -1L))), read.inputs());
    assertEquals(List.of(new Value("Cast_0", OnnxFile.FLOAT, List.of(-1L, 3L))), read.outputs());
    assertEquals(List.of(directory.resolve(WEIGHTS)), read.externalFiles());
    Files.createDirectory(directory.resolve("below"));
    Files.write(directory.resolve("below/w"), new byte[48]);
    assertEquals(1, read(graph("below/w")).externalFiles().size());
  }

  @Test
  void weightsThatACopyWouldDoubleAreCountedAt32Bit() throws IOException {
    assertEquals(new OnnxFile.Weights(32, false), read(graph(WEIGHTS)).weights());
    OnnxGraph halves = graph(WEIGHTS);
    halves.external("half", OnnxType.FLOAT16, List.of(8L), WEIGHTS, 0, 16);
    halves.external("brain", OnnxType.BFLOAT16, List.of(4L), WEIGHTS, 0, 8);
    assertEquals(new OnnxFile.Weights(32 + 2 * 16 + 2 * 8, false), read(halves).weights());
    OnnxGraph lookedUp = graph(WEIGHTS);
    lookedUp.external("table", OnnxType.FLOAT, List.of(8L), WEIGHTS, 0, 32);
    lookedUp.node("Gather", List.of("table", "input_ids"));
    lookedUp.constant("inside", new float[100], 100);
    assertEquals(new OnnxFile.Weights(32, false), read(lookedUp).weights());
    OnnxGraph unstated = graph(WEIGHTS, 16, 0);
    assertEquals(new OnnxFile.Weights(64, false), read(unstated).weights());
    OnnxGraph more = graph(WEIGHTS);
    more.node(OnnxGraph.MICROSOFT, "MatMulNBits", List.of("w"));
    assertEquals(new OnnxFile.Weights(32, true), read(more).weights());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "..",
        "../w",
        "a/../w",
        "/etc/passwd",
        "C:\\w",
        "C:w",
        "\\\\host\\w",
        "a\\..\\w",
        "./w",
        "a//w",
        "w\u0000",
        "below/"
      })
  void externalDataStaysInTheDirectory(String location) throws IOException {
    refused(graph(location), "w", "in the model's directory or below");
    assertFalse(Files.exists(directory.resolve("below")));
  }

  @Test
  void externalDataIsAFileOfItsOwn(@TempDir Path elsewhere) throws IOException {
    Path secret = Files.write(elsewhere.resolve("secret"), new byte[64]);
    Files.createSymbolicLink(directory.resolve("symbolic"), secret);
    refused(graph("symbolic"), "w", "symbolic link");
    Files.createSymbolicLink(directory.resolve("folder"), elsewhere);
    refused(graph("folder/secret"), "w", "symbolic link");
    Files.createLink(directory.resolve("hard"), secret);
    refused(graph("hard"), "w", "hard links");
    Files.createDirectory(directory.resolve("d"));
    refused(graph("d"), "w", "no such file");
    refused(graph("missing"), "w", "no such file");
    Path link = Files.createSymbolicLink(directory.resolve("link.onnx"), file);
    Files.write(file, graph(WEIGHTS).toModel("test"));
    assertThrows(ModelFormatException.class, () -> OnnxFile.read(link));
    OnnxGraph alone = new OnnxGraph();
    alone.input("input_ids", OnnxType.INT64, "batch", "sequence");
    Files.write(file, alone.toModel("test"));
    assertEquals(file.toRealPath(), OnnxFile.read(link).file());
  }

  @Test
  void externalDataEndsWithinItsFile() throws IOException {
    read(graph(WEIGHTS, 32, 32));
    refused(graph(WEIGHTS, 33, 32), "w", "up to byte 65");
    refused(graph(WEIGHTS, Long.MAX_VALUE, 1), "w", "up to");
    refused(graph(WEIGHTS, -1, 32), "w", "offset -1");
    refused(graph(WEIGHTS, 0, -32), "w", "length -32");
  }

  @Test
  void operatorsOfForeignDomainsAreRefused() throws IOException {
    OnnxGraph known = graph(WEIGHTS);
    known.node(OnnxGraph.MICROSOFT, "FusedGemm", List.of("w"));
    read(known);
    OnnxGraph foreign = graph(WEIGHTS);
    foreign.node("com.example", "Backdoor", List.of("w"));
    refused(foreign, "com.example:Backdoor", "foreign domains");
    OnnxGraph context = graph(WEIGHTS);
    context.node(OnnxGraph.MICROSOFT, "EPContext", List.of("w"));
    refused(context, "EPContext", "reads files");
  }

  @Test
  void functionsOfTheModelAreLookedThroughToo() throws IOException {
    OnnxGraph calls = graph(WEIGHTS);
    calls.node("pkg.torch", "gelu", List.of("w"));
    Protobuf inner = new Protobuf().string(4, "Tanh").string(7, "");
    read(calls, new Protobuf().message(25, function("gelu", inner)));
    Protobuf foreign = new Protobuf().string(4, "Backdoor").string(7, "com.example");
    ModelFormatException e =
        assertThrows(
            ModelFormatException.class,
            () -> read(calls, new Protobuf().message(25, function("gelu", foreign))));
    assertEquals("com.example:Backdoor", e.field().orElseThrow());
  }

  private static Protobuf function(String name, Protobuf node) {
    return new Protobuf().string(1, name).message(7, node).string(10, "pkg.torch");
  }

  private OnnxFile read(OnnxGraph graph, Protobuf more) throws IOException {
    byte[] model = graph.toModel("test");
    byte[] tail = more.toBytes();
    byte[] all = java.util.Arrays.copyOf(model, model.length + tail.length);
    System.arraycopy(tail, 0, all, model.length, tail.length);
    Files.write(file, all);
    return OnnxFile.read(file);
  }

  /** Weights and operators may hide in the branches of an If, at any depth. */
  @Test
  void graphsWithinGraphsAreLookedThrough() throws IOException {
    Protobuf entry = new Protobuf().string(1, "location").string(2, "../w");
    Protobuf tensor = new Protobuf().string(8, "hidden").message(13, entry).int64(14, 1);
    Protobuf node = new Protobuf().string(4, "Backdoor").string(7, "com.example");
    for (Protobuf inside :
        List.of(
            new Protobuf().message(5, tensor),
            new Protobuf().message(15, new Protobuf().message(1, tensor)),
            new Protobuf().message(1, node),
            new Protobuf().message(1, constant(5, tensor)),
            new Protobuf().message(1, constant(10, tensor)),
            new Protobuf().message(1, constant(22, new Protobuf().message(2, tensor))))) {
      Protobuf branch = inside;
      for (int depth = 0; depth < 3; depth++) {
        branch = new Protobuf().message(1, constant(6, branch));
      }
      Files.write(file, new Protobuf().message(7, branch).toBytes());
      ModelFormatException e = assertThrows(ModelFormatException.class, () -> OnnxFile.read(file));
      assertTrue(
          List.of("hidden", "com.example:Backdoor").contains(e.field().orElse("")), e.getMessage());
    }
    Protobuf deep = new Protobuf();
    for (int depth = 0; depth < 100; depth++) {
      deep = new Protobuf().message(1, constant(6, deep));
    }
    Files.write(file, new Protobuf().message(7, deep).toBytes());
    assertThrows(ModelFormatException.class, () -> OnnxFile.read(file));
  }

  /** A node with an attribute: a tensor in field 5, several in 10, a graph in 6. */
  private static Protobuf constant(int field, Protobuf value) {
    return new Protobuf()
        .string(4, "Constant")
        .message(5, new Protobuf().string(1, "a").message(field, value));
  }

  @Test
  void whatIsNoModelIsRefused() throws IOException {
    assertThrows(NoSuchFileException.class, () -> OnnxFile.read(file));
    for (byte[] bytes :
        List.of(
            new byte[0],
            "version https://git-lfs".getBytes(StandardCharsets.US_ASCII),
            new byte[] {0x3A, 0x7F})) {
      Files.write(file, bytes);
      ModelFormatException e = assertThrows(ModelFormatException.class, () -> OnnxFile.read(file));
      assertTrue(e.getMessage().contains("is no ONNX model"), e.getMessage());
    }
    Files.write(
        file, new Protobuf().message(7, new Protobuf()).message(20, new Protobuf()).toBytes());
    assertEquals(
        "training_info",
        assertThrows(ModelFormatException.class, () -> OnnxFile.read(file)).field().orElseThrow());
    assertThrows(ModelFormatException.class, () -> OnnxFile.read(directory));
  }
}
