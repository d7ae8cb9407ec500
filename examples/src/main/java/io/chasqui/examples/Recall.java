package io.chasqui.examples;

import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.index.IndexDoctor;
import io.chasqui.index.PassageIndex;
import io.chasqui.index.RecallReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures how much of the truth an index's searches find. */
@Command(
    name = "recall",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compares searches with exact ones, which read every vector: recall@k, and the time of both.",
      "Asks with passages of the index, unless --queries and --model say better."
    })
final class Recall implements Callable<Integer> {
  @Parameters(paramLabel = "INDEX", description = "Directory of the index.")
  private Path directory = Path.of("");

  @Option(names = "-k", defaultValue = "10", description = "Hits wanted. Default: ${DEFAULT-VALUE}")
  private int k;

  @Option(
      names = {"-n", "--number"},
      paramLabel = "N",
      defaultValue = "200",
      description = "Queries asked, at most. Default: ${DEFAULT-VALUE}")
  private int number;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Of the draw of passages. Default: ${DEFAULT-VALUE}")
  private long seed;

  @Option(
      names = {"-q", "--queries"},
      paramLabel = "FILE",
      description = "Queries to ask, one a line; needs the index's --model.")
  private Optional<Path> queries = Optional.empty();

  @Option(
      names = {"-r", "--role"},
      paramLabel = "NAME",
      defaultValue = "repllama",
      description = "The role that encodes them. Default: ${DEFAULT-VALUE}")
  private String role = "";

  @ArgGroup(exclusive = false)
  private @Nullable ModelOptions model;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    if (k < 1 || number < 1) {
      throw new ParameterException(
          spec.commandLine(), "-k and --number must be positive: " + k + ", " + number);
    }
    if (queries.isPresent() != (model != null)) {
      throw new ParameterException(spec.commandLine(), "--queries and --model go together");
    }
    try (PassageIndex index = PassageIndex.open(directory)) {
      print(index, model == null ? drawn(index) : asked(index, encoded(index, model)));
    }
    return 0;
  }

  private RecallReport drawn(PassageIndex index) {
    try (ProgressBar bar = Terminal.progressBar("asking", number).build()) {
      return IndexDoctor.recall(index, k, number, seed, bar::stepTo);
    }
  }

  private RecallReport asked(PassageIndex index, List<float[]> vectors) {
    try (ProgressBar bar = Terminal.progressBar("asking", vectors.size()).build()) {
      return IndexDoctor.recall(index, k, vectors, bar::stepTo);
    }
  }

  private List<float[]> encoded(PassageIndex index, ModelOptions options) throws IOException {
    List<String> texts;
    try (Stream<String> lines = Files.lines(queries.orElseThrow())) {
      texts = lines.filter(line -> !line.isBlank()).limit(number).toList();
    }
    try (ModelSession session = options.load()) {
      Encoder encoder = session.encoder(role);
      index.requireEncoder(encoder);
      Embeddings rows = encoder.encodeQueries(texts);
      List<float[]> vectors = new ArrayList<>();
      for (int i = 0; i < rows.size(); i++) {
        if (rows.failure(i).isPresent()) {
          throw new IOException("query " + (i + 1) + ": " + rows.failure(i).get());
        }
        vectors.add(rows.row(i));
      }
      return vectors;
    }
  }

  private void print(PassageIndex index, RecallReport report) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        String.format(
            Locale.ROOT,
            "recall@%d  %.4f over %d %s (worst %.2f; %d found all)",
            report.k(),
            report.mean(),
            report.queries(),
            queries.isPresent() ? "queries" : "passages as queries",
            report.worst(),
            report.complete()));
    out.println("search     " + Terminal.time(report.searchTime()) + " a query");
    out.println("exact      " + Terminal.time(report.exactTime()) + " a query");
    if (index.stats().graphs() == 0) {
      out.println("No segment has a graph: every search is exact.");
    }
  }
}
