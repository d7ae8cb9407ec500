package io.chasqui.examples;

import io.chasqui.Aggregation;
import io.chasqui.ChasquiException;
import io.chasqui.ChunkOptions;
import io.chasqui.Chunker;
import io.chasqui.Document;
import io.chasqui.Encoder;
import io.chasqui.Filter;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.Pipeline;
import io.chasqui.Reranker;
import io.chasqui.Retriever;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.Evaluation;
import io.chasqui.evaluation.EvaluationOptions;
import io.chasqui.evaluation.EvaluationReport;
import io.chasqui.evaluation.Evaluator;
import io.chasqui.evaluation.Metric;
import io.chasqui.evaluation.ReportOptions;
import io.chasqui.evaluation.Run;
import io.chasqui.index.IndexOptions;
import io.chasqui.index.PassageIndex;
import io.chasqui.onnx.OnnxVectorSearch;
import io.chasqui.spi.Tokenizer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Long documents in the ways that the paper compares: whole, up to the model's length, or cut into
 * passages of which the best counts (MaxP), the first (FirstP), or all that were found (SumP,
 * AvgP); retrieved, and reranked.
 *
 * @see <a href="https://arxiv.org/abs/2310.08319">Ma et al. 2023, document retrieval</a>
 */
@Command(
    name = "long-documents",
    mixinStandardHelpOptions = true,
    versionProvider = ExamplesVersion.class,
    sortOptions = false,
    description =
        "Compares ways to search long documents on a test collection in BEIR's layout. Encoding"
            + " goes on where it was killed; a run that is there is not made again.")
public final class LongDocuments implements Callable<Integer> {
  private static final int SHOWN = 3;
  private static final List<Metric> METRICS =
      List.of(Metric.ndcg(10), Metric.mrr(10), Metric.recall(10), Metric.recall(100));

  @Parameters(paramLabel = "FOLDER", description = "corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv")
  private Path folder = Path.of("");

  @Option(
      names = "--split",
      defaultValue = "test",
      description = "Judgements to use. Default: ${DEFAULT-VALUE}")
  private String split = "";

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = "--encoder",
      defaultValue = "repllama",
      description = "Role that encodes. Default: ${DEFAULT-VALUE}")
  private String encoderRole = "";

  @Option(
      names = "--reranker",
      defaultValue = "rankllama",
      description = "Role that reranks. Default: ${DEFAULT-VALUE}")
  private String rerankerRole = "";

  @Option(
      names = {"-w", "--work"},
      required = true,
      paramLabel = "DIR",
      description = "Where indexes, runs, the report and the deciding passages are kept.")
  private Path work = Path.of("");

  @Option(
      names = "--passage-tokens",
      defaultValue = "160",
      description = "Tokens of a passage's text. Default: ${DEFAULT-VALUE}")
  private int passageTokens;

  @Option(
      names = "--overlap",
      defaultValue = "32",
      description = "Of those, tokens shared with the passage before. Default: ${DEFAULT-VALUE}")
  private int overlap;

  @Option(
      names = "--passages",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Passages that are found for a question. Default: ${DEFAULT-VALUE}")
  private int found;

  @Option(
      names = "--depth",
      paramLabel = "N",
      defaultValue = "200",
      description = "Of those, passages that are reranked; 0: none. Default: ${DEFAULT-VALUE}")
  private int depth;

  @Spec private CommandSpec spec = CommandSpec.create();

  public static void main(String[] args) {
    System.exit(new CommandLine(new LongDocuments()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    if (found < 1 || depth < 0) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--passages must be positive, --depth not negative");
    }
    try {
      TestCollection collection = TestCollection.of(BeirFolder.open(folder), split);
      ModelBundle bundle = model.bundle();
      try (Tokenizer tokenizer = bundle.openTokenizer();
          ModelSession session = model.load(bundle)) {
        compare(collection, session, chunker(tokenizer));
      }
      return CommandLine.ExitCode.OK;
    } catch (ChasquiException | IOException e) {
      spec.commandLine().getErr().println("long-documents: " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private Chunker chunker(Tokenizer tokenizer) {
    try {
      return Chunker.sentences(tokenizer, ChunkOptions.of(passageTokens, overlap));
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private void compare(TestCollection collection, ModelSession session, Chunker chunker)
      throws IOException {
    Files.createDirectories(work);
    collection.check(id -> true);
    Encoder encoder = session.encoder(encoderRole);
    Optional<Reranker> reranker =
        depth == 0 ? Optional.empty() : Optional.of(Reranker.of(session.scorer(rerankerRole)));
    long documents;
    try (Stream<Document> corpus = collection.corpus()) {
      documents = corpus.count();
    }
    IndexOptions exact = IndexOptions.exact();
    try (PassageIndex whole =
            EncodedCollection.open(
                work.resolve("whole"), exact, encoder, collection, Chunker.whole(), documents);
        PassageIndex passages =
            EncodedCollection.open(
                work.resolve("passages"), exact, encoder, collection, chunker, -1);
        OnnxVectorSearch wholeSearch = EncodedCollection.exactSearch(whole);
        OnnxVectorSearch passageSearch = EncodedCollection.exactSearch(passages)) {
      Retriever onWhole = Retriever.of(encoder, wholeSearch);
      Retriever onPassages = Retriever.of(encoder, passageSearch);
      List<LongDocumentRun> runs = new ArrayList<>();
      // Of one passage each, which any aggregation takes as it is.
      add(runs, "whole", onWhole, Aggregation.maxP(), Filter.all(), reranker);
      add(runs, "FirstP", onPassages, Aggregation.firstP(), firstPassages(), reranker);
      add(runs, "MaxP", onPassages, Aggregation.maxP(), Filter.all(), reranker);
      add(runs, "SumP", onPassages, Aggregation.sumP(), Filter.all(), Optional.empty());
      add(runs, "AvgP", onPassages, Aggregation.avgP(), Filter.all(), Optional.empty());
      report(collection, runs, passages);
    }
  }

  /** FirstP reads nothing else; so every document has its chance. */
  private static Filter firstPassages() {
    return Filter.eq(Chunker.INDEX, 0);
  }

  private void add(
      List<LongDocumentRun> runs,
      String name,
      Retriever retriever,
      Aggregation aggregation,
      Filter filter,
      Optional<Reranker> reranker) {
    Pipeline pipeline = Pipeline.of(retriever);
    runs.add(new LongDocumentRun(name, pipeline.aggregate(aggregation, found), filter, work));
    reranker.ifPresent(
        stage ->
            runs.add(
                new LongDocumentRun(
                    name + "-reranked",
                    pipeline.rerank(stage, depth).aggregate(aggregation),
                    filter,
                    work)));
  }

  private void report(TestCollection collection, List<LongDocumentRun> runs, PassageIndex passages)
      throws IOException {
    Evaluator evaluator = Evaluator.of(METRICS, EvaluationOptions.defaults());
    List<Evaluation> evaluations = new ArrayList<>();
    for (LongDocumentRun run : runs) {
      Run made = run.read(collection.queries());
      evaluations.add(evaluator.evaluate(collection.qrels(), made));
    }
    EvaluationReport report =
        EvaluationReport.of(collection.name(), evaluations, ReportOptions.defaults());
    Files.writeString(work.resolve("report.md"), report.toMarkdown());
    Files.writeString(work.resolve("report.json"), report.toJson() + "\n");
    PrintWriter out = spec.commandLine().getOut();
    out.println(report.toMarkdown());
    LongDocumentRun maxP =
        runs.stream().filter(run -> run.name().equals("MaxP")).findFirst().orElseThrow();
    out.println(maxP.describeDeciding());
    Map<String, String> queries = collection.queries();
    for (LongDocumentRun.Deciding decided : maxP.deciding(SHOWN)) {
      print(decided, queries, passages);
    }
    out.flush();
  }

  private void print(
      LongDocumentRun.Deciding decided, Map<String, String> queries, PassageIndex passages) {
    PrintWriter out = spec.commandLine().getOut();
    out.println("\n" + queries.getOrDefault(decided.query(), decided.query()));
    Optional<Passage> passage = passages.get(decided.passage());
    out.printf(
        "  %s, chars %d to %d: %s%n",
        decided.document(),
        decided.start(),
        decided.end(),
        Terminal.abbreviate(passage.map(Passage::text).orElse(""), Terminal.COLUMNS));
  }
}
