package io.chasqui.index;

import io.chasqui.EmbeddingSpace;
import io.chasqui.IndexCorruptException;
import io.chasqui.spi.VectorGraphProvider;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directory of an index: which generations are there, and which files nobody needs. */
final class Store {
  private static final Logger LOG = LoggerFactory.getLogger(Store.class);

  /** How many generations are kept. */
  private static final int KEPT = 2;

  private final FileLayer files;
  private final Path directory;

  Store(FileLayer files, Path directory) {
    this.files = files;
    this.directory = directory;
  }

  FileLayer files() {
    return files;
  }

  Path directory() {
    return directory;
  }

  /** The published generations, newest first. */
  List<Long> generations() throws IOException {
    List<Long> generations = new ArrayList<>();
    for (String name : files.list(directory)) {
      long generation = Manifest.generation(name);
      if (generation > 0) {
        generations.add(generation);
      }
    }
    generations.sort(Collections.reverseOrder());
    return generations;
  }

  /**
   * A new index.
   *
   * @param lock of its writer, held
   */
  record Created(Snapshot snapshot, Closeable lock) {}

  /** Makes the directory, takes the writer's lock and writes the first, empty generation. */
  Created create(EmbeddingSpace space, IndexOptions options) throws IOException {
    files.createDirectories(directory);
    Closeable lock = files.lock(directory);
    boolean done = false;
    try {
      writeFirst(space, options);
      Created created = new Created(openNewest(Optional.empty()), lock);
      done = true;
      return created;
    } finally {
      if (!done) {
        lock.close();
      }
    }
  }

  private void writeFirst(EmbeddingSpace space, IndexOptions options) throws IOException {
    List<Long> there = generations();
    if (!there.isEmpty()) {
      throw new FileAlreadyExistsException(
          directory.toString(), null, "there is an index already, at generation " + there.get(0));
    }
    Manifest nothing = new Manifest(UUID.randomUUID(), 0, space, options, Map.of(), List.of());
    SegmentFiles first = new SegmentFiles(files, directory, nothing, Optional.empty());
    first.publish(nothing.next(List.of()));
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      files.syncDirectory(parent);
    }
  }

  /**
   * Opens the newest generation.
   *
   * @throws IndexCorruptException if it is damaged, naming older generations that are intact
   */
  Snapshot openNewest(Optional<Snapshot> known) throws IOException {
    while (true) {
      List<Long> generations = generations();
      if (generations.isEmpty()) {
        throw new NoSuchFileException(
            directory.toString(), null, "there is no index here (no MANIFEST-<generation>)");
      }
      long newest = generations.get(0);
      if (known.isPresent() && known.get().manifest().generation() == newest) {
        return known.get();
      }
      try {
        return open(newest, known);
      } catch (NoSuchFileException | FileNotFoundException | IndexCorruptException e) {
        // A writer may have committed and cleaned up while this was being opened.
        List<Long> now = generations();
        if (now.isEmpty() || now.get(0) > newest) {
          LOG.debug("generation {} vanished while it was opened; looking again", newest);
          continue;
        }
        if (e instanceof IndexCorruptException corrupt) {
          throw describe(corrupt, newest, generations);
        }
        throw e;
      }
    }
  }

  Snapshot open(long generation, Optional<Snapshot> known) throws IOException {
    Manifest manifest = Manifest.read(files, directory, generation);
    Optional<VectorGraphProvider> graphs = Graphs.find(manifest.options().graph());
    return Snapshot.open(files, directory, manifest, graphs, known);
  }

  private IndexCorruptException describe(
      IndexCorruptException damage, long generation, List<Long> generations) {
    List<Long> intact = new ArrayList<>();
    for (long older : generations) {
      if (older < generation && isIntact(older)) {
        intact.add(older);
      }
    }
    return new IndexCorruptException(
        damage.file(),
        damage.offset(),
        "generation "
            + generation
            + " is damaged; older intact generations: "
            + (intact.isEmpty() ? "none" : intact)
            + ". "
            + damage.getMessage(),
        damage);
  }

  private boolean isIntact(long generation) {
    try {
      open(generation, Optional.empty());
      return true;
    } catch (IOException | IndexCorruptException | IndexVersionException e) {
      LOG.debug("generation {} is damaged too", generation, e);
      return false;
    }
  }

  /** Deletes what no kept generation needs. Failures are logged: the next commit tries again. */
  void cleanUp() {
    try {
      List<Long> generations = generations();
      Set<String> needed = new HashSet<>();
      for (long generation : generations.subList(0, Math.min(KEPT, generations.size()))) {
        Manifest manifest = Manifest.read(files, directory, generation);
        needed.add(manifest.fileName());
        manifest.files().forEach(file -> needed.add(file.name()));
      }
      for (String name : files.list(directory)) {
        if (isOurs(name) && !needed.contains(name)) {
          delete(name);
        }
      }
    } catch (IOException | IndexCorruptException | IndexVersionException e) {
      LOG.warn("old files of index {} stay until the next commit: {}", directory, e.toString());
    }
  }

  private void delete(String name) {
    try {
      files.delete(directory.resolve(name));
    } catch (IOException e) {
      LOG.warn("{} stays until the next commit: {}", directory.resolve(name), e.toString());
    }
  }

  private static boolean isOurs(String name) {
    if (Manifest.generation(name) > 0 || Manifest.isTemporary(name)) {
      return true;
    }
    for (FileType type : FileType.values()) {
      if (type != FileType.MANIFEST
          && name.endsWith(type.suffix())
          && name.matches("s\\d+-[0-9a-f]{8}(-\\d+)?\\.[a-z0-9]+")) {
        return true;
      }
    }
    return false;
  }
}
