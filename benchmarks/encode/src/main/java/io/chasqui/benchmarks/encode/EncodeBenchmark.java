package io.chasqui.benchmarks.encode;

import io.chasqui.benchmarks.Contest;
import io.chasqui.benchmarks.Contestant;
import io.chasqui.benchmarks.Machine;
import io.chasqui.benchmarks.Modules;
import io.chasqui.benchmarks.ResultTable;
import io.chasqui.checkpoint.JsonTokenizer;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.PreparedInput;
import io.chasqui.checkpoint.PromptEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures encoding and reranking on the CPU beside peers on the same weights and texts. */
@Command(
    name = "benchmarks/run encode",
    description =
        "Encodes and reranks random texts with a random Llama of 110 million parameters, beside"
            + " raw ONNX Runtime, LangChain4j, Spring AI and PyTorch; prints Markdown tables.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class EncodeBenchmark implements Callable<Integer> {
  /** Tables that can be asked for. */
  enum Table {
    passages,
    queries,
    rerank,
    adapters
  }

  @Option(
      names = "--tables",
      split = ",",
      paramLabel = "NAME",
      description = "Which of ${COMPLETION-CANDIDATES}; several with commas. Default: all")
  private List<Table> tables = Arrays.asList(Table.values());

  @Option(
      names = "--contestants",
      paramLabel = "REGEX",
      description = "Only those whose label matches somewhere; the first line always takes part.")
  private Pattern filter = Pattern.compile("");

  @Option(
      names = "--python",
      paramLabel = "FILE",
      description = "Interpreter with torch and transformers. Default: PyTorch takes no part")
  private Optional<Path> python = Optional.empty();

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      description = "Processor threads. Default: all")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--rounds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}")
  private int rounds = 5;

  @Option(
      names = "--warm-ups",
      paramLabel = "N",
      description = "Rounds before, not measured. Default: ${DEFAULT-VALUE}")
  private int warmUps = 1;

  @Option(
      names = "--layers",
      paramLabel = "N",
      description = "Of the model. Default: ${DEFAULT-VALUE}, 110 million parameters")
  private int layers = 12;

  @Option(
      names = "--passages",
      paramLabel = "N",
      description =
          "Of 63 to 255 tokens, or a collection's; as many candidates. Default: ${DEFAULT-VALUE}")
  private int passages = 24;

  @Option(
      names = "--queries",
      paramLabel = "N",
      description =
          "Of 10 to 16 tokens, or a collection's; encoded one by one. Default: ${DEFAULT-VALUE}")
  private int queries = 32;

  @Option(
      names = "--pair-limits",
      split = ",",
      paramLabel = "N",
      description =
          "Limits of candidates in tokens, a rerank table each: 165 is RankLLaMA's, 257 leaves"
              + " them as long as they are. Default: ${DEFAULT-VALUE}")
  private List<Integer> pairLimits = List.of(165, 257);

  @Option(
      names = "--collection",
      paramLabel = "DIR",
      description =
          "A collection in BEIR's layout: texts are as long as its documents and test queries,"
              + " candidates as those in --run. Default: random lengths")
  private Optional<Path> collection = Optional.empty();

  @Option(
      names = "--run",
      paramLabel = "FILE",
      description = "TREC run of the test queries. Default: DIR/bm25/test.top100.run.gz")
  private Optional<Path> run = Optional.empty();

  @Option(
      names = "--tokenizer",
      paramLabel = "DIR",
      description = "Folder with the tokenizer.json that counts the collection's tokens.")
  private Optional<Path> tokenizer = Optional.empty();

  @Option(
      names = "--lists",
      paramLabel = "N",
      description = "Queries of the collection reranked in a round. Default: ${DEFAULT-VALUE}")
  private int lists = 3;

  @Option(
      names = "--workspace",
      paramLabel = "DIR",
      description = "Where model and texts are written. Default: below target/")
  private Optional<Path> directory = Optional.empty();

  @Option(names = "--output", paramLabel = "FILE", description = "Tables are appended to it, too.")
  private Optional<Path> output = Optional.empty();

  public static void main(String[] args) {
    System.exit(new CommandLine(new EncodeBenchmark()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Path root = Path.of(System.getProperty("chasqui.benchmarks", "benchmarks")).toAbsolutePath();
    Path target = root.resolve("encode").resolve("target");
    Workspace workspace =
        new Workspace(
            directory.orElse(target.resolve("workspace-" + layers)).toAbsolutePath().normalize());
    WorkspaceWriter writer = new WorkspaceWriter(workspace);
    tell("writing " + workspace.directory());
    writer.model(WorkspaceWriter.shape(layers), true);
    writer.texts(lengths());

    print("_" + Machine.describe() + "_\n");
    for (Table table : tables) {
      for (int limit : takesPairs(table) ? pairLimits : pairLimits.subList(0, 1)) {
        Peers peers =
            new Peers(
                Modules.below(root),
                workspace,
                python.map(file -> file.toAbsolutePath()),
                threads,
                limit);
        measure(table, peers, target.resolve("scratch"));
      }
    }
    return 0;
  }

  private TextLengths lengths() throws IOException {
    if (collection.isEmpty()) {
      return TextLengths.random(passages, queries);
    }
    Path folder = collection.get();
    return TextLengths.of(
        folder,
        run.orElse(folder.resolve("bm25/test.top100.run.gz")),
        tokenizer.orElseThrow(
            () -> new IllegalArgumentException("--collection needs --tokenizer to count tokens")),
        passages,
        queries,
        lists);
  }

  private static boolean takesPairs(Table table) {
    return table == Table.rerank || table == Table.adapters;
  }

  private void measure(Table table, Peers peers, Path scratch) throws IOException {
    int limit = peers.pairLimit();
    switch (table) {
      case passages ->
          run(
              "Encoding " + passages + " passages" + source() + ", mean pooling",
              tokens(peers.workspace(), "passages", limit),
              peers.encoders("passages"),
              scratch);
      case queries ->
          run(
              "Encoding " + queries + " queries" + source() + " one after another, mean pooling",
              tokens(peers.workspace(), "queries", limit),
              peers.encoders("queries"),
              scratch);
      case rerank ->
          run(
              "Reranking " + passages + " candidates of at most " + limit + " tokens" + source(),
              tokens(peers.workspace(), "rerank", limit),
              peers.scorers(),
              scratch);
      case adapters -> {
        if (limit == pairLimits.get(0)) {
          run(
              "RepLLaMA, two adapters beside the base, " + passages + " passages",
              tokens(peers.workspace(), "passages", limit),
              peers.adapted("passages"),
              scratch);
        }
        run(
            "RankLLaMA, two adapters beside the base, candidates of at most " + limit + " tokens",
            tokens(peers.workspace(), "rerank", limit),
            peers.adapted("rerank"),
            scratch);
      }
    }
  }

  private String source() {
    return collection
        .map(folder -> ", as long as those of " + folder.toAbsolutePath().normalize().getFileName())
        .orElse("");
  }

  private void run(String title, long tokens, List<Contestant> all, Path scratch)
      throws IOException {
    List<Contestant> contestants = new ArrayList<>(all.subList(0, 1));
    all.stream()
        .skip(1)
        .filter(contestant -> filter.matcher(contestant.label()).find())
        .forEach(contestants::add);
    tell(title);
    Contest contest = new Contest(contestants, warmUps, rounds, scratch, EncodeBenchmark::tell);
    print(new ResultTable(title, "tokens", tokens, contest.run()).toMarkdown());
  }

  /** Real tokens of a round; padding is nobody's work. */
  private static long tokens(Workspace workspace, String workload, int pairLimit)
      throws IOException {
    boolean pairs = workload.equals("rerank");
    ModelBundle bundle = pairs ? workspace.rankingBundle(false, pairLimit) : workspace.meanBundle();
    try (JsonTokenizer tokenizer = bundle.openTokenizer()) {
      PromptEncoder prompts = bundle.prompts(tokenizer, pairs ? Workspace.SCORER : Workspace.MEAN);
      return switch (workload) {
        case "rerank" -> {
          long sum = 0;
          for (Workspace.CandidateList list : workspace.lists()) {
            sum += count(prompts.pairs(list.query(), list.candidates()));
          }
          yield sum;
        }
        case "queries" -> count(prompts.queries(workspace.queries()));
        default -> count(prompts.passages(workspace.passages()));
      };
    }
  }

  private static long count(List<PreparedInput> inputs) {
    return inputs.stream().mapToLong(input -> input.ids().length).sum();
  }

  private void print(String text) throws IOException {
    System.out.println(text);
    if (output.isPresent()) {
      Files.writeString(
          output.get(), text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }

  private static void tell(String line) {
    System.err.println(line);
  }
}
