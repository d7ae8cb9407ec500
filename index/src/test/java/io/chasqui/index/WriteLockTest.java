package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Closeable;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteLockTest {
  @TempDir Path folder;

  /** A process of its own: exit code 0 if it gets the lock, 7 if it is refused. */
  static final class Other {
    private Other() {}

    public static void main(String[] args) throws IOException {
      try {
        WriteLock.acquire(Path.of(args[0])).close();
      } catch (IndexLockedException e) {
        System.exit(7);
      }
    }
  }

  private int anotherProcess() throws IOException, InterruptedException {
    Process process = Jvm.start(Other.class, folder.toString());
    assertTrue(process.waitFor(2, TimeUnit.MINUTES));
    return process.exitValue();
  }

  @Test
  void anotherProcessIsRefusedAsLongAsTheLockIsHeld() throws Exception {
    WriteLock lock = WriteLock.acquire(folder);
    assertEquals(7, anotherProcess());
    lock.close();
    lock.close();
    assertEquals(0, anotherProcess());
  }

  @Test
  void anotherClassLoaderIsRefusedAndDoesNotBreakTheLock() throws Exception {
    URL[] urls = {
      WriteLock.class.getProtectionDomain().getCodeSource().getLocation(),
      IndexLockedException.class.getSuperclass().getProtectionDomain().getCodeSource().getLocation()
    };
    try (Closeable lock = WriteLock.acquire(folder);
        URLClassLoader second = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
      Class<?> other = Class.forName(WriteLock.class.getName(), true, second);
      assertTrue(other != lock.getClass());
      Method acquire = other.getDeclaredMethod("acquire", Path.class);
      acquire.setAccessible(true);
      InvocationTargetException refused =
          assertThrows(InvocationTargetException.class, () -> acquire.invoke(null, folder));
      assertEquals(IndexLockedException.class.getName(), refused.getCause().getClass().getName());
      assertEquals(7, anotherProcess(), "the lock was lost");
    }
  }

  @Test
  void codeThatLocksTheFileItselfIsNamedAndKeepsItsLock() throws Exception {
    try (FileChannel channel =
            FileChannel.open(
                folder.resolve(WriteLock.FILE),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock theirs = channel.lock()) {
      assertTrue(theirs.isValid());
      for (int i = 0; i < 2; i++) {
        IndexLockedException refused =
            assertThrows(IndexLockedException.class, () -> WriteLock.acquire(folder));
        assertTrue(refused.getMessage().contains("other code in this process"));
      }
      assertEquals(7, anotherProcess(), "their lock was lost");
    }
    WriteLock.acquire(folder).close();
  }
}
