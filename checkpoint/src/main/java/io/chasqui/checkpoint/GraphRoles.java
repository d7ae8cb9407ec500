package io.chasqui.checkpoint;

import io.chasqui.checkpoint.Role.Attention;
import io.chasqui.checkpoint.Role.Output;
import io.chasqui.checkpoint.Role.Pooling;
import io.chasqui.checkpoint.Role.Truncation;
import io.chasqui.checkpoint.RoleTemplate.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Roles of an exported graph that nobody has described, where its files leave nothing to guess: a
 * vector that the graph has pooled itself, or a classifier's one score. Which hidden state stands
 * for a text is not to be seen from a graph, so that hidden states alone make no role.
 */
final class GraphRoles {
  static final String CROSS_ENCODER = "cross-encoder";

  /** Of the model's length this part is the query's: a quarter. */
  private static final int QUERY_SHARE = 4;

  private GraphRoles() {}

  static Optional<Role> of(Path directory, GraphSource source) throws IOException {
    if (source.graph().output(GraphOutputs.SENTENCE).isPresent()) {
      return Optional.of(
          Role.encoder(
              SentenceTransformers.ROLE,
              SpecialTokens.read(directory).toRoleTokens(),
              Pooling.MEAN, // said of hidden states only; this graph's vector is pooled
              limit(directory, source)));
    }
    return GraphOutputs.isScore(source.graph(), source.config())
        ? Optional.of(crossEncoder(directory, source))
        : Optional.empty();
  }

  /** Two texts in the tokenizer's own frame for pairs. */
  private static Role crossEncoder(Path directory, GraphSource source) throws IOException {
    SpecialTokens special = SpecialTokens.read(directory);
    TokenFrame frame = special.frame();
    int limit = limit(directory, source);
    int query = Math.max(1, limit / QUERY_SHARE);
    return new Role(
        CROSS_ENCODER,
        Attention.BIDIRECTIONAL,
        new Role.Tokens(Optional.empty(), List.of(), special.pad().orElse(0), Role.PadSide.RIGHT),
        new RoleTemplate.Framed(
            parts(frame.pairBefore()),
            "{query}",
            parts(frame.pairBetween()),
            "{title} {text}",
            "{text}",
            parts(frame.pairAfter())),
        new Truncation(query, Math.max(1, limit - query)),
        Pooling.CLS,
        new Output(false, Optional.empty()),
        Optional.of(new ScoreHead.GraphOutput(GraphOutputs.LOGITS)),
        Optional.empty());
  }

  private static List<Part> parts(List<Integer> ids) {
    return ids.stream().<Part>map(Part.Id::new).toList();
  }

  private static int limit(Path directory, GraphSource source) throws IOException {
    return TextLimit.of(directory, source.maxPositions());
  }
}
