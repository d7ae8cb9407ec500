package io.chasqui.checkpoint;

import io.chasqui.checkpoint.Role.Attention;
import io.chasqui.checkpoint.Role.Output;
import io.chasqui.checkpoint.Role.PadSide;
import io.chasqui.checkpoint.Role.Pooling;
import io.chasqui.checkpoint.Role.Tokens;
import io.chasqui.checkpoint.Role.Truncation;
import io.chasqui.checkpoint.RoleTemplate.Part;
import io.chasqui.checkpoint.ScoreHead.Activation;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Roles of published models that are told what to look for. The instructions are those of the model
 * cards' examples.
 */
final class InstructedPresets {
  private static final String WEB_SEARCH =
      "Given a web search query, retrieve relevant passages that answer the query";

  private static final String YES_OR_NO =
      "Given a query A and a passage B, determine whether the passage contains an answer to the"
          + " query by providing a prediction of either 'Yes' or 'No'.";

  private static final int MISTRAL_BOS = 1;
  private static final int MISTRAL_EOS = 2;

  private static final int QWEN_END_OF_TEXT = 151_643;
  private static final int QWEN_TURN_START = 151_644;
  private static final int QWEN_TURN_END = 151_645;
  private static final int QWEN_THINK_START = 151_667;
  private static final int QWEN_THINK_END = 151_668;
  private static final int QWEN_YES = 9693;
  private static final int QWEN_NO = 2152;

  private static final int GEMMA_PAD = 0;
  private static final int GEMMA_BOS = 2;
  private static final int GEMMA_YES = 3553;

  /** Of the model cards' code; the models themselves take more. */
  private static final Truncation E5_LIMITS = new Truncation(4096, 4096);

  private static final Truncation QWEN_LIMITS = new Truncation(8192, 8192);

  /** 8,192 together, as in the model card. */
  private static final Truncation QWEN_PAIR_LIMITS = new Truncation(2048, 6144);

  /** 1,024 together, as in the model card. */
  private static final Truncation GEMMA_PAIR_LIMITS = new Truncation(256, 768);

  private InstructedPresets() {}

  static Map<String, Role> all() {
    return Map.of(
        "e5-mistral", e5Mistral(),
        "qwen3-embedding", qwen3Embedding(),
        "qwen3-reranker", qwen3Reranker(),
        "gte-qwen2", gteQwen2(),
        "bge-reranker-v2-gemma", bgeRerankerGemma());
  }

  private static Role e5Mistral() {
    return encoder(
        "e5-mistral",
        Attention.CAUSAL,
        new Tokens(Optional.of(MISTRAL_BOS), List.of(MISTRAL_EOS), MISTRAL_EOS, PadSide.RIGHT),
        "Instruct: {instruction}\nQuery: {query}",
        E5_LIMITS);
  }

  private static Role qwen3Embedding() {
    return encoder(
        "qwen3-embedding",
        Attention.CAUSAL,
        qwenTokens(PadSide.LEFT),
        "Instruct: {instruction}\nQuery:{query}", // no space
        QWEN_LIMITS);
  }

  private static Role gteQwen2() {
    return encoder(
        "gte-qwen2",
        Attention.BIDIRECTIONAL,
        qwenTokens(PadSide.RIGHT),
        "Instruct: {instruction}\nQuery: {query}",
        QWEN_LIMITS);
  }

  private static Tokens qwenTokens(PadSide side) {
    return new Tokens(Optional.empty(), List.of(QWEN_END_OF_TEXT), QWEN_END_OF_TEXT, side);
  }

  private static Role encoder(
      String name, Attention attention, Tokens tokens, String query, Truncation limits) {
    return new Role(
        name,
        attention,
        tokens,
        new RoleTemplate.Single(query, "{title} {text}", "{text}"),
        limits,
        Pooling.LAST,
        new Output(true, Optional.empty()),
        Optional.empty(),
        Optional.empty(),
        Optional.of(WEB_SEARCH));
  }

  private static Role qwen3Reranker() {
    return scorer(
        "qwen3-reranker",
        new Tokens(Optional.empty(), List.of(), QWEN_END_OF_TEXT, PadSide.LEFT),
        new RoleTemplate.Framed(
            List.of(
                new Part.Id(QWEN_TURN_START),
                new Part.Text(
                    "system\nJudge whether the Document meets the requirements based on the Query"
                        + " and the Instruct provided. Note that the answer can only be \"yes\" or"
                        + " \"no\"."),
                new Part.Id(QWEN_TURN_END),
                new Part.Text("\n"),
                new Part.Id(QWEN_TURN_START),
                new Part.Text("user\n")),
            "<Instruct>: {instruction}\n<Query>: {query}\n",
            List.of(),
            "<Document>: {title} {text}",
            "<Document>: {text}",
            List.of(
                new Part.Id(QWEN_TURN_END),
                new Part.Text("\n"),
                new Part.Id(QWEN_TURN_START),
                new Part.Text("assistant\n"),
                new Part.Id(QWEN_THINK_START),
                new Part.Text("\n\n"),
                new Part.Id(QWEN_THINK_END),
                new Part.Text("\n\n"))),
        QWEN_PAIR_LIMITS,
        new ScoreHead.TokenDifference(QWEN_YES, QWEN_NO, Activation.SIGMOID),
        WEB_SEARCH);
  }

  private static Role bgeRerankerGemma() {
    return scorer(
        "bge-reranker-v2-gemma",
        new Tokens(Optional.empty(), List.of(), GEMMA_PAD, PadSide.LEFT),
        new RoleTemplate.Framed(
            List.of(new Part.Id(GEMMA_BOS)),
            "A: {query}",
            List.of(new Part.Text("\n")),
            "B: {title} {text}",
            "B: {text}",
            List.of(new Part.Text("\n"), new Part.Text("{instruction}"))),
        GEMMA_PAIR_LIMITS,
        new ScoreHead.SingleToken(GEMMA_YES),
        YES_OR_NO);
  }

  private static Role scorer(
      String name,
      Tokens tokens,
      RoleTemplate.Framed template,
      Truncation limits,
      ScoreHead head,
      String instruction) {
    return new Role(
        name,
        Attention.CAUSAL,
        tokens,
        template,
        limits,
        Pooling.LAST,
        new Output(false, Optional.empty()),
        Optional.of(head),
        Optional.empty(),
        Optional.of(instruction));
  }
}
