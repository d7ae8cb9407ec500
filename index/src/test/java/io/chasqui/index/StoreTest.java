package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chasqui.EmbeddingSpace;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class StoreTest {
  private static final Path PLACE = Path.of("index");

  private final MemoryFiles disk = new MemoryFiles();

  @Test
  void anIndexThatIsDeletedWhileItIsOpenedIsMissing() throws IOException {
    EmbeddingSpace space = EmbeddingSpace.named("test", 2);
    PassageIndex.create(disk, PLACE, space, IndexOptions.exact()).close();
    FileLayer deleted = deletedAfterListing();
    NoSuchFileException e =
        assertThrows(NoSuchFileException.class, () -> PassageIndex.open(deleted, PLACE));
    assertEquals("there is no index here (no MANIFEST-<generation>)", e.getReason());
  }

  /** The disk; right after a directory was listed, somebody deletes every file in it. */
  private FileLayer deletedAfterListing() {
    return Intercepted.layer(
        disk,
        (method, call) -> {
          Object result = call.proceed();
          if (method.equals("list")) {
            for (Path file : disk.paths()) {
              disk.delete(file);
            }
          }
          return result;
        });
  }
}
