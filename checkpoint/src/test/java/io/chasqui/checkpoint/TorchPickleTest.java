package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.ModelFormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TorchPickleTest {
  @TempDir Path directory;

  @Test
  void readsViewsOfEveryKind() throws IOException {
    SafetensorsFile expected =
        SafetensorsFile.read(Golden.path("adapters/pickle_tricky.safetensors"));
    try (TorchPickle pickle = TorchPickle.open(Golden.path("adapters/pickle_tricky.bin"))) {
      assertEquals(expected.all().keySet(), pickle.tensors().keySet());
      for (TensorInfo info : expected.all().values()) {
        assertEquals(info.dtype(), pickle.tensor(info.name()).dtype(), info.name());
        assertEquals(info.shape(), pickle.tensor(info.name()).shape(), info.name());
        assertEquals(expected.bytes(info.name()), pickle.bytes(info.name()), info.name());
      }
    }
  }

  @Test
  void refusesAForbiddenGlobalByName() {
    String message = refused(Golden.path("adapters/pickle_forbidden.bin"));
    assertTrue(message.contains("os.getcwd"), message);
    assertTrue(message.contains("convert the file to safetensors"), message);
  }

  @ParameterizedTest
  @CsvSource({
    "posix, system",
    "builtins, eval",
    "torch._utils, _rebuild_tensor_v3",
    "torch, load",
    "collections, OrderedDict.__init__",
    "'', ''"
  })
  void refusesEveryOtherGlobal(String module, String name) throws IOException {
    byte[] old = text("\u0080\002c" + module + "\n" + name + "\n.");
    assertTrue(refused(zip(old)).contains("asks for " + module + "." + name));
    byte[] stacked =
        text(
            "\u0080\004\u008c%c%s\u008c%c%s\u0093."
                .formatted((char) module.length(), module, (char) name.length(), name));
    assertTrue(refused(zip(stacked)).contains("asks for " + module + "." + name));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          }s.                 | empty stack
          (u.                 | empty stack
          t.                  | empty stack
          }(.                 | empty stack
          }N.                 | expected one dictionary
          N.                  | expected one dictionary
          }h1.                | remembers nothing
          }                   | cut short
          }X                  | cut short
          }X~~~~              | a string of
          I1.                 | instruction 0x49
          i1.                 | instruction 0x69
          }}}s.               | expected a name
          }K1K2s.             | expected tensors by name
          )Q.                 | storage's id
          NR.                 | empty stack
          N)R.                | a call of None
          ]]a)Q.              | storage's id
          ]q1h1ah1q2h2a.      | expected one dictionary
          }q1(h1h1u.          | expected a name
          }..                 | bytes after its end
          """)
  void refusesProgramsThatMakeNoStateDict(String program, String reason) throws IOException {
    String message = refused(zip(text("\u0080\002" + program)));
    assertTrue(message.contains(reason), message);
  }

  @Test
  void refusesProgramsWithoutEnd() throws IOException {
    byte[] program = new byte[2_000_000];
    for (char opcode : new char[] {']', '}', '(', 'N', ')'}) {
      Arrays.fill(program, (byte) opcode);
      assertTrue(refused(zip(program)).contains("more than 1000000 instructions"));
    }
    assertTrue(refused(zip(new byte[17 << 20])).contains("larger than"));
  }

  @Test
  void deepNestingIsHarmless() throws IOException {
    assertTrue(refused(zip(text("]q1" + "h1\u0085".repeat(100_000) + "."))).contains("dictionary"));
  }

  @Test
  void refusesTensorsThatLeaveTheirStorage() throws IOException {
    Path good = Golden.path("adapters/pickle_tricky.bin");
    byte[] bytes = Files.readAllBytes(good);
    // (K 0)(K 4 K 6 TUPLE2 …): rows, columns; then the stride of the rows.
    int shape = indexOf(bytes, text("QK\000K\004K\006\u0086"));
    for (int at : new int[] {shape + 2, shape + 4, shape + 6}) {
      byte[] bad = bytes.clone();
      bad[at] = (byte) (bad[at] + 5);
      String message = refused(Files.write(directory.resolve("bad.bin"), bad));
      assertTrue(message.contains("leaves its storage of 24 elements"), message);
    }
  }

  @Test
  void refusesWhatIsNoTorchZip() throws IOException {
    ByteArrayOutputStream java = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(java)) {
      out.writeObject(new ArrayList<>(List.of("x")));
    }
    refused(java.toByteArray(), "Java-serialised");
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
      out.write(1);
    }
    refused(gzip.toByteArray(), "a gzip archive");
    byte[] tar = new byte[1024];
    System.arraycopy(text("ustar"), 0, tar, 257, 5);
    refused(tar, "a tar archive");
    refused(text("\u0080\002\u008a\012l\374\234F\371 j\250P\031.\u0080\002M\351\003."), "a legacy");
    refused(text("\u0080\002}."), "a bare pickle");
    refused(new byte[0], "an empty file");
    refused(text("hello"), "something else");
    refused(text("version https://git-lfs.github.com/spec/v1\n"), "a Git LFS pointer");
    refused(text("PK\003\004 and nothing more"), "damaged zip");
  }

  @ParameterizedTest
  @CsvSource({
    "BZh91AY, a bzip2 archive",
    "7z\u00bc\u00af'\u001c, a 7z archive",
    "\u00fd7zXZ\u0000, an xz archive",
    "Rar!\u001a, a rar archive",
    "GGUF\u0003, a GGUF file",
    "\u0089HDF\r, an HDF5 file"
  })
  void namesWhatIsThereInstead(String start, String kind) throws IOException {
    refused(text(start), kind);
    refused(text(start), "convert the file to safetensors");
  }

  @Test
  void refusesCompressedEntries() throws IOException {
    Path bomb = directory.resolve("bomb.bin");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(bomb))) {
      out.putNextEntry(new ZipEntry("x/data.pkl"));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 64; i++) {
        out.write(zeros);
      }
    }
    assertTrue(refused(bomb).contains("compressed"));
    assertTrue(Files.size(bomb) < 100_000);
  }

  @Test
  void refusesProgramsAndZipsWithoutPickle() throws IOException {
    assertTrue(refused(zip("x/constants.pkl", text("}."))).contains("TorchScript"));
    assertTrue(refused(zip("x/other", text("}."))).contains("a zip without data.pkl"));
    assertTrue(refused(zip("x/y/data.pkl", text("}."))).contains("a zip without data.pkl"));
  }

  private void refused(byte[] content, String reason) throws IOException {
    String message = refused(Files.write(directory.resolve("bad.bin"), content));
    assertTrue(message.contains(reason), message);
  }

  private static String refused(Path file) {
    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> TorchPickle.open(file).close());
    assertTrue(e.getMessage().length() < 4000, "a message of " + e.getMessage().length());
    return e.getMessage();
  }

  /** Some damages the JDK meets only when an entry is looked at, and then says so untyped. */
  @Test
  void everyDamagedByteOfTheZipsDirectoryIsTyped() throws IOException {
    byte[] good = Files.readAllBytes(Golden.path("adapters/pickle_tricky.bin"));
    Path file = directory.resolve("damaged.bin");
    int directoryAt =
        ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getInt(good.length - 22 + 16);
    int refused = 0;
    for (int at = directoryAt; at < good.length; at++) {
      byte[] bad = good.clone();
      bad[at] = (byte) 132;
      Files.write(file, bad);
      try (TorchPickle pickle = TorchPickle.open(file)) {
        for (String name : pickle.tensors().keySet()) {
          pickle.bytes(name);
        }
      } catch (ModelFormatException e) {
        refused++;
      }
    }
    assertTrue(refused > 100, "refused " + refused);
  }

  private Path zip(byte[] pickle) throws IOException {
    return zip("archive/data.pkl", pickle);
  }

  private Path zip(String name, byte[] content) throws IOException {
    Path file = directory.resolve("made.bin");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      out.setMethod(ZipOutputStream.STORED);
      ZipEntry entry = new ZipEntry(name);
      CRC32 crc = new CRC32();
      crc.update(content);
      entry.setSize(content.length);
      entry.setCrc(crc.getValue());
      out.putNextEntry(entry);
      out.write(content);
    }
    return file;
  }

  private static byte[] text(String latin) {
    return latin.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int at = 0; at <= bytes.length - part.length; at++) {
      if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    throw new AssertionError("not found");
  }
}
