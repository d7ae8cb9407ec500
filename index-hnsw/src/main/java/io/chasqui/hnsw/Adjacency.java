package io.chasqui.hnsw;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * The links of an HNSW graph. Level 0, where all ordinals are and searches spend their time, is one
 * array; the few nodes of higher levels have an array each. Immutable.
 */
final class Adjacency implements LinkTable {
  private static final int FORMAT = 1;
  private static final int MAX_LEVELS = 64;

  private final int entry;
  private final int[] ends; // by ordinal, into ground
  private final int[] ground;
  private final int[][][] upper; // [level − 1][place in members]
  private final int[][] members; // [level − 1], ascending ordinals
  private final int maxLinks;

  private Adjacency(int entry, int[] ends, int[] ground, int[][] members, int[][][] upper) {
    this.entry = entry;
    this.ends = ends;
    this.ground = ground;
    this.members = members;
    this.upper = upper;
    int most = 0;
    for (int node = 0; node < ends.length; node++) {
      most = Math.max(most, groundEnd(node) - groundStart(node));
    }
    for (int[][] level : upper) {
      for (int[] connected : level) {
        most = Math.max(most, connected.length);
      }
    }
    this.maxLinks = most;
  }

  /**
   * Links by node and level.
   *
   * @param entry where searches begin: a node of the highest level; −1 if there are no nodes
   * @param links [ordinal][level][n]; every node has level 0
   */
  static Adjacency of(int entry, int[][][] links) {
    int[] ends = new int[links.length];
    int total = 0;
    int levels = 1;
    for (int node = 0; node < links.length; node++) {
      total = Math.addExact(total, links[node][0].length);
      ends[node] = total;
      levels = Math.max(levels, links[node].length);
    }
    int[] ground = new int[total];
    for (int node = 0; node < links.length; node++) {
      int length = links[node][0].length;
      System.arraycopy(links[node][0], 0, ground, ends[node] - length, length);
    }
    int[][] members = new int[levels - 1][];
    int[][][] upper = new int[levels - 1][][];
    for (int level = 1; level < levels; level++) {
      int[] nodes = new int[links.length];
      int[][] connected = new int[links.length][];
      int count = 0;
      for (int node = 0; node < links.length; node++) {
        if (links[node].length > level) {
          nodes[count] = node;
          connected[count++] = links[node][level].clone();
        }
      }
      members[level - 1] = Arrays.copyOf(nodes, count);
      upper[level - 1] = Arrays.copyOf(connected, count);
    }
    return new Adjacency(entry, ends, ground, members, upper);
  }

  int size() {
    return ends.length;
  }

  int entry() {
    return entry;
  }

  int topLevel() {
    return members.length;
  }

  private int groundStart(int ordinal) {
    return ordinal == 0 ? 0 : ends[ordinal - 1];
  }

  private int groundEnd(int ordinal) {
    return ends[ordinal];
  }

  @Override
  public int maxLinks() {
    return maxLinks;
  }

  @Override
  public int links(int level, int ordinal, int[] target) {
    if (level == 0) {
      int start = groundStart(ordinal);
      int count = groundEnd(ordinal) - start;
      System.arraycopy(ground, start, target, 0, count);
      return count;
    }
    int place = Arrays.binarySearch(members[level - 1], ordinal);
    if (place < 0) {
      return 0;
    }
    int[] connected = upper[level - 1][place];
    System.arraycopy(connected, 0, target, 0, connected.length);
    return connected.length;
  }

  /**
   * Writes format, size, entry, number of levels; for level 0 the number of links of each node and
   * the links; for each level above the number of its nodes, then for each node ordinal, number of
   * links, links; at last the CRC32C of all before. All numbers are little-endian ints.
   */
  void write(OutputStream out) throws IOException {
    Ints.Writer ints = new Ints.Writer(out);
    ints.put(FORMAT);
    ints.put(size());
    ints.put(entry);
    ints.put(topLevel());
    for (int node = 0; node < size(); node++) {
      ints.put(groundEnd(node) - groundStart(node));
    }
    for (int neighbour : ground) {
      ints.put(neighbour);
    }
    for (int level = 0; level < members.length; level++) {
      ints.put(members[level].length);
      for (int i = 0; i < members[level].length; i++) {
        ints.put(members[level][i]);
        ints.put(upper[level][i].length);
        for (int neighbour : upper[level][i]) {
          ints.put(neighbour);
        }
      }
    }
    ints.finish();
  }

  /**
   * Reads what {@link #write} wrote, and checks that every link leads somewhere.
   *
   * @throws IOException if these bytes are no graph of {@code size} ordinals
   */
  static Adjacency read(InputStream stream, int size) throws IOException {
    Ints.Reader in = new Ints.Reader(stream);
    int format = in.next();
    require(format == FORMAT, "graph format " + format + ", not " + FORMAT);
    int found = in.next();
    require(found == size, "a graph of " + found + " ordinals for " + size + " vectors");
    int entry = in.next();
    require(size == 0 ? entry == -1 : entry >= 0 && entry < size, "entry point " + entry);
    int levels = in.next();
    require(levels >= 0 && levels < MAX_LEVELS, levels + " levels");
    int[] ends = new int[size];
    long total = 0;
    for (int node = 0; node < size; node++) {
      int count = in.next();
      require(count >= 0 && count < size, "node " + node + " with " + count + " links");
      total += count;
      require(total <= Integer.MAX_VALUE - 8, "more than 2^31 links");
      ends[node] = (int) total;
    }
    int[] ground = links(in, (int) total, size);
    int[][] members = new int[levels][];
    int[][][] upper = new int[levels][][];
    for (int level = 0; level < levels; level++) {
      int count = in.next();
      require(count > 0 && count <= size, "level of " + count + " nodes");
      members[level] = new int[count];
      upper[level] = new int[count][];
      for (int i = 0; i < count; i++) {
        int node = in.next();
        require(node < size && node > (i == 0 ? -1 : members[level][i - 1]), "node " + node);
        members[level][i] = node;
        int length = in.next();
        require(length >= 0 && length < size, "node " + node + " with " + length + " links");
        upper[level][i] = links(in, length, size);
      }
    }
    in.finish();
    return new Adjacency(entry, ends, ground, members, upper);
  }

  private static void require(boolean condition, String problem) throws IOException {
    if (!condition) {
      throw new IOException("no valid graph: " + problem);
    }
  }

  /** Reads in steps, so that a false count runs into the end before it takes much memory. */
  private static int[] links(Ints.Reader in, int count, int size) throws IOException {
    int[] links = new int[Math.min(count, 1 << 16)];
    for (int i = 0; i < count; i++) {
      if (i == links.length) {
        links = Arrays.copyOf(links, (int) Math.min(count, links.length * 2L));
      }
      links[i] = in.next();
      require(links[i] >= 0 && links[i] < size, "a link to " + links[i]);
    }
    return links;
  }
}
