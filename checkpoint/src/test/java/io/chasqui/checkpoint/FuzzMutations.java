package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Inputs made of a corpus: bytes changed, cut, repeated, spliced; JSON trees changed as trees. */
final class FuzzMutations {
  private static final byte[] INTERESTING =
      "\u0000\u0001\u007f{}[]\",:.-019eE(tRQcquhj\u0080\u0085\u0086\u0087\u008a\u0093\u0094\u00ff"
          .getBytes(StandardCharsets.ISO_8859_1);

  private static final long[] NUMBERS = {-1, 0, 1, 127, 128, 255, 65_536, 1L << 31, Long.MAX_VALUE};
  private static final int MOST = 4;

  private final Random random;
  private final List<byte[]> corpus;
  private final List<JsonNode> trees = new ArrayList<>();

  /** Mutations that the seed decides. */
  FuzzMutations(List<byte[]> corpus, long seed) {
    this.random = new Random(seed);
    this.corpus = corpus;
    corpus.forEach(each -> parse(each).ifPresent(trees::add));
  }

  private static Optional<JsonNode> parse(byte[] bytes) {
    try {
      return Optional.ofNullable(TinyModel.MAPPER.readTree(bytes))
          .filter(JsonNode::isContainerNode);
    } catch (IOException e) { // not JSON: changed as bytes only
      return Optional.empty();
    }
  }

  /** The next input: one of the corpus with one to four changes. */
  byte[] next() throws IOException {
    if (!trees.isEmpty() && random.nextInt(4) != 0) {
      JsonNode tree = pick(trees).deepCopy();
      for (int i = random.nextInt(MOST); i >= 0; i--) {
        mutate(tree, random, trees);
      }
      return TinyModel.MAPPER.writeValueAsBytes(tree);
    }
    byte[] bytes = pick(corpus);
    for (int i = random.nextInt(MOST); i >= 0; i--) {
      bytes = change(bytes);
    }
    return bytes;
  }

  private byte[] change(byte[] bytes) {
    int at = random.nextInt(bytes.length + 1);
    int left = bytes.length - at;
    int count = Math.min(left, 1 + random.nextInt(1 << random.nextInt(8)));
    return switch (random.nextInt(9)) {
      case 0, 1 -> join(bytes, at, Math.min(left, 1), new byte[] {pickByte()});
      case 2 -> join(bytes, at, 0, new byte[] {pickByte()});
      case 3 -> join(bytes, at, count, new byte[0]);
      case 4 -> join(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + count));
      case 5 -> Arrays.copyOf(bytes, at);
      case 6 -> {
        byte[] flipped = bytes.clone();
        if (left > 0) {
          flipped[at] ^= (byte) (1 << random.nextInt(8));
        }
        yield flipped;
      }
      case 7 -> number(bytes, at);
      default -> {
        byte[] other = pick(corpus);
        int from = random.nextInt(other.length + 1);
        int length = Math.min(other.length - from, count * 4);
        yield join(bytes, at, count, Arrays.copyOfRange(other, from, from + length));
      }
    };
  }

  /** A little-endian number of one to eight bytes over what stood there. */
  private byte[] number(byte[] bytes, int at) {
    long value = NUMBERS[random.nextInt(NUMBERS.length)];
    byte[] changed = bytes.clone();
    for (int i = 0; i < 1 << random.nextInt(4) && at + i < changed.length; i++) {
      changed[at + i] = (byte) (value >>> (8 * i));
    }
    return changed;
  }

  private byte pickByte() {
    return random.nextBoolean()
        ? INTERESTING[random.nextInt(INTERESTING.length)]
        : (byte) random.nextInt(256);
  }

  private static byte[] join(byte[] bytes, int at, int removed, byte[] put) {
    byte[] joined = Arrays.copyOf(bytes, bytes.length - removed + put.length);
    System.arraycopy(put, 0, joined, at, put.length);
    System.arraycopy(bytes, at + removed, joined, at + put.length, bytes.length - at - removed);
    return joined;
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /**
   * Changes one member of one array or object in the tree.
   *
   * @param others trees of the same kind, of which a part may be put there
   */
  static void mutate(JsonNode root, Random random, List<? extends JsonNode> others) {
    List<ContainerNode<?>> containers = containers(root);
    ContainerNode<?> target = containers.get(random.nextInt(containers.size()));
    if (target.isEmpty()) {
      return;
    }
    int at = random.nextInt(target.size());
    if (target instanceof ArrayNode array) {
      switch (random.nextInt(4)) {
        case 0 -> array.remove(at);
        case 1 -> array.set(at, value(random));
        case 2 -> array.set(at, part(random, others, "" + at));
        default -> array.insert(at, array.get(random.nextInt(array.size())));
      }
    } else if (target instanceof ObjectNode object) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      String name = names.get(at);
      switch (random.nextInt(4)) {
        case 0 -> object.remove(name);
        case 1 -> object.set(name, value(random));
        case 2 -> object.set(name, part(random, others, name));
        default -> object.set(name, object.get(names.get(random.nextInt(names.size()))));
      }
    }
  }

  private static List<ContainerNode<?>> containers(JsonNode root) {
    List<ContainerNode<?>> containers = new ArrayList<>();
    collect(root, containers);
    return containers;
  }

  private static void collect(JsonNode node, List<ContainerNode<?>> containers) {
    if (node instanceof ContainerNode<?> container) {
      containers.add(container);
      node.forEach(child -> collect(child, containers));
    }
  }

  /** What another tree has under this name, if one has; else any of its parts. */
  private static JsonNode part(Random random, List<? extends JsonNode> others, String name) {
    if (others.isEmpty()) {
      return value(random);
    }
    JsonNode other = others.get(random.nextInt(others.size()));
    JsonNode same = other.findValue(name);
    if (same != null) {
      return same.deepCopy();
    }
    List<ContainerNode<?>> containers = containers(other);
    return containers.get(random.nextInt(containers.size())).deepCopy();
  }

  private static JsonNode value(Random random) {
    JsonNodeFactory make = JsonNodeFactory.instance;
    return switch (random.nextInt(12)) {
      case 0 -> make.nullNode();
      case 1 -> make.numberNode(-1);
      case 2 -> make.numberNode(4294967295L);
      case 3 -> make.numberNode(random.nextInt(FuzzTarget.ROWS));
      case 4 -> make.numberNode(1e300);
      case 5 -> make.textNode("");
      case 6 -> make.textNode("e");
      case 7 -> make.textNode("e \u2581");
      case 8 -> make.arrayNode();
      case 9 -> make.objectNode();
      case 10 -> make.textNode("\u0301\ud83d\ude00|x*(?=a)");
      default -> make.booleanNode(random.nextBoolean());
    };
  }
}
