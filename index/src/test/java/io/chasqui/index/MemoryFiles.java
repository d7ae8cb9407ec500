package io.chasqui.index;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A disk in memory that forgets like a real one: what was not synced may or may not be there after
 * a power loss, entry by entry. Any operation can be made to fail.
 */
final class MemoryFiles implements FileLayer {
  /** Thrown by the operation at which the power fails, and by each after it. */
  static final class PowerLoss extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** What can be made to fail. */
  enum Operation {
    CREATE,
    WRITE,
    SYNC,
    SYNC_DIRECTORY,
    PUBLISH,
    DELETE
  }

  private static final class Inode {
    byte[] bytes = new byte[0];
    byte[] durable = new byte[0];
  }

  private final Map<Path, Inode> entries = new TreeMap<>();
  private final Map<Path, Inode> durableEntries = new HashMap<>();
  private final Set<Path> locks = new HashSet<>();
  private int operations;
  private int failAt = Integer.MAX_VALUE;
  private boolean powerLoss;
  private Operation kind = Operation.CREATE;
  private int left = -1; // operations of this kind before the one that fails; negative: none does
  private boolean full;
  private boolean failed;

  /** Changes made so far: creations, writes, syncs, publications, deletions. */
  int operations() {
    return operations;
  }

  /** The change with this number fails with an IOException, once. */
  void failAt(int operation) {
    failAt = operation;
    powerLoss = false;
  }

  /** At the change with this number the power goes. */
  void losePowerAt(int operation) {
    failAt = operation;
    powerLoss = true;
  }

  /**
   * The n-th operation of a kind from now on, counted from 0, fails.
   *
   * @param full so does each one after it, until {@link #makeSpace}
   */
  void failNth(Operation kind, int n, boolean full) {
    this.kind = kind;
    this.left = n;
    this.full = full;
    this.failed = false;
  }

  /** Whether the operation that was to fail has been reached. */
  boolean hasFailed() {
    return failed;
  }

  void makeSpace() {
    full = false;
  }

  private void step(Operation doing, Path file) throws IOException {
    int now = operations++;
    if (doing == kind && (left-- == 0 || (full && failed))) {
      failed = true;
      throw new IOException("injected: " + doing + " " + file.getFileName());
    }
    if (powerLoss ? now >= failAt : now == failAt) {
      if (powerLoss) {
        throw new PowerLoss();
      }
      throw new IOException("injected: " + doing + " " + file.getFileName());
    }
  }

  /** What may be found after the power is back. */
  MemoryFiles afterPowerLoss(Random random) {
    MemoryFiles found = new MemoryFiles();
    Set<Path> names = new HashSet<>(entries.keySet());
    names.addAll(durableEntries.keySet());
    for (Path name : names) {
      // An entry that was made or removed since the last sync may have reached the disk or not.
      Inode inode = random.nextBoolean() ? entries.get(name) : durableEntries.get(name);
      if (inode != null) {
        Inode copy = new Inode();
        copy.bytes = survivor(inode, random);
        copy.durable = copy.bytes;
        found.entries.put(name, copy);
        found.durableEntries.put(name, copy);
      }
    }
    return found;
  }

  private static byte[] survivor(Inode inode, Random random) {
    if (Arrays.equals(inode.bytes, inode.durable)) {
      return inode.bytes;
    }
    byte[] bytes = Arrays.copyOf(inode.bytes, random.nextInt(inode.bytes.length + 1));
    int lost = random.nextInt(bytes.length + 1); // blocks that were allocated, never written
    Arrays.fill(
        bytes,
        Math.max(inode.durable.length, lost),
        Math.max(inode.durable.length, bytes.length),
        (byte) 0);
    return bytes;
  }

  /** A second disk with the same content. */
  MemoryFiles copy() {
    MemoryFiles copy = new MemoryFiles();
    entries.forEach((name, inode) -> copy.put(name, inode.bytes));
    return copy;
  }

  byte[] get(Path file) {
    return entries.get(file).bytes;
  }

  void put(Path file, byte[] bytes) {
    Inode inode = new Inode();
    inode.bytes = bytes;
    inode.durable = bytes;
    entries.put(file, inode);
    durableEntries.put(file, inode);
  }

  Set<Path> paths() {
    return Set.copyOf(entries.keySet());
  }

  @Override
  public void createDirectories(Path directory) {}

  @Override
  public Closeable lock(Path directory) {
    if (!locks.add(directory)) {
      throw new IndexLockedException(directory, "another handle");
    }
    return () -> locks.remove(directory);
  }

  @Override
  public Output create(Path file) throws IOException {
    step(Operation.CREATE, file);
    if (entries.containsKey(file)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    Inode inode = new Inode();
    entries.put(file, inode);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    return new Output() {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
          step(Operation.WRITE, file);
        } catch (IOException e) { // what fitted is there
          out.write(bytes, offset, length / 2);
          inode.bytes = out.toByteArray();
          throw e;
        }
        out.write(bytes, offset, length);
        inode.bytes = out.toByteArray();
      }

      @Override
      public void sync() throws IOException {
        step(Operation.SYNC, file);
        inode.durable = inode.bytes;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    step(Operation.SYNC_DIRECTORY, directory);
    durableEntries.clear();
    durableEntries.putAll(entries);
  }

  @Override
  public void publish(Path temporary, Path target) throws IOException {
    step(Operation.PUBLISH, target);
    if (entries.containsKey(target)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    entries.put(target, inode(temporary));
    entries.remove(temporary);
  }

  @Override
  public void delete(Path file) throws IOException {
    if (entries.containsKey(file)) {
      step(Operation.DELETE, file);
      entries.remove(file);
    }
  }

  @Override
  public List<String> list(Path directory) {
    return entries.keySet().stream()
        .filter(file -> directory.equals(file.getParent()))
        .map(file -> String.valueOf(file.getFileName()))
        .toList();
  }

  private Inode inode(Path file) throws IOException {
    Inode inode = entries.get(file);
    if (inode == null) {
      throw new NoSuchFileException(file.toString());
    }
    return inode;
  }

  @Override
  public long size(Path file) throws IOException {
    return inode(file).bytes.length;
  }

  @Override
  public byte[] read(Path file, long position, int length) throws IOException {
    return Arrays.copyOfRange(inode(file).bytes, (int) position, (int) position + length);
  }

  @Override
  public Input open(Path file) throws IOException {
    byte[] bytes = inode(file).bytes;
    return new Input() {
      @Override
      public void read(long position, ByteBuffer target) {
        target.put(bytes, (int) position, target.remaining());
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public ByteBuffer map(Path file, long position, int length) throws IOException {
    return ByteBuffer.wrap(read(file, position, length))
        .asReadOnlyBuffer()
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void reclaim() {}
}
