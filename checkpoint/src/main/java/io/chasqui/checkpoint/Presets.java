package io.chasqui.checkpoint;

import io.chasqui.checkpoint.Role.Attention;
import io.chasqui.checkpoint.Role.Output;
import io.chasqui.checkpoint.Role.PadSide;
import io.chasqui.checkpoint.Role.Pooling;
import io.chasqui.checkpoint.Role.Tokens;
import io.chasqui.checkpoint.Role.Truncation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Roles of published models by name, with the ids of their own tokenizers. Where sources disagree
 * each variant has a name of its own. For a base with other special tokens say so: {@code
 * Presets.named("repllama-v1").withTokens(…)}.
 *
 * <table>
 * <caption>Prompts</caption>
 * <tr><th>preset<th>input
 * <tr><td>repllama-v1<td>{@code <s>query: {q}</s>}, {@code <s>passage: {title} {text}</s>} (model
 *   card)
 * <tr><td>repllama-v1-code<td>the same without {@code <s>} (training code)
 * <tr><td>repllama-mteb<td>as repllama-v1 with two spaces after the colon (later Tevatron, MTEB)
 * <tr><td>rankllama-v1<td>{@code <s>query: {q}<s>document: {title} {text}}, no EOS (model card)
 * <tr><td>rankllama-paper<td>{@code query: {q} document: {title} {text}</s>} (paper, section 2.3)
 * <tr><td>e5-mistral<td>{@code <s>Instruct: {i}\nQuery: {q}</s>}, {@code <s>{title} {text}</s>};
 *   also SFR-Embedding-Mistral, Linq
 * <tr><td>qwen3-embedding<td>{@code Instruct: {i}\nQuery:{q}<|endoftext|>}, {@code {title}
 *   {text}<|endoftext|>}
 * <tr><td>qwen3-reranker<td>a chat that ends where the model says yes or no, around {@code
 *   <Instruct>: {i}\n<Query>: {q}\n<Document>: {title} {text}}; the probability of yes
 * <tr><td>gte-qwen2<td>{@code Instruct: {i}\nQuery: {q}<|endoftext|>}, {@code {title}
 *   {text}<|endoftext|>}; attention in both directions
 * <tr><td>bge-reranker-v2-gemma<td>{@code <bos>A: {q}\nB: {title} {text}\n{i}}; the logit of Yes
 * </table>
 *
 * @see <a href="https://github.com/texttron/tevatron/tree/tevatron-v1/examples">Tevatron v1</a>
 */
public final class Presets {
  private static final int BOS = 1;
  private static final int EOS = 2;

  /** BEIR's length; training used 32 and 196. */
  private static final Truncation ENCODER_LIMITS = new Truncation(512, 512);

  /** 32 and 164 tokens of text, each behind a BOS. */
  private static final Truncation PAIR_LIMITS = new Truncation(33, 165);

  /** 32 tokens of query; 164 of passage, with the EOS. */
  private static final Truncation JOINED_LIMITS = new Truncation(32, 164);

  private static final Map<String, Role> ROLES = new TreeMap<>(InstructedPresets.all());

  static {
    ROLES.put("repllama-v1", repllama(true, " "));
    ROLES.put("repllama-v1-code", repllama(false, " "));
    ROLES.put("repllama-mteb", repllama(true, "  "));
    ROLES.put("rankllama-v1", rankllama(tokens(true, List.of()), true, "", PAIR_LIMITS));
    ROLES.put("rankllama-paper", rankllama(tokens(false, List.of(EOS)), false, " ", JOINED_LIMITS));
  }

  private Presets() {}

  /**
   * The role of this name.
   *
   * @return a role called as the model ("repllama", "rankllama", "qwen3-embedding"), without
   *     adapter
   * @throws IllegalArgumentException if there is no such preset; names those there are
   */
  public static Role named(String preset) {
    Role role = ROLES.get(preset);
    if (role == null) {
      throw new IllegalArgumentException("no preset \"" + preset + "\"; there are " + names());
    }
    return role;
  }

  /** Names of all presets. */
  public static Set<String> names() {
    return new TreeSet<>(ROLES.keySet());
  }

  private static Role repllama(boolean bos, String gap) {
    return new Role(
        "repllama",
        Attention.CAUSAL,
        tokens(bos, List.of(EOS)),
        new RoleTemplate.Single(
            "query:" + gap + "{query}",
            "passage:" + gap + "{title} {text}",
            "passage:" + gap + "{text}"),
        ENCODER_LIMITS,
        Pooling.LAST,
        new Output(true, Optional.empty()),
        Optional.empty(),
        Optional.empty());
  }

  private static Role rankllama(
      Tokens tokens, boolean separate, String separator, Truncation limits) {
    return new Role(
        "rankllama",
        Attention.CAUSAL,
        tokens,
        new RoleTemplate.Pair(
            "query: {query}", "document: {title} {text}", "document: {text}", separate, separator),
        limits,
        Pooling.LAST,
        new Output(false, Optional.empty()),
        Optional.of(new ScoreHead.Linear("score.weight")),
        Optional.empty());
  }

  private static Tokens tokens(boolean bos, List<Integer> append) {
    return new Tokens(bos ? Optional.of(BOS) : Optional.empty(), append, 0, PadSide.RIGHT);
  }
}
