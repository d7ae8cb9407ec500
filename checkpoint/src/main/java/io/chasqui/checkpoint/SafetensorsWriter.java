package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes safetensors files as the reference implementation does: widest element types first, then
 * by name; the header padded so that data begin at a multiple of eight. Tensors stream through, and
 * a file appears under its name only when it is whole and on disk.
 */
public final class SafetensorsWriter {
  /** What Hugging Face's loader expects to find. */
  public static final Map<String, String> PYTORCH = Map.of("format", "pt");

  private static final int ALIGNMENT = 8;

  private SafetensorsWriter() {}

  /** Writes one file with {@link #PYTORCH} as its metadata, replacing any that is there. */
  public static void write(Path file, List<TensorData> tensors) throws IOException {
    write(file, PYTORCH, tensors);
  }

  /**
   * Writes one file, replacing any that is there.
   *
   * @param metadata the header's {@code __metadata__}; left out if empty
   * @throws IllegalArgumentException if two tensors have one name, or a source gives more or fewer
   *     bytes than its shape asks for
   */
  public static void write(Path file, Map<String, String> metadata, List<TensorData> tensors)
      throws IOException {
    requireDistinct(tensors);
    List<TensorData> inOrder = new ArrayList<>(tensors);
    inOrder.sort(
        Comparator.comparingInt((TensorData tensor) -> -tensor.dtype().bytes())
            .thenComparing(TensorData::name));
    byte[] header = header(metadata, inOrder);
    AtomicFiles.write(
        file,
        channel -> {
          ByteBuffer start =
              ByteBuffer.allocate(Long.BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
          writeFully(channel, start.putLong(header.length).put(header).flip());
          for (TensorData tensor : inOrder) {
            long begin = channel.position();
            tensor.source().writeTo(bytes -> writeFully(channel, bytes));
            long written = channel.position() - begin;
            if (written != tensor.length()) {
              throw new IllegalArgumentException(
                  "%s: %d bytes from its source, expected %d"
                      .formatted(tensor.name(), written, tensor.length()));
            }
          }
        });
  }

  /**
   * Writes a checkpoint's weights: {@code model.safetensors} if they fit one shard, else {@code
   * model-00001-of-0000N.safetensors} and, last, {@code model.safetensors.index.json}.
   *
   * @param tensors fill the shards in this order
   * @param maxShardBytes of data; a tensor that is greater gets a shard of its own
   * @throws FileAlreadyExistsException if the directory has weights: they would win or mix
   */
  public static void writeCheckpoint(Path directory, List<TensorData> tensors, long maxShardBytes)
      throws IOException {
    if (maxShardBytes < 1) {
      throw new IllegalArgumentException("maxShardBytes must be positive: " + maxShardBytes);
    }
    requireDistinct(tensors);
    for (String name : List.of(CheckpointWeights.SINGLE, CheckpointWeights.INDEX)) {
      if (Files.exists(directory.resolve(name))) {
        throw new FileAlreadyExistsException(directory.resolve(name).toString());
      }
    }
    List<List<TensorData>> shards = shards(tensors, maxShardBytes);
    if (shards.size() == 1) {
      write(directory.resolve(CheckpointWeights.SINGLE), shards.get(0));
      return;
    }
    ObjectNode weightMap = JsonFile.MAPPER.createObjectNode();
    long total = 0;
    for (int i = 0; i < shards.size(); i++) {
      String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
      write(directory.resolve(name), shards.get(i));
      for (TensorData tensor : shards.get(i)) {
        weightMap.put(tensor.name(), name);
        total += tensor.length();
      }
    }
    ObjectNode index = JsonFile.MAPPER.createObjectNode();
    index.putObject("metadata").put("total_size", total);
    index.set("weight_map", weightMap);
    byte[] json = JsonFile.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(index);
    AtomicFiles.write(
        directory.resolve(CheckpointWeights.INDEX),
        channel -> writeFully(channel, ByteBuffer.wrap(json)));
  }

  private static List<List<TensorData>> shards(List<TensorData> tensors, long maxShardBytes) {
    List<List<TensorData>> shards = new ArrayList<>();
    List<TensorData> shard = new ArrayList<>();
    long bytes = 0;
    for (TensorData tensor : tensors) {
      if (!shard.isEmpty() && tensor.length() > maxShardBytes - bytes) {
        shards.add(shard);
        shard = new ArrayList<>();
        bytes = 0;
      }
      shard.add(tensor);
      bytes += tensor.length();
    }
    shards.add(shard);
    return shards;
  }

  private static void requireDistinct(List<TensorData> tensors) {
    Set<String> names = new HashSet<>();
    for (TensorData tensor : tensors) {
      if (tensor.name().equals(SafetensorsHeader.METADATA) || !names.add(tensor.name())) {
        throw new IllegalArgumentException("tensor name taken: " + tensor.name());
      }
    }
  }

  private static byte[] header(Map<String, String> metadata, List<TensorData> inOrder)
      throws IOException {
    ObjectNode header = JsonFile.MAPPER.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode node = header.putObject(SafetensorsHeader.METADATA);
      metadata.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(entry -> node.put(entry.getKey(), entry.getValue()));
    }
    long offset = 0;
    for (TensorData tensor : inOrder) {
      ObjectNode node = header.putObject(tensor.name()).put("dtype", tensor.dtype().name());
      ArrayNode shape = node.putArray("shape");
      tensor.shape().forEach(dimension -> shape.add(dimension.longValue()));
      node.putArray("data_offsets").add(offset).add(offset + tensor.length());
      offset += tensor.length();
    }
    byte[] json = JsonFile.MAPPER.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
    int padded = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    byte[] bytes = new byte[padded];
    System.arraycopy(json, 0, bytes, 0, json.length);
    java.util.Arrays.fill(bytes, json.length, padded, (byte) ' ');
    return bytes;
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
