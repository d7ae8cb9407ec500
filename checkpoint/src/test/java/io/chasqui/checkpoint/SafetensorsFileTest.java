package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {
  private static final String GOOD =
      "{'__metadata__':{'format':'pt'},"
          + "'a':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]},"
          + "'b':{'dtype':'I64','shape':[1],'data_offsets':[16,24]}}";

  @TempDir Path directory;

  @Test
  void readsNamesTypesShapesAndValues() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    data.putFloat(1).putFloat(-2.5f).putFloat(Float.MIN_VALUE).putFloat(0).putLong(-7);
    SafetensorsFile file = SafetensorsFile.read(write(GOOD, data.array()));
    assertEquals(Map.of("format", "pt"), file.metadata());
    assertEquals(List.of("a", "b"), List.copyOf(file.all().keySet()));
    assertEquals(List.of(2L, 2L), file.all().get("a").shape());
    assertArrayEquals(new float[] {1, -2.5f, Float.MIN_VALUE, 0}, file.floats("a"));
    assertEquals(-7, file.bytes("b").getLong());
    assertTrue(file.bytes("b").isReadOnly());
    assertThrows(ModelFormatException.class, () -> file.floats("b"));
    assertThrows(ModelFormatException.class, () -> file.bytes("c"));
  }

  @Test
  void readsTheGoldenCheckpointsOfEachStoredType() throws IOException {
    assertEquals(DType.F32, golden("llama-mha").all().get("lm_head.weight").dtype());
    assertEquals(DType.F16, golden("mistral-fp16").all().get("norm.weight").dtype());
    assertEquals(DType.BF16, golden("gemma2-bf16").all().get("model.norm.weight").dtype());
    assertEquals(2, golden("qwen3-sharded").files().size());
    for (String name : List.of("llama-mha", "mistral-fp16", "gemma2-bf16", "qwen3-sharded")) {
      CheckpointWeights weights = golden(name);
      for (TensorInfo tensor : weights.all().values()) {
        double sum = 0;
        for (float value : weights.floats(tensor.name())) {
          sum += Math.abs(value);
        }
        double mean = sum / tensor.elements();
        assertTrue(mean > 1e-4 && mean < 2, tensor + ": mean absolute value " + mean);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          'a'                     | 'b'                       | twice
          'dtype':'F32'           | 'dtype':'F99'             | unknown dtype
          'dtype':'F32'           | 'dtype':7                 | a string
          'dtype':'F32'           | 'dtype':'F32','dtype':'F32' | twice
          [2,2]                   | [2,3]                     | needs 24 bytes
          [2,2]                   | [2,-2]                    | found -2
          [2,2]                   | [4294967296,4294967296,4] | more than 2^63
          [2,2]                   | [9223372036854775807,2]   | more than 2^63
          [2,2]                   | [99999999999999999999]    | 2^63-1
          [2,2]                   | [2.0,2]                   | integers
          [2,2]                   | {}                        | integers
          'shape':[2,2],          | ""                        | missing
          [16,24]                 | [8,16]                    | an overlap
          [16,24]                 | [24,32]                   | a hole
          [16,24]                 | [24,16]                   | expected [begin, end]
          [16,24]                 | [16]                      | expected [begin, end]
          [16,24]                 | [16,24,32]                | more than 2
          [16,24]                 | [9223372036854775799,9223372036854775807] | past the end
          'shape':[1]             | 'shape':[2]               | needs 16 bytes
          'shape':[1]             | 'shape':[1],'x':1         | unknown field
          'pt'                    | 7                         | a string
          {'format':'pt'}         | []                        | an object
          {'format':'pt'}         | {'a':'1','a':'2'}         | twice
          '__metadata__':         | '__metadata__':{},'__metadata__': | twice
          }}                      | }                         | bad JSON
          }}                      | }}}                       | bad JSON
          }}                      | }}{}                      | text after
          """)
  void refusesAHeaderThatIsWrong(String good, String bad, String reason) throws IOException {
    String header = good.equals("'a'") ? GOOD.replace("'b'", "'a'") : GOOD.replace(good, bad);
    assertTrue(!header.equals(GOOD), "the mutation changes nothing");
    refused(write(header, new byte[24]), reason);
  }

  @Test
  void refusesAFileThatIsCutOrExtended() throws IOException {
    byte[] good = Files.readAllBytes(write(GOOD, new byte[24]));
    for (int length = 0; length < good.length; length++) {
      Path cut = directory.resolve("cut");
      Files.write(cut, java.util.Arrays.copyOf(good, length));
      refused(cut, length == 0 ? "empty file" : "");
    }
    refused(write(GOOD, new byte[25]), "1 bytes after the last tensor");
    refused(write(GOOD, new byte[23]), "past the end of the file");
  }

  @Test
  void refusesALengthOutOfBounds() throws IOException {
    for (long length : new long[] {-1, Long.MIN_VALUE, 100_000_001, Long.MAX_VALUE}) {
      refused(withLength(length, GOOD, 24), "more than 100000000");
    }
    refused(withLength(99_999_999, GOOD, 24), "past the end of the file");
    refused(withLength(0, "", 0), "expected a JSON object");
  }

  @Test
  void refusesWhatIsNotAnObjectOrNotUtf8() throws IOException {
    refused(write("[]", new byte[0]), "expected a JSON object");
    refused(write("", new byte[0]), "expected a JSON object");
    byte[] header = "{\"\u00e9\":1}".getBytes(StandardCharsets.ISO_8859_1);
    refused(write(header, new byte[0]), "not UTF-8");
    refused(write("{'a':".repeat(100_000), new byte[0]), "");
    refused(directory, "not a regular file");
  }

  @Test
  void acceptsEmptyTensorsAndScalars() throws IOException {
    String header =
        "{'e':{'dtype':'F32','shape':[0,4],'data_offsets':[0,0]},"
            + "'s':{'dtype':'F16','shape':[],'data_offsets':[0,2]},"
            + "'z':{'dtype':'F32','shape':[9223372036854775807,9,0],'data_offsets':[2,2]}}   ";
    SafetensorsFile file = SafetensorsFile.read(write(header, new byte[] {0, 0x3c}));
    assertEquals(0, file.floats("e").length);
    assertEquals(0, file.bytes("z").remaining());
    assertArrayEquals(new float[] {1}, file.floats("s"));
  }

  @Test
  void anInterruptedReaderHarmsNobody() throws IOException {
    SafetensorsFile file = SafetensorsFile.read(write(GOOD, new byte[24]));
    Thread.currentThread().interrupt();
    try {
      assertEquals(4, file.floats("a").length);
    } finally {
      assertTrue(Thread.interrupted());
    }
    assertEquals(4, file.floats("a").length);
  }

  private static CheckpointWeights golden(String name) throws IOException {
    return CheckpointWeights.read(Golden.path("arch/" + name));
  }

  private static void refused(Path file, String reason) {
    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> SafetensorsFile.read(file));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  private Path write(String header, byte[] data) throws IOException {
    return write(header.replace('\'', '"').getBytes(StandardCharsets.UTF_8), data);
  }

  private Path write(byte[] header, byte[] data) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(8 + header.length + data.length);
    all.order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header).put(data);
    return Files.write(directory.resolve("model.safetensors"), all.array());
  }

  private Path withLength(long length, String header, int dataBytes) throws IOException {
    Path file = write(header, new byte[dataBytes]);
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    return Files.write(file, bytes);
  }
}
