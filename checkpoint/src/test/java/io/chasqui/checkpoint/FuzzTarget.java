package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import io.chasqui.spi.Tokenization;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A parser of files that strangers write, as a fuzzer drives it: any bytes give a result or a
 * {@link ModelFormatException}.
 */
enum FuzzTarget {
  SAFETENSORS("model.safetensors") {
    @Override
    void read(byte[] input, Path file) throws IOException {
      SafetensorsFile read = SafetensorsFile.read(Files.write(file, input));
      for (TensorInfo tensor : read.all().values()) {
        check(read.bytes(tensor.name()).remaining() == tensor.length(), "length of " + tensor);
        if (tensor.dtype().isFloat()) {
          check(read.floats(tensor.name()).length == tensor.elements(), "elements of " + tensor);
        }
      }
    }
  },

  /** A file of torch.save's, or, if the input is no zip, the pickle in one. */
  PICKLE("adapter_model.bin") {
    @Override
    void read(byte[] input, Path file) throws IOException {
      boolean zip = input.length > 1 && input[0] == 'P' && input[1] == 'K';
      Files.write(file, zip ? input : zip(input));
      try (TorchPickle pickle = TorchPickle.open(file)) {
        for (var tensor : pickle.tensors().entrySet()) {
          long bytes = tensor.getValue().elements() * tensor.getValue().dtype().bytes();
          check(pickle.bytes(tensor.getKey()).remaining() == bytes, tensor.getKey());
        }
      }
    }
  },

  /** The check and, behind it, native code. */
  TOKENIZER("tokenizer.json") {
    @Override
    void read(byte[] input, Path file) throws IOException {
      Files.write(file, input);
      try (JsonTokenizer tokenizer = JsonTokenizer.open(file.getParent(), ROWS, Set.of())) {
        Set<Integer> special = new HashSet<>(tokenizer.specialTokens().contents().keySet());
        TokenizerJson json = TokenizerCheck.read(file, ROWS);
        json.unknown().flatMap(json::id).ifPresent(special::remove);
        for (String text : TEXTS) {
          Tokenization tokens = tokenizer.tokenize(text);
          for (int i = 0; i < tokens.ids().length; i++) {
            int id = tokens.ids()[i];
            check(id >= 0 && id < ROWS && !special.contains(id), "id " + id + " of " + text);
            check(
                tokens.starts()[i] >= 0
                    && tokens.starts()[i] <= tokens.ends()[i]
                    && tokens.ends()[i] <= text.length(),
                "place of token " + i + " of " + text);
          }
        }
      }
    }
  },

  /** Weights of 64 bytes lie beside the file. */
  ONNX("model.onnx") {
    @Override
    void read(byte[] input, Path file) throws IOException {
      Path weights = file.resolveSibling(FuzzSeeds.WEIGHTS);
      if (!Files.exists(weights)) {
        Files.write(weights, new byte[64]);
      }
      for (Path external : OnnxFile.read(Files.write(file, input)).externalFiles()) {
        check(external.toAbsolutePath().startsWith(file.getParent()), external.toString());
      }
    }
  },

  CARD(RetrievalCard.FILE) {
    @Override
    void read(byte[] input, Path file) throws IOException {
      RetrievalCard card = RetrievalCard.read(Files.write(file, input));
      card.write(file);
      check(card.equals(RetrievalCard.read(file)), "written and read, another card");
    }
  };

  static final int ROWS = 400;
  private static final int LONGEST_MESSAGE = 6000;
  private static final List<String> TEXTS =
      List.of(
          "the tide </s>",
          "\u0000\uD83D\uDE00 \u65E5\u672C  x",
          " ",
          "a\u0301\u0327 \u0130I\uFB01 12,3.\r\n\t ab\u2581ab \u00df\u1e9e\u00ad\u200d?");

  private final String fileName;

  FuzzTarget(String fileName) {
    this.fileName = fileName;
  }

  /** Reads the input to its end; wrong results are AssertionErrors. */
  abstract void read(byte[] input, Path file) throws IOException;

  /**
   * Whether the parser takes the input.
   *
   * @param directory of the parser's files; they are overwritten
   * @return false if it is refused in a typed error of reasonable length
   */
  boolean accepts(byte[] input, Path directory) throws IOException {
    try {
      read(input, directory.resolve(fileName));
      return true;
    } catch (ModelFormatException e) {
      check(!e.getMessage().isEmpty(), "an error without message");
      check(e.getMessage().length() < LONGEST_MESSAGE, "a message of " + e.getMessage().length());
      return false;
    }
  }

  /** Where this target's corpus lies among the test resources. */
  String folder() {
    return "fuzz/" + name().toLowerCase(Locale.ROOT);
  }

  private static void check(boolean condition, String problem) {
    if (!condition) {
      throw new AssertionError(problem);
    }
  }

  /** As torch.save writes it: stored plainly, with one storage of sixteen floats. */
  static byte[] zip(byte[] pickle) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes, StandardCharsets.UTF_8)) {
      out.setMethod(ZipOutputStream.STORED);
      put(out, "archive/data.pkl", pickle);
      put(out, "archive/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
      put(out, "archive/data/0", new byte[64]);
    }
    return bytes.toByteArray();
  }

  private static void put(ZipOutputStream out, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    CRC32 crc = new CRC32();
    crc.update(content);
    entry.setTime(0);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    out.putNextEntry(entry);
    out.write(content);
    out.closeEntry();
  }
}
