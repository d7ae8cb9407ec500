package io.chasqui.checkpoint;

import io.chasqui.checkpoint.Role.Pooling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The way of pooling in a {@code 1_Pooling/config.json}: one name ({@code pooling_mode}, since
 * sentence-transformers 6), or a flag for each.
 */
final class PoolingField {
  private static final String MODE = "pooling_mode";

  private static final Map<String, Pooling> KNOWN =
      Map.of("cls", Pooling.CLS, "mean", Pooling.MEAN, "lasttoken", Pooling.LAST);

  private static final Map<String, String> FLAGS =
      new TreeMap<>(
          Map.of(
              "pooling_mode_cls_token", "cls",
              "pooling_mode_mean_tokens", "mean",
              "pooling_mode_lasttoken", "lasttoken",
              "pooling_mode_max_tokens", "max",
              "pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens",
              "pooling_mode_weightedmean_tokens", "weightedmean"));

  private PoolingField() {}

  static Pooling read(JsonFields config) {
    if (config.has(MODE)) {
      return known(config, MODE, config.string(MODE).orElse(""));
    }
    List<String> on = new ArrayList<>();
    FLAGS
        .keySet()
        .forEach(
            flag -> {
              if (config.flag(flag, false)) {
                on.add(flag);
              }
            });
    if (on.size() > 1) {
      throw config.problem(on.get(1), "several ways of pooling, side by side: " + on);
    }
    // Without any the library takes the mean.
    return on.isEmpty()
        ? Pooling.MEAN
        : known(config, on.get(0), FLAGS.getOrDefault(on.get(0), ""));
  }

  private static Pooling known(JsonFields config, String field, String name) {
    Pooling pooling = KNOWN.get(name);
    if (pooling == null) {
      throw config.problem(
          field,
          "pooling \""
              + JsonFields.cut(name)
              + "\" is not supported; supported: "
              + KNOWN.keySet().stream().sorted().toList());
    }
    return pooling;
  }
}
