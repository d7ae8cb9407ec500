package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeCacheTest {
  private static final String PLATFORM = "linux-x64"; // in the jar, whatever runs this test

  @TempDir Path cache;

  @Test
  void unpacksOnceAndCompletely() throws IOException {
    Path folder = unpacked();
    assertTrue(folder.getFileName().toString().startsWith("onnxruntime-1.29.0-linux-x64-"));
    Path library = folder.resolve(System.mapLibraryName("onnxruntime"));
    var written = Files.getLastModifiedTime(library);
    assertTrue(Files.size(library) > 10_000_000);
    assertEquals(folder, unpacked());
    assertEquals(written, Files.getLastModifiedTime(library));
    assertOnlyTheFolder();
  }

  @Test
  void twoAtOnceAgree() {
    List<CompletableFuture<Path>> all = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      all.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return unpacked();
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              },
              task -> new Thread(task).start()));
    }
    assertEquals(1, all.stream().map(CompletableFuture::join).distinct().count());
    assertOnlyTheFolder();
  }

  @Test
  void aDamagedFolderIsNeitherUsedNorOverwritten() throws IOException {
    Path library = unpacked().resolve(System.mapLibraryName("onnxruntime"));
    Files.write(library, new byte[10]);
    IOException e = assertThrows(IOException.class, this::unpacked);
    assertTrue(e.getMessage().contains("delete it"), e.getMessage());
  }

  @Test
  void aPlatformWithoutLibrariesIsAnError() {
    assertThrows(
        IOException.class,
        () -> NativeCache.unpacked(cache, "1.29.0", "linux-riscv64", OrtSession.class));
  }

  private Path unpacked() throws IOException {
    return NativeCache.unpacked(cache, "1.29.0", PLATFORM, OrtSession.class);
  }

  private void assertOnlyTheFolder() {
    String[] files = cache.toFile().list();
    assertEquals(1, files.length, () -> String.join(", ", files));
  }
}
