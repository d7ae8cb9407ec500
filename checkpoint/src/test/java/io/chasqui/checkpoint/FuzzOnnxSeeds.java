package io.chasqui.checkpoint;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Small ONNX files, written field by field with the numbers of {@code onnx.proto}. */
final class FuzzOnnxSeeds {
  private FuzzOnnxSeeds() {}

  /** A protobuf message in the making. */
  private static final class Message {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Message number(int field, long value) {
      varint(field << 3);
      varint(value);
      return this;
    }

    Message text(int field, String text) {
      return bytes(field, text.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message inner) {
      return bytes(field, inner.bytes.toByteArray());
    }

    Message bytes(int field, byte[] content) {
      varint((field << 3) | 2);
      varint(content.length);
      bytes.writeBytes(content);
      return this;
    }

    private void varint(long value) {
      long rest = value;
      while ((rest & ~0x7FL) != 0) {
        bytes.write((int) ((rest & 0x7F) | 0x80));
        rest >>>= 7;
      }
      bytes.write((int) rest);
    }
  }

  static Map<String, byte[]> all() {
    Map<String, byte[]> seeds = new TreeMap<>();
    put(seeds, "good-cast", graph());
    put(seeds, "good-external", graph().message(5, external(FuzzSeeds.WEIGHTS, "0", "64")));
    put(seeds, "good-stored", graph().message(5, tensor().bytes(9, new byte[16])));
    put(seeds, "good-microsoft", graph().message(1, node("com.microsoft", "FusedGemm")));
    seeds.put(
        "good-function",
        model(graph().message(1, node("pkg", "f")))
            .message(25, new Message().text(1, "f").message(7, node("", "Tanh")).text(10, "pkg"))
            .bytes
            .toByteArray());
    for (String location :
        new String[] {"..", "../w", "/etc/hostname", "", "a/../w", "C:\\w", "./w", "w\0"}) {
      put(
          seeds,
          "bad-location-" + Integer.toHexString(location.hashCode()),
          graph().message(5, external(location, "0", "1")));
    }
    put(seeds, "bad-missing-file", graph().message(5, external("nowhere", "0", "1")));
    put(seeds, "bad-beyond-file", graph().message(5, external(FuzzSeeds.WEIGHTS, "1", "64")));
    put(seeds, "bad-offset", graph().message(5, external(FuzzSeeds.WEIGHTS, "-1", "64")));
    put(
        seeds,
        "bad-offset-overflow",
        graph().message(5, external(FuzzSeeds.WEIGHTS, "9223372036854775807", "9")));
    put(seeds, "bad-foreign-domain", graph().message(1, node("com.example", "Backdoor")));
    put(seeds, "bad-ep-context", graph().message(1, node("com.microsoft", "EPContext")));
    Message hidden = new Message().message(5, external("../w", "0", "1"));
    put(
        seeds,
        "bad-in-a-branch",
        new Message().message(1, branch(new Message().message(1, branch(hidden)))));
    put(
        seeds,
        "bad-in-sparse-values",
        graph().message(15, new Message().message(1, external("../w", "0", "1"))));
    Message deep = new Message();
    for (int depth = 0; depth < 60; depth++) {
      deep = new Message().message(1, branch(deep));
    }
    put(seeds, "bad-deep", deep);
    seeds.put("bad-training", model(graph()).message(20, new Message()).bytes.toByteArray());
    seeds.put("bad-no-graph", new Message().number(1, 10).bytes.toByteArray());
    seeds.put("bad-empty", new byte[0]);
    seeds.put("bad-wire-type", new byte[] {0x3F, 0x01});
    seeds.put("bad-length", new byte[] {0x3A, 0x7F});
    byte[] endless = new byte[12];
    java.util.Arrays.fill(endless, (byte) 0xFF);
    seeds.put("bad-endless-number", endless);
    return seeds;
  }

  private static void put(Map<String, byte[]> seeds, String name, Message graph) {
    seeds.put(name, model(graph).bytes.toByteArray());
  }

  private static Message model(Message graph) {
    return new Message().number(1, 10).text(2, "seed").message(7, graph);
  }

  /** {@code input_ids} cast to floats. */
  private static Message graph() {
    return new Message()
        .text(2, "g")
        .message(1, node("", "Cast"))
        .message(11, value("input_ids", OnnxFile.INT64))
        .message(12, value("last_hidden_state", OnnxFile.FLOAT));
  }

  private static Message value(String name, int type) {
    Message shape =
        new Message()
            .message(1, new Message().text(2, "batch"))
            .message(1, new Message().number(1, 4));
    Message tensor = new Message().number(1, type).message(2, shape);
    return new Message().text(1, name).message(2, new Message().message(1, tensor));
  }

  private static Message node(String domain, String operator) {
    return new Message().text(1, "input_ids").text(2, "y").text(4, operator).text(7, domain);
  }

  private static Message tensor() {
    return new Message().number(1, 4).number(2, OnnxFile.FLOAT).text(8, "w");
  }

  private static Message external(String location, String offset, String length) {
    return tensor()
        .message(13, new Message().text(1, "location").text(2, location))
        .message(13, new Message().text(1, "offset").text(2, offset))
        .message(13, new Message().text(1, "length").text(2, length))
        .number(14, 1);
  }

  /** An If with this graph in it. */
  private static Message branch(Message graph) {
    return new Message()
        .text(4, "If")
        .message(5, new Message().text(1, "then_branch").message(6, graph));
  }
}
