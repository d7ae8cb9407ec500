package io.chasqui.hnsw;

import com.github.jelmerk.hnswlib.core.hnsw.HnswIndex;
import io.chasqui.ChasquiException;
import io.chasqui.spi.VectorSource;
import java.lang.reflect.Field;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.ToIntFunction;
import org.eclipse.collections.api.list.primitive.MutableIntList;
import org.jspecify.annotations.Nullable;

/**
 * Takes the links out of a graph that jelmerk's library has built. It offers no other way than Java
 * serialisation, so that its fields are read; docs/decisions/060 says why.
 */
final class JelmerkLinks {
  private JelmerkLinks() {}

  /**
   * @param vectors what the ordinals stand for; all were added
   * @param ordinalOf the ordinal of an item of the index, from 0
   */
  static <T> Adjacency of(
      HnswIndex<?, ?, ?, ?> index,
      VectorSource vectors,
      Class<T> itemType,
      ToIntFunction<T> ordinalOf) {
    int size = vectors.size();
    try {
      AtomicReferenceArray<?> nodes = (AtomicReferenceArray<?>) read(index, "nodes");
      int[] ordinals = new int[size]; // by node id: threads add in any order
      for (int id = 0; id < size; id++) {
        ordinals[id] = ordinalOf.applyAsInt(itemType.cast(read(nodes.get(id), "item")));
      }
      int[][][] links = new int[size][][];
      for (int id = 0; id < size; id++) {
        MutableIntList[] levels = (MutableIntList[]) read(nodes.get(id), "connections");
        int[][] mine = new int[levels.length][];
        for (int level = 0; level < levels.length; level++) {
          mine[level] = levels[level].toArray();
          for (int i = 0; i < mine[level].length; i++) {
            mine[level][i] = ordinals[mine[level][i]];
          }
        }
        links[ordinals[id]] = mine;
      }
      int entry = ordinals[(int) read(read(index, "entryPoint"), "id")];
      Reachable.ensure(entry, links, vectors);
      return Adjacency.of(entry, links);
    } catch (ReflectiveOperationException e) {
      throw new ChasquiException(
          "the graph of hnswlib-core can't be read: is this version 1.2.1?", e);
    }
  }

  private static Object read(@Nullable Object owner, String name)
      throws ReflectiveOperationException {
    if (owner == null) {
      throw new NoSuchFieldException("nothing that has a " + name);
    }
    Field field = owner.getClass().getDeclaredField(name);
    field.setAccessible(true);
    Object value = field.get(owner);
    if (value == null) {
      throw new NoSuchFieldException(name + " is null");
    }
    return value;
  }
}
