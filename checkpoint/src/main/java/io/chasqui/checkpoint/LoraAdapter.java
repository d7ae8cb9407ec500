package io.chasqui.checkpoint;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A LoRA adapter as PEFT stores it, its key names brought to one form. W + scale·B·A is the adapted
 * weight. Immutable; the arrays are not copied: do not write to them.
 *
 * @param taskType PEFT's task type: FEATURE_EXTRACTION, SEQ_CLS, CAUSAL_LM
 * @param modules low-rank updates by module, "layers.0.self_attn.q_proj"
 * @param saved whole tensors that replace the base's (modules_to_save), by name: "score.weight"
 */
public record LoraAdapter(
    String taskType, SortedMap<String, Update> modules, Map<String, Saved> saved) {
  public LoraAdapter {
    modules = Collections.unmodifiableSortedMap(new TreeMap<>(modules));
    saved = Map.copyOf(saved);
  }

  /**
   * One low-rank update.
   *
   * @param rank r
   * @param scale α/r, or α/√r with rsLoRA
   * @param a lora_A.weight [r, in], row-major
   * @param b lora_B.weight [out, r], row-major
   */
  @SuppressWarnings("ArrayRecordComponent") // weights, compared by nobody
  public record Update(int rank, double scale, float[] a, float[] b) {
    /** Width of the module's input. */
    public int in() {
      return a.length / rank;
    }

    /** Width of the module's output. */
    public int out() {
      return b.length / rank;
    }
  }

  /**
   * A whole tensor.
   *
   * @param rows first dimension; 1 for a vector
   * @param columns second dimension
   * @param values [rows, columns]
   */
  @SuppressWarnings("ArrayRecordComponent") // weights, compared by nobody
  public record Saved(int rows, int columns, float[] values) {}

  /** The highest rank of any module. */
  public int maxRank() {
    return modules.values().stream().mapToInt(Update::rank).max().orElse(0);
  }
}
