package io.chasqui.examples.training;

import io.chasqui.checkpoint.ModelConfig;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/**
 * The groups of heads and the units of the MLP that a base keeps free in each layer, the last ones:
 * without weights they do nothing, and training the base leaves them so. An adapter can use them
 * without taking anything from the base.
 *
 * <p>Groups are counted from 0; of each, the first head is used.
 *
 * @param hidden size of a state
 * @param headSize numbers of a head
 * @param heads of a layer
 * @param perGroup heads that share keys
 * @param groups that are free
 * @param units of the MLP, with free ones
 * @param freeUnits of them
 */
record SpareParts(
    int hidden, int headSize, int heads, int perGroup, int groups, int units, int freeUnits) {

  /**
   * Those of a base.
   *
   * @param shape that its configuration was written from
   */
  static SpareParts of(ModelConfig config, BaseShape shape) {
    return new SpareParts(
        config.hiddenSize(),
        config.headDim(),
        config.heads(),
        config.heads() / config.keyValueHeads(),
        shape.spareGroups(),
        config.intermediateSize(),
        shape.spareUnits());
  }

  /** Groups of heads that are not free. */
  int usedGroups() {
    return heads / perGroup - groups;
  }

  /** Row of keys and values. */
  int keyRow(int group, int number) {
    return (usedGroups() + group) * headSize + number;
  }

  /** Row of queries and column of outputs, of the group's first head. */
  int queryRow(int group, int number) {
    return (usedGroups() + group) * perGroup * headSize + number;
  }

  /** Row of gates and factors, column of the MLP's outputs. */
  int unit(int number) {
    return units - freeUnits + number;
  }

  private int queryRows() {
    return heads * headSize;
  }

  private int keyRows() {
    return heads / perGroup * headSize;
  }

  /**
   * Where a matrix's free rows begin; behind its last row if none is.
   *
   * @param matrix as "q_proj"
   */
  int firstFreeRow(String matrix) {
    return switch (matrix) {
      case "q_proj" -> queryRow(0, 0);
      case "k_proj", "v_proj" -> keyRow(0, 0);
      case "gate_proj", "up_proj" -> unit(0);
      case "o_proj", "down_proj" -> hidden;
      default -> throw new IllegalArgumentException(matrix);
    };
  }

  /** Where a matrix's free columns begin; behind its last column if none is. */
  int firstFreeColumn(String matrix) {
    return switch (matrix) {
      case "o_proj" -> queryRow(0, 0);
      case "down_proj" -> unit(0);
      default -> hidden;
    };
  }

  private int rows(String matrix) {
    return switch (matrix) {
      case "q_proj" -> queryRows();
      case "k_proj", "v_proj" -> keyRows();
      case "gate_proj", "up_proj" -> units;
      default -> hidden;
    };
  }

  /**
   * Takes all weights away from them.
   *
   * @param weights of a base, by name without "model."
   */
  void clear(Map<String, float[]> weights, int layers) {
    for (int layer = 0; layer < layers; layer++) {
      for (String module : LowRankUpdates.MODULES) {
        String matrix = module.substring(module.indexOf('.') + 1);
        float[] values =
            Objects.requireNonNull(weights.get("layers." + layer + "." + module + ".weight"));
        int columns = values.length / rows(matrix);
        Arrays.fill(values, firstFreeRow(matrix) * columns, values.length, 0);
        for (int row = 0; row < rows(matrix); row++) {
          Arrays.fill(values, row * columns + firstFreeColumn(matrix), (row + 1) * columns, 0);
        }
      }
    }
  }
}
