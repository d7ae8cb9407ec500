package io.chasqui.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The seeds of the corpora in {@code src/test/resources/fuzz}: small files of each kind, good ones
 * ({@code good-...}) and each kind of bad one ({@code bad-...}). What fuzzing found lies beside
 * them, as {@code found-...}.
 */
final class FuzzSeeds {
  /** Beside the ONNX seeds; 64 bytes. */
  static final String WEIGHTS = "weights.bin";

  private static final String TENSORS =
      "{'__metadata__':{'format':'pt'},"
          + "'a':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]},"
          + "'b':{'dtype':'I64','shape':[1],'data_offsets':[16,24]}}";

  private FuzzSeeds() {}

  /** Writes all seeds below a directory; removes nothing. */
  public static void main(String[] arguments) throws IOException {
    for (FuzzTarget target : FuzzTarget.values()) {
      Path folder = Path.of(arguments[0]).resolve(target.folder());
      Files.createDirectories(folder);
      for (Map.Entry<String, byte[]> seed : of(target).entrySet()) {
        Files.write(folder.resolve(seed.getKey()), seed.getValue());
      }
    }
  }

  /** Contents by file name. */
  static Map<String, byte[]> of(FuzzTarget target) throws IOException {
    return switch (target) {
      case SAFETENSORS -> safetensors();
      case PICKLE -> pickles();
      case TOKENIZER -> FuzzTokenizerSeeds.all();
      case ONNX -> FuzzOnnxSeeds.all();
      case CARD -> cards();
    };
  }

  private static Map<String, byte[]> safetensors() throws IOException {
    Map<String, byte[]> seeds = new TreeMap<>();
    byte[] good = safetensors(TENSORS, 24);
    seeds.put("good-two-tensors", good);
    seeds.put(
        "good-every-type", Files.readAllBytes(Golden.path("adapters/pickle_tricky.safetensors")));
    seeds.put(
        "good-empty-and-scalar",
        safetensors(
            "{'e':{'dtype':'F32','shape':[0,4],'data_offsets':[0,0]},"
                + "'s':{'dtype':'F16','shape':[],'data_offsets':[0,2]}}  ",
            2));
    String[][] headers = {
      {"json", "}}", "}"},
      {"text-after-json", "}}", "}}{}"},
      {"duplicate-tensor", "'b'", "'a'"},
      {"duplicate-field", "'dtype':'F32'", "'dtype':'F32','dtype':'F32'"},
      {"duplicate-metadata", "'format':'pt'", "'format':'pt','format':'pt'"},
      {"hole", "[16,24]", "[20,28]"},
      {"overlap", "[16,24]", "[8,16]"},
      {"shape-and-span", "[2,2]", "[2,3]"},
      {"shape-overflow", "[2,2]", "[4294967296,4294967296,4]"},
      {"shape-negative", "[2,2]", "[2,-2]"},
      {"shape-fraction", "[2,2]", "[2.5,2]"},
      {"shape-missing", "'shape':[2,2],", ""},
      {"offsets-swapped", "[16,24]", "[24,16]"},
      {"offsets-past-end", "[16,24]", "[9223372036854775799,9223372036854775807]"},
      {"dtype-unknown", "'F32'", "'F99'"},
      {"field-unknown", "'shape':[1]", "'shape':[1],'x':1"},
      {"metadata-number", "'pt'", "7"},
      {"deep", "'pt'", "[".repeat(1200) + "]".repeat(1200)},
    };
    for (String[] each : headers) {
      seeds.put("bad-" + each[0], safetensors(TENSORS.replace(each[1], each[2]), 24));
    }
    seeds.put("bad-trailing-byte", safetensors(TENSORS, 25));
    seeds.put("bad-cut", java.util.Arrays.copyOf(good, good.length - 1));
    seeds.put("bad-no-length", new byte[7]);
    seeds.put("bad-empty", new byte[0]);
    seeds.put("bad-array", safetensors("[]", 0));
    seeds.put("bad-not-utf8", withHeader(latin("{\"\u00e9\":1}"), 0));
    for (long length : new long[] {100_000_001, 99_999_999, -1}) {
      byte[] bytes = good.clone();
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      seeds.put("bad-header-of-" + length, bytes);
    }
    return seeds;
  }

  private static byte[] safetensors(String header, int dataBytes) {
    return withHeader(header.replace('\'', '"').getBytes(StandardCharsets.UTF_8), dataBytes);
  }

  private static byte[] withHeader(byte[] header, int dataBytes) {
    return ByteBuffer.allocate(8 + header.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }

  private static Map<String, byte[]> pickles() throws IOException {
    Map<String, byte[]> seeds = new TreeMap<>();
    byte[] views = Files.readAllBytes(Golden.path("adapters/pickle_tricky.bin"));
    seeds.put("good-zip-of-torch", views);
    String rebuild =
        "ctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\n"
            + "X\u0001\0\0\u00000X\u0003\0\0\0cpuK\u0010tQK\0K\u0004K\u0004\u0086K\u0004K\u0001\u0086\u0089"
            + "ccollections\nOrderedDict\n)RtR";
    String good = "\u0080\u0002}X\u0001\0\0\0w" + rebuild + "s.";
    seeds.put("good-plain", latin(good));
    seeds.put("good-empty-dictionary", latin("\u0080\u0002}."));
    seeds.put("good-zip", FuzzTarget.zip(latin(good)));
    String[][] programs = {
      {"global", "}", "cos\nsystem\n"},
      {"global-stacked", "}", "\u008c\u0002os\u008c\u0006system\u0093"},
      {"opcode-inst", "}", "(ios\nsystem\n"},
      {"opcode-persid", "}", "Px\n"},
      {"protocol", "\u0080\u0002", "\u0080\u0009"},
      {"shape-beyond-storage", "K\u0004K\u0004\u0086", "K\u0004K\u0005\u0086"},
      {"offset-beyond-storage", "QK\0", "QK\u0001"},
      {"storage-length", "K\u0010t", "K\u0011t"},
      {"storage-key", "\u00000X", "\u00009X"},
      {"storage-type", "FloatStorage", "QInt8Storage"},
      {"name-is-number", "X\u0001\0\0\0w", "K\u0001"},
      {"bytes-after-end", "s.", "s.."},
      {"no-end", "s.", "s"},
      {"string-length", "X\u0001\0\0\0w", "X\u0000\0\0\u007fw"},
      {"string-not-utf8", "X\u0001\0\0\0w", "X\u0001\0\0\0\u00ff"},
      {"contains-itself", "}X", "]q\u0001h\u0001ah\u0001h\u0001\u0086X"},
      {"memo", "s.", "sh\u0005."},
    };
    for (String[] each : programs) {
      String bad = good.replace(each[1], each[2]);
      if (bad.equals(good)) {
        throw new IllegalStateException(each[0] + " changes nothing");
      }
      seeds.put("bad-" + each[0], latin(bad));
    }
    seeds.put("bad-dictionary-is-list", latin("\u0080\u0002]."));
    seeds.put("bad-zip-cut", java.util.Arrays.copyOf(views, views.length - 30));
    seeds.put("bad-zip-start-only", latin("PK\u0003\u0004 and nothing more"));
    ByteArrayOutputStream java = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(java)) {
      out.writeObject(new ArrayList<>(List.of("x")));
    }
    seeds.put("bad-java-serialised", java.toByteArray());
    return seeds;
  }

  private static Map<String, byte[]> cards() throws IOException {
    Map<String, byte[]> seeds = new TreeMap<>();
    Path file = Files.createTempFile("card", ".json");
    try {
      for (String preset : Presets.names()) {
        RetrievalCard.of(Presets.named(preset)).withOnnx("onnx/model.onnx").write(file);
        seeds.put("good-" + preset, Files.readAllBytes(file));
      }
    } finally {
      Files.delete(file);
    }
    String[][] roles = {
      {"good", "preset-and-adapter", "{'preset':'repllama-v1','adapter':'adapters/a'}"},
      {"good", "preset-without-bos", "{'preset':'repllama-v1','tokens':{'bosId':null}}"},
      {"bad", "preset", "{'preset':'none'}"},
      {"bad", "field", "{'preset':'repllama-v1','pool':'last'}"},
      {"bad", "pooling", "{'preset':'repllama-v1','pooling':'max'}"},
      {"bad", "negative-id", "{'preset':'repllama-v1','tokens':{'bosId':-1}}"},
      {"bad", "no-room", "{'preset':'repllama-v1','truncation':{'query':1}}"},
      {"bad", "template-without-text", "{'preset':'repllama-v1','template':{'query':'query'}}"},
      {"bad", "dimensions", "{'preset':'repllama-v1','output':{'dimensions':0}}"},
      {"good", "dense", "{'preset':'e5-mistral','output':{'dense':['2_Dense','3_Dense']}}"},
      {"bad", "dense-outside", "{'preset':'e5-mistral','output':{'dense':['../x']}}"},
      {"bad", "dense-number", "{'preset':'e5-mistral','output':{'dense':[2]}}"},
      {"bad", "adapter-outside", "{'preset':'repllama-v1','adapter':'../x'}"},
      {"bad", "adapter-absolute", "{'preset':'repllama-v1','adapter':'/etc'}"},
      {"bad", "head-of-encoder", "{'preset':'repllama-v1','head':{'linear':'score.weight'}}"},
      {"bad", "scorer-without-head", "{'preset':'rankllama-v1','head':null}"},
      {"bad", "number", "7"},
    };
    for (String[] each : roles) {
      seeds.put(each[0] + "-" + each[1], json("{'version':1,'roles':{'r':" + each[2] + "}}"));
    }
    seeds.put("good-no-role", json("{'version':1,'roles':{}}"));
    seeds.put("bad-version", json("{'version':2,'roles':{}}"));
    seeds.put("bad-more", json("{'version':1,'roles':{},'more':1}"));
    seeds.put("bad-duplicate", json("{'version':1,'version':1,'roles':{}}"));
    seeds.put("bad-text-after", json("{'version':1,'roles':{}} x"));
    seeds.put("bad-onnx-outside", json("{'version':1,'roles':{},'onnx':'../x.onnx'}"));
    seeds.put(
        "bad-deep", json("{'version':1,'roles':" + "[".repeat(1200) + "]".repeat(1200) + "}"));
    seeds.put("bad-empty", new byte[0]);
    return seeds;
  }

  static byte[] json(String text) {
    return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
