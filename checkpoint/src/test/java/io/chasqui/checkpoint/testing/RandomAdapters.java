package io.chasqui.checkpoint.testing;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.LoraAdapters;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.SafetensorsWriter;
import io.chasqui.checkpoint.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Random PEFT LoRA adapters: {@code adapter_config.json} and {@code adapter_model.safetensors}.
 * Neither matrix is zero, so that an adapter that is not applied shows.
 */
public final class RandomAdapters {
  private static final JsonMapper JSON = new JsonMapper();

  private RandomAdapters() {}

  /**
   * What to write.
   *
   * @param rank r
   * @param alpha lora_alpha
   * @param rankStabilised use_rslora
   * @param targets names of linear layers: "q_proj"
   * @param score whether it is a reranker's: with a score head, SEQ_CLS, and one "model." more
   * @param dtype of the stored tensors
   */
  public record Spec(
      int rank,
      double alpha,
      boolean rankStabilised,
      List<String> targets,
      boolean score,
      DType dtype) {
    public Spec {
      targets = List.copyOf(targets);
    }

    /** Rank 4, alpha 8, all seven linear layers, F32, without score head. */
    public static Spec retriever() {
      return new Spec(
          4,
          8,
          false,
          List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"),
          false,
          DType.F32);
    }

    /** As {@link #retriever()}, with a score head. */
    public static Spec reranker() {
      return retriever().withScore(true);
    }

    public Spec withRank(int newRank, double newAlpha) {
      return new Spec(newRank, newAlpha, rankStabilised, targets, score, dtype);
    }

    public Spec withRankStabilised(boolean value) {
      return new Spec(rank, alpha, value, targets, score, dtype);
    }

    public Spec withTargets(List<String> value) {
      return new Spec(rank, alpha, rankStabilised, value, score, dtype);
    }

    public Spec withScore(boolean value) {
      return new Spec(rank, alpha, rankStabilised, targets, value, dtype);
    }

    public Spec withDtype(DType value) {
      return new Spec(rank, alpha, rankStabilised, targets, score, value);
    }
  }

  /**
   * Writes an adapter.
   *
   * @param directory is made
   * @return the adapter, read back
   */
  public static LoraAdapter write(Path directory, ModelConfig base, Spec spec, long seed)
      throws IOException {
    Files.createDirectories(directory);
    ObjectNode config = JSON.createObjectNode();
    config.put("peft_type", "LORA").put("task_type", spec.score ? "SEQ_CLS" : "FEATURE_EXTRACTION");
    config.put("r", spec.rank).put("lora_alpha", spec.alpha);
    config.put("use_rslora", spec.rankStabilised).put("lora_dropout", 0.1);
    config.put("bias", "none").put("fan_in_fan_out", false).put("inference_mode", true);
    config.putNull("base_model_name_or_path");
    spec.targets.forEach(config.withArray("target_modules")::add);
    if (spec.score) {
      config.putArray("modules_to_save").add("classifier").add("score");
    }
    Files.writeString(directory.resolve("adapter_config.json"), config.toPrettyString());
    SafetensorsWriter.write(
        directory.resolve("adapter_model.safetensors"), tensors(base, spec, seed));
    return LoraAdapters.read(directory, base);
  }

  private static List<TensorData> tensors(ModelConfig base, Spec spec, long seed) {
    String prefix = "base_model.model." + (spec.score ? "model." : "");
    List<TensorData> tensors = new ArrayList<>();
    long hidden = base.hiddenSize();
    long rank = spec.rank;
    for (int layer = 0; layer < base.layers(); layer++) {
      for (String target : spec.targets) {
        boolean mlp = List.of("gate_proj", "up_proj", "down_proj").contains(target);
        String module =
            prefix + "layers." + layer + (mlp ? ".mlp." : ".self_attn.") + target + ".lora_";
        long in = in(base, target);
        float deviation = (float) (1 / Math.sqrt((double) in));
        tensors.add(
            RandomWeights.bell(
                module + "A.weight", spec.dtype, List.of(rank, in), seed, 0, deviation));
        tensors.add(
            RandomWeights.bell(
                module + "B.weight", spec.dtype, List.of(out(base, target), rank), seed, 0, 0.1f));
      }
    }
    if (spec.score) {
      tensors.add(
          RandomWeights.bell(
              "base_model.model.score.weight",
              spec.dtype,
              List.of(1L, hidden),
              seed,
              0,
              (float) (1 / Math.sqrt((double) hidden))));
    }
    return tensors;
  }

  private static long in(ModelConfig base, String target) {
    return switch (target) {
      case "down_proj" -> base.intermediateSize();
      case "o_proj" -> (long) base.heads() * base.headDim();
      default -> base.hiddenSize();
    };
  }

  private static long out(ModelConfig base, String target) {
    return switch (target) {
      case "gate_proj", "up_proj" -> base.intermediateSize();
      case "q_proj" -> (long) base.heads() * base.headDim();
      case "k_proj", "v_proj" -> (long) base.keyValueHeads() * base.headDim();
      default -> base.hiddenSize();
    };
  }
}
