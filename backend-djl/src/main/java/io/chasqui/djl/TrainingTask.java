package io.chasqui.djl;

import io.chasqui.checkpoint.LoraAdapterWriter;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Role;
import java.util.Optional;

/**
 * What is trained, and towards what. Immutable.
 *
 * @param base the checkpoint that training starts from
 * @param role the convention that is trained: its template, tokens, lengths, pooling and head; if
 *     it has an adapter, LoRA goes on with that; "" for a language model
 * @param objective fits the role: a retriever's for one that encodes, a reranker's for one that
 *     scores pairs
 * @param tuning which weights change
 */
public record TrainingTask(ModelBundle base, String role, Objective objective, Tuning tuning) {
  /** The score head that training learns. */
  static final String HEAD = LoraAdapterWriter.HEAD;

  public TrainingTask {
    boolean language = objective instanceof Objective.LanguageModel;
    if (language != role.isEmpty()) {
      throw new IllegalArgumentException(
          language
              ? "a language model has no role: \"" + role + "\""
              : "the objective " + objective + " needs a role");
    }
    if (!language) {
      requireFit(base.role(role), objective);
    }
  }

  /** A base that learns to predict the next token. */
  public static TrainingTask languageModel(
      ModelBundle base, Objective.LanguageModel objective, Tuning tuning) {
    return new TrainingTask(base, "", objective, tuning);
  }

  private static void requireFit(Role role, Objective objective) {
    boolean scores = objective instanceof Objective.Reranking;
    boolean encodes = objective instanceof Objective.Retrieval;
    if ((scores && !role.isScorer()) || (encodes && role.isScorer())) {
      throw new IllegalArgumentException(
          "role %s %s; the objective %s is for one that %s"
              .formatted(
                  role.name(),
                  role.isScorer() ? "scores pairs" : "encodes",
                  objective,
                  scores ? "scores pairs" : "encodes"));
    }
    if (!role.output().dense().isEmpty()) {
      throw new IllegalArgumentException(
          "role %s: dense layers %s behind the pooling are not trained here"
              .formatted(role.name(), role.output().dense()));
    }
  }

  Optional<Role> convention() {
    return role.isEmpty() ? Optional.empty() : Optional.of(base.role(role));
  }

  boolean isScorer() {
    return convention().map(Role::isScorer).orElse(false);
  }
}
