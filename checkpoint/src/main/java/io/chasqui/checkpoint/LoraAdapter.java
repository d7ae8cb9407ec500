package io.chasqui.checkpoint;

import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A LoRA adapter as PEFT stores it, its key names brought to one form. W + scale·B·A is the adapted
 * weight. Immutable. Matrices that a file holds as F32 are mapped and take no memory of their own;
 * the file must not be changed or cut meanwhile.
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
   * @param a lora_A.weight [r, in], row-major, read-only, of native order
   * @param b lora_B.weight [out, r], row-major, read-only, of native order
   */
  public record Update(int rank, double scale, FloatBuffer a, FloatBuffer b) {
    public Update {
      a = a.slice().asReadOnlyBuffer();
      b = b.slice().asReadOnlyBuffer();
    }

    /** Its own position and limit, the adapter's floats. */
    @Override
    public FloatBuffer a() {
      return a.duplicate();
    }

    /** Its own position and limit, the adapter's floats. */
    @Override
    public FloatBuffer b() {
      return b.duplicate();
    }

    /** Width of the module's input. */
    public int in() {
      return a.capacity() / rank;
    }

    /** Width of the module's output. */
    public int out() {
      return b.capacity() / rank;
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
