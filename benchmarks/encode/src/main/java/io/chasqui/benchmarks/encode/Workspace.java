package io.chasqui.benchmarks.encode;

import io.chasqui.Passage;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Presets;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.RoleTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The folder that all peers read: {@code model/} (checkpoint, tokenizer, two adapters, the graph
 * for others' libraries) and {@code texts/}, one text a line; in a list to rerank the query is the
 * first.
 *
 * @param directory where it is
 */
record Workspace(Path directory) {
  /** Mean of all tokens' states: what LangChain4j and Spring AI can do. */
  static final String MEAN = "mean";

  static final String ENCODER = "repllama";
  static final String SCORER = "rankllama";

  static final int BOS = 1;
  static final int EOS = 2;

  Path model() {
    return directory.resolve("model");
  }

  Path standardGraph() {
    return model().resolve("standard.onnx");
  }

  private Path texts(String name) {
    return directory.resolve("texts").resolve(name + ".txt");
  }

  void writeTexts(String name, List<String> texts) throws IOException {
    Files.createDirectories(directory.resolve("texts"));
    Files.write(texts(name), texts);
  }

  List<Passage> passages() throws IOException {
    return numbered(Files.readAllLines(texts("passages")));
  }

  private static List<Passage> numbered(List<String> texts) {
    return IntStream.range(0, texts.size())
        .mapToObj(i -> Passage.of("p" + i, texts.get(i)))
        .toList();
  }

  /** A query with its candidates in the order of arrival. */
  record CandidateList(String query, List<Passage> candidates) {}

  /** What is reranked, list by list. */
  List<CandidateList> lists() throws IOException {
    List<CandidateList> lists = new ArrayList<>();
    for (Path file = list(0); Files.exists(file); file = list(lists.size())) {
      List<String> lines = Files.readAllLines(file);
      lists.add(new CandidateList(lines.get(0), numbered(lines.subList(1, lines.size()))));
    }
    return lists;
  }

  void writeList(String query, List<String> candidates) throws IOException {
    List<String> lines = new ArrayList<>(List.of(query));
    lines.addAll(candidates);
    Files.write(list(lists().size()), lines);
  }

  void deleteLists() throws IOException {
    for (int i = 0; Files.deleteIfExists(list(i)); i++) {}
  }

  private Path list(int index) {
    return texts("list-" + index);
  }

  List<String> queries() throws IOException {
    return Files.readAllLines(texts("queries"));
  }

  /** The model for mean pooling alone: {@code <s>text</s>}. */
  ModelBundle meanBundle() throws IOException {
    return ModelBundle.read(model()).withRole(mean());
  }

  /** The same over {@link #standardGraph}. */
  ModelBundle standardBundle() throws IOException {
    String file = standardGraph().getFileName().toString();
    return ModelBundle.readOnnx(model(), file).withRole(mean());
  }

  /** The model as RepLLaMA alone. */
  ModelBundle adapterBundle() throws IOException {
    return ModelBundle.read(model()).withRole(Presets.named("repllama-v1"), model().resolve("rep"));
  }

  private static Role mean() {
    return new Role(
        MEAN,
        Role.Attention.CAUSAL,
        new Role.Tokens(Optional.of(BOS), List.of(EOS), 0, Role.PadSide.RIGHT),
        new RoleTemplate.Single("{query}", "{title} {text}", "{text}"),
        new Role.Truncation(512, 512),
        Role.Pooling.MEAN,
        new Role.Output(true, Optional.empty()),
        Optional.empty(),
        Optional.empty());
  }

  /**
   * The model as RepLLaMA and RankLLaMA.
   *
   * @param adapters whether each role has its adapter, or uses the base as it is
   * @param pairLimit the reranker's limit for a passage in tokens
   */
  ModelBundle rankingBundle(boolean adapters, int pairLimit) throws IOException {
    Role encoder = Presets.named("repllama-v1");
    Role scorer = Presets.named("rankllama-v1");
    scorer = scorer.withTruncation(new Role.Truncation(scorer.truncation().query(), pairLimit));
    ModelBundle bundle = ModelBundle.read(model());
    return adapters
        ? bundle.withRole(encoder, model().resolve("rep")).withRole(scorer, model().resolve("rank"))
        : bundle.withRole(encoder).withRole(scorer);
  }
}
