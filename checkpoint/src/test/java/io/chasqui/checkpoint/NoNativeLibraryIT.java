package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.NoBackendException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library is loaded once per process: so a fresh one. */
class NoNativeLibraryIT {
  @TempDir Path empty;

  @Test
  void aPlatformWithoutTheLibraryIsNoFaultOfTheModel() throws Exception {
    // DJL takes this directory for the only place of the library, as on a platform without one.
    ChildJvm.Result child =
        ChildJvm.run(
            Opening.class,
            List.of("-DRUST_LIBRARY_PATH=" + empty),
            TinyModel.directory().toString());
    assertEquals(0, child.exit(), child.output());
    assertTrue(child.output().contains("NoBackendException"), child.output());
    assertTrue(child.output().contains("aarch64"), child.output());
  }

  /** Opens a tokenizer and prints why that failed. */
  public static final class Opening {
    private Opening() {}

    public static void main(String[] args) throws IOException {
      try (JsonTokenizer tokenizer = JsonTokenizer.open(Path.of(args[0]))) {
        System.out.println("opened with " + tokenizer.vocabularySize());
      } catch (NoBackendException e) {
        System.out.println(e);
      }
    }
  }
}
