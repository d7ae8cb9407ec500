package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The weights of a checkpoint directory: {@code model.safetensors}, or the shards that {@code
 * model.safetensors.index.json} names. Immutable, thread-safe, memory-mapped (see {@link
 * SafetensorsFile}). Symbolic links, as in Hugging Face's cache, are resolved: {@link
 * TensorInfo#file()} is the real file.
 */
public final class CheckpointWeights implements Tensors {
  public static final String SINGLE = "model.safetensors";
  public static final String INDEX = "model.safetensors.index.json";
  private static final String WEIGHT_MAP = "weight_map";

  private final Path directory;
  private final List<SafetensorsFile> files;
  private final Map<String, SafetensorsFile> owners;
  private final Map<String, TensorInfo> tensors;

  private CheckpointWeights(
      Path directory, List<SafetensorsFile> files, Map<String, SafetensorsFile> owners) {
    this.directory = directory;
    this.files = List.copyOf(files);
    this.owners = owners;
    Map<String, TensorInfo> all = new TreeMap<>();
    files.forEach(file -> all.putAll(file.all()));
    this.tensors = Collections.unmodifiableMap(all);
  }

  /**
   * Maps the weights of a directory. The single file wins over an index, as in Hugging Face's
   * loader.
   *
   * @throws ModelFormatException if there are none, a shard is missing or malformed, a shard's name
   *     leaves the directory, or index and shards disagree
   */
  public static CheckpointWeights read(Path directory) throws IOException {
    Path single = directory.resolve(SINGLE);
    if (Files.exists(single)) {
      return of(directory, List.of(SafetensorsFile.read(single)), single);
    }
    Path index = directory.resolve(INDEX);
    if (!Files.exists(index)) {
      throw new ModelFormatException(
          directory,
          "",
          "neither %s nor %s is here; found %s. Weights in another format must be converted first"
                  .formatted(SINGLE, INDEX, list(directory))
              + " (in Python: save_pretrained(..., safe_serialization=True))");
    }
    Map<String, String> shardOf = weightMap(index);
    List<SafetensorsFile> shards = new ArrayList<>();
    for (String shard : new TreeSet<>(shardOf.values())) {
      Path file = directory.resolve(shard);
      if (!Files.exists(file)) {
        throw new ModelFormatException(index, WEIGHT_MAP, "shard " + shard + " is missing");
      }
      shards.add(SafetensorsFile.read(file));
      requireAgreement(index, shardOf, shard, shards.get(shards.size() - 1));
    }
    return of(directory, shards, index);
  }

  private static CheckpointWeights of(Path directory, List<SafetensorsFile> files, Path source) {
    Map<String, SafetensorsFile> owners = new TreeMap<>();
    for (SafetensorsFile file : files) {
      for (String name : file.all().keySet()) {
        SafetensorsFile other = owners.put(name, file);
        if (other != null) {
          throw new ModelFormatException(
              source, name, "in two shards: " + other.file() + " and " + file.file());
        }
      }
    }
    if (owners.isEmpty()) {
      throw new ModelFormatException(source, "", "no tensor in it");
    }
    return new CheckpointWeights(directory, files, owners);
  }

  private static Map<String, String> weightMap(Path index) throws IOException {
    JsonFields json = JsonFile.readObject(index);
    JsonFields map =
        json.object(WEIGHT_MAP).orElseThrow(() -> json.expected(WEIGHT_MAP, "an object"));
    Map<String, String> shardOf = new TreeMap<>();
    for (String name : map.names()) {
      String shard = map.node(name).filter(JsonNode::isTextual).map(JsonNode::textValue).orElse("");
      if (!isPlainFileName(shard)) {
        throw map.expected(name, "the name of a .safetensors file in this directory");
      }
      shardOf.put(name, shard);
    }
    if (shardOf.isEmpty()) {
      throw json.expected(WEIGHT_MAP, "at least one tensor");
    }
    return shardOf;
  }

  private static boolean isPlainFileName(String name) {
    return name.endsWith(".safetensors")
        && !name.startsWith(".")
        && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ');
  }

  private static void requireAgreement(
      Path index, Map<String, String> shardOf, String shard, SafetensorsFile file) {
    Set<String> named = new HashSet<>();
    shardOf.forEach(
        (name, where) -> {
          if (where.equals(shard)) {
            named.add(name);
          }
        });
    for (String name : new TreeSet<>(named)) {
      if (!file.all().containsKey(name)) {
        throw new ModelFormatException(index, WEIGHT_MAP + "." + name, "not in shard " + shard);
      }
    }
    for (String name : file.all().keySet()) {
      if (!named.contains(name)) {
        String other = shardOf.get(name);
        throw new ModelFormatException(
            index,
            WEIGHT_MAP + "." + name,
            other == null
                ? "missing, but the tensor is in shard " + shard
                : "says " + other + ", but the tensor is in shard " + shard + " too");
      }
    }
  }

  private static String list(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return "no such directory";
    }
    try (Stream<Path> entries = Files.list(directory)) {
      List<String> names = entries.map(entry -> entry.getFileName().toString()).sorted().toList();
      return MessageLists.of(names);
    }
  }

  /** The directory that was read. */
  public Path directory() {
    return directory;
  }

  /** The safetensors files, by name of the shard. */
  public List<SafetensorsFile> files() {
    return files;
  }

  @Override
  public Map<String, TensorInfo> all() {
    return tensors;
  }

  @Override
  public ByteBuffer bytes(String name) {
    return owner(name).bytes(name);
  }

  @Override
  public float[] floats(String name) {
    return owner(name).floats(name);
  }

  @Override
  public float[] row(String name, int row) {
    return owner(name).row(name, row);
  }

  private SafetensorsFile owner(String name) {
    return Optional.ofNullable(owners.get(name))
        .orElseThrow(() -> new ModelFormatException(directory, name, "no such tensor"));
  }

  @Override
  public String toString() {
    return "CheckpointWeights[" + directory + ", " + tensors.size() + " tensors]";
  }
}
