package io.chasqui.examples.training;

import io.chasqui.Passage;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.RoleTemplate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.ejml.data.DMatrixRMaj;

/**
 * What the maps of {@link RerankerStart} are fitted to: a row for each query or passage.
 *
 * @param queryInputs of the last layer, after its norm, at the queries' EOS
 * @param passageInputs of the last layer, after its norm, at the passages' EOS
 * @param insideInputs of the last layer, after its norm, at tokens that are no EOS
 * @param middles states before the last MLP, divided by their root mean square: of the queries, and
 *     of the queries behind passages that are not theirs
 */
record RerankerSamples(
    DMatrixRMaj queryInputs,
    DMatrixRMaj passageInputs,
    DMatrixRMaj insideInputs,
    DMatrixRMaj middles) {
  /** Tokens after which texts are cut, to see states inside them. */
  private static final int[] CUTS = {1, 2, 3, 4, 6, 9, 13, 18, 24, 32, 42, 56};

  /** Reads them. */
  static final class Reading {
    private final InnerStates states;
    private final ModelConfig config;
    private final Map<String, float[]> base;

    /** With the retriever's adapter. */
    private final Map<String, float[]> adapted;

    /**
     * @param states of the base under the retriever's prompts
     * @param base its weights, by name without "model."
     * @param adapted the same with the retriever's adapter
     */
    Reading(InnerStates states, Map<String, float[]> base, Map<String, float[]> adapted) {
      this.states = states;
      this.config = states.base().config();
      this.base = base;
      this.adapted = adapted;
    }

    RerankerSamples of(List<String> queries, List<Passage> passages) throws IOException {
      Map<String, float[]> cut = new HashMap<>(adapted);
      cut.put("norm.weight", last("input_layernorm"));
      Path inputs = states.write("inputs", config.layers() - 1, cut);
      // In the last layer the retriever's adapter makes room for this one.
      Map<String, float[]> middle = new HashMap<>(adapted);
      base.forEach(
          (name, values) -> {
            if (name.startsWith(lastLayer())) {
              middle.put(name, values);
            }
          });
      middle.put(lastLayer() + "mlp.down_proj.weight", new float[last("mlp.down_proj").length]);
      float[] ones = new float[config.hiddenSize()];
      Arrays.fill(ones, 1);
      middle.put("norm.weight", ones);
      Path middles = states.write("middles", config.layers(), middle);
      List<String> behind = new ArrayList<>();
      for (int i = 0; i < queries.size(); i++) {
        behind.add(
            BehindPassages.behind(
                (RoleTemplate.Single) states.role().template(),
                passages.get((i + 1) % passages.size()),
                queries.get(i)));
      }
      try (InnerStates.Reader before = states.states(inputs);
          InnerStates.Reader between = states.states(middles);
          InnerStates.Reader prompts = states.prompts(middles, List.of(BaseShape.EOS))) {
        return new RerankerSamples(
            before.queries(queries),
            before.passages(passages),
            inside(inputs, queries, passages),
            Matrices.below(between.queries(queries), prompts.queries(behind)));
      }
    }

    private DMatrixRMaj inside(Path inputs, List<String> queries, List<Passage> passages)
        throws IOException {
      DMatrixRMaj all = new DMatrixRMaj(0, config.hiddenSize());
      for (int i = 0; i < CUTS.length; i++) {
        // Queries are shorter: half as many.
        try (InnerStates.Reader reader = states.insideTexts(inputs, CUTS[i])) {
          all = Matrices.below(all, reader.passages(share(passages, i, CUTS.length)));
          all = Matrices.below(all, reader.queries(share(queries, i, 2 * CUTS.length)));
        }
      }
      return all;
    }

    private static <T> List<T> share(List<T> all, int which, int of) {
      return all.subList(all.size() * which / of, all.size() * (which + 1) / of);
    }

    private String lastLayer() {
      return "layers." + (config.layers() - 1) + ".";
    }

    /** The base's weights of a module of the last layer. */
    private float[] last(String module) {
      return Objects.requireNonNull(base.get(lastLayer() + module + ".weight"), module);
    }
  }
}
