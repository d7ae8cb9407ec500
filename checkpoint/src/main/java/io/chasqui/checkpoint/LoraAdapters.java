package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.LoraAdapter.Saved;
import io.chasqui.checkpoint.LoraAdapter.Update;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PEFT LoRA adapters on disk: {@code adapter_config.json} with {@code adapter_model.safetensors} or
 * {@code adapter_model.bin} (the former wins).
 */
public final class LoraAdapters {
  private static final String SAFETENSORS = "adapter_model.safetensors";
  private static final String PICKLE = "adapter_model.bin";
  private static final Pattern LORA =
      Pattern.compile(
          "base_model\\.model\\.(model\\.)?(layers\\..+)\\.lora_([AB])(?:\\.default)?\\.weight");
  private static final Pattern SCORE =
      Pattern.compile("base_model\\.model\\.score(?:\\.modules_to_save)?(?:\\.default)?\\.weight");
  private static final String SCORE_NAME = "score.weight";

  private LoraAdapters() {}

  /**
   * Reads an adapter and checks it against the base that it is for: every module that the config
   * names has both of its matrices, of the base's width and the config's rank, and there is nothing
   * else.
   *
   * @throws ModelFormatException naming the field of the config that asks for something that is not
   *     supported, or listing the tensors that are missing, unknown, or of another shape, or naming
   *     a tensor that has a NaN or infinity
   */
  public static LoraAdapter read(Path directory, ModelConfig base) throws IOException {
    LoraSettings settings = LoraSettings.read(directory);
    try (TensorFile tensors = TensorFile.open(directory, SAFETENSORS, PICKLE)) {
      return new Reading(settings, base, tensors).run();
    }
  }

  /** One reading, with the problems found so far. */
  private static final class Reading {
    private final LoraSettings settings;
    private final ModelConfig base;
    private final TensorFile tensors;
    private final SortedMap<String, List<Long>> linears;

    /** Stored names by canonical name: "layers.0.mlp.up_proj.A", "score.weight". */
    private final Map<String, String> stored = new TreeMap<>();

    private final List<String> unknown = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();
    private String prefix = "";

    Reading(LoraSettings settings, ModelConfig base, TensorFile tensors) {
      this.settings = settings;
      this.base = base;
      this.tensors = tensors;
      this.linears = ModelFamilies.of(base).linears(base);
    }

    LoraAdapter run() throws IOException {
      collect();
      List<String> modules = new ArrayList<>();
      linears.forEach(
          (module, shape) -> {
            if (settings.targets().contains(prefix + module, layer(module))) {
              modules.add(module);
              requirePair(module, shape);
            } else {
              surplus(module);
            }
          });
      requireScore();
      throwProblems();
      if (modules.isEmpty()) {
        throw settings
            .json()
            .problem(
                "target_modules",
                settings.json().show("target_modules") + " names no module of the base");
      }
      SortedMap<String, Update> updates = new TreeMap<>();
      for (String module : modules) {
        updates.put(
            module,
            new Update(
                settings.rank(prefix + module),
                settings.scale(prefix + module),
                values(module + ".A"),
                values(module + ".B")));
      }
      Map<String, Saved> saved = new HashMap<>();
      if (stored.containsKey(SCORE_NAME)) {
        int rows = (int) (long) tensors.shape(storedName(SCORE_NAME)).get(0);
        FloatBuffer values = values(SCORE_NAME);
        float[] copy = new float[values.remaining()];
        values.get(copy);
        saved.put(SCORE_NAME, new Saved(rows, base.hiddenSize(), copy));
      }
      return new LoraAdapter(settings.taskType(), updates, saved);
    }

    /** Sorts the stored names into known and unknown ones. */
    private void collect() {
      for (String name : tensors.names()) {
        Matcher lora = LORA.matcher(name);
        String canonical;
        if (lora.matches() && linears.containsKey(lora.group(2))) {
          canonical = lora.group(2) + "." + lora.group(3);
          prefix = lora.group(1) == null ? prefix : "model.";
        } else if (SCORE.matcher(name).matches() && settings.savesScore()) {
          canonical = SCORE_NAME;
        } else {
          unknown.add(name);
          continue;
        }
        String other = stored.put(canonical, name);
        if (other != null) {
          wrong.add(name + " is " + other + " once more");
        }
      }
    }

    private void requirePair(String module, List<Long> shape) {
      long rank = settings.rank(prefix + module);
      long out = shape.get(0);
      long in = shape.get(1);
      require(module + ".A", module + ".lora_A.weight", List.of(rank, in));
      require(module + ".B", module + ".lora_B.weight", List.of(out, rank));
    }

    private void require(String canonical, String shown, List<Long> shape) {
      if (!stored.containsKey(canonical)) {
        missing.add(shown);
        return;
      }
      String name = storedName(canonical);
      if (!tensors.shape(name).equals(shape)) {
        wrong.add("%s has shape %s, expected %s".formatted(name, tensors.shape(name), shape));
      }
      if (!tensors.dtype(name).isFloat()) {
        wrong.add(name + " has " + tensors.dtype(name) + ", expected floating-point numbers");
      }
    }

    private void surplus(String module) {
      for (String canonical : List.of(module + ".A", module + ".B")) {
        if (stored.containsKey(canonical)) {
          unknown.add(storedName(canonical));
        }
      }
    }

    private void requireScore() {
      boolean required = settings.taskType().equals(LoraSettings.CLASSIFICATION);
      if (!stored.containsKey(SCORE_NAME) && !required) {
        return;
      }
      List<Long> found =
          stored.containsKey(SCORE_NAME) ? tensors.shape(storedName(SCORE_NAME)) : List.of();
      boolean fitsAnyRows = base.labels() == 0 && found.size() == 2 && found.get(0) >= 1;
      long rows = fitsAnyRows ? found.get(0) : Math.max(1, base.labels());
      require(SCORE_NAME, SCORE_NAME, List.of(rows, (long) base.hiddenSize()));
    }

    private void throwProblems() {
      List<String> problems = new ArrayList<>();
      if (tensors.names().isEmpty()) {
        problems.add("no tensor in it");
      }
      add(problems, "%d tensors that %s asks for are missing: %s", missing);
      add(problems, "%d tensors have no place under %s and the base's config: %s", unknown);
      add(problems, "%d tensors do not fit %s and the base's config: %s", wrong);
      if (!problems.isEmpty()) {
        throw new ModelFormatException(tensors.file(), "", String.join("; ", problems));
      }
    }

    private static void add(List<String> problems, String format, List<String> names) {
      if (!names.isEmpty()) {
        String shown = MessageLists.of(new TreeSet<>(names));
        problems.add(format.formatted(names.size(), LoraSettings.FILE, shown));
      }
    }

    private FloatBuffer values(String canonical) throws IOException {
      String name = storedName(canonical);
      FloatBuffer values = tensors.floats(name);
      for (int i = 0; i < values.limit(); i++) {
        if (!Float.isFinite(values.get(i))) {
          throw new ModelFormatException(
              tensors.file(), name, "element " + i + " is " + values.get(i));
        }
      }
      return values;
    }

    private String storedName(String canonical) {
      return Objects.requireNonNull(stored.get(canonical), canonical);
    }

    private static int layer(String module) {
      int start = "layers.".length();
      return Integer.parseInt(module.substring(start, module.indexOf('.', start)));
    }
  }
}
