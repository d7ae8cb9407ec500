package io.chasqui.benchmarks.encode;

import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.testing.RandomAdapters;
import io.chasqui.checkpoint.testing.RandomCheckpoints;
import io.chasqui.checkpoint.testing.TinyTokenizers;
import io.chasqui.onnx.StandardGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** Makes a {@link Workspace}: random weights, random words; the same for the same arguments. */
final class WorkspaceWriter {
  private static final long SEED = 7;
  private static final int POSITIONS = 1024;
  private static final int WORDS = 20_000;
  private static final long SHARD_BYTES = 4L << 30;
  private static final String COMPLETE = "complete"; // written last

  private final Workspace workspace;
  private final WordTokenizer tokenizer = new WordTokenizer(WORDS, new Random(SEED));

  WorkspaceWriter(Workspace workspace) {
    this.workspace = workspace;
  }

  /** A model of the kind and size of a published one, with a head for scores. */
  static RandomCheckpoints.Shape shape(GpuModel model, DType dtype) {
    return model
        .shape()
        .withMaxPositions(POSITIONS)
        .withHead(RandomCheckpoints.Head.CLASSIFIER)
        .withDtype(dtype)
        .withMaxShardBytes(SHARD_BYTES);
  }

  /** Llama's shape at 110 million parameters with 12 layers. */
  static RandomCheckpoints.Shape shape(int layers) {
    return RandomCheckpoints.Shape.tiny()
        .withVocabulary(32_000)
        .withWidths(768, 2048)
        .withAttention(12, 12, 64)
        .withLayers(layers)
        .withMaxPositions(POSITIONS)
        .withHead(RandomCheckpoints.Head.CLASSIFIER);
  }

  /**
   * Writes the model, unless it is there already.
   *
   * @param standardGraph whether the graph for others' libraries is written too
   * @throws IOException if the folder holds another model, or one that was not finished
   */
  void model(RandomCheckpoints.Shape shape, boolean standardGraph) throws IOException {
    Path model = workspace.model();
    Path complete = workspace.directory().resolve(COMPLETE);
    String wanted = shape.toString();
    if (Files.exists(complete) && Files.readString(complete).equals(wanted)) {
      return;
    }
    if (Files.exists(model)) {
      throw new IOException(
          workspace.directory() + " holds another or an unfinished model: delete it");
    }
    ModelConfig config = RandomCheckpoints.write(model, shape, SEED);
    RandomAdapters.write(model.resolve("rep"), config, RandomAdapters.Spec.retriever(), SEED + 1);
    RandomAdapters.write(model.resolve("rank"), config, RandomAdapters.Spec.reranker(), SEED + 2);
    TinyTokenizers.write(model, TinyTokenizers.SMALLEST); // for the files beside tokenizer.json
    Files.writeString(model.resolve("tokenizer.json"), tokenizer.toJson().toString());
    if (standardGraph) {
      StandardGraph.write(model, POSITIONS, workspace.standardGraph());
    }
    Files.writeString(complete, wanted);
  }

  /** Writes texts of random words, as long as asked for. */
  void texts(TextLengths lengths) throws IOException {
    Random random = new Random(SEED);
    workspace.writeTexts("passages", words(lengths.passages(), random));
    workspace.writeTexts("queries", words(lengths.queries(), random));
    workspace.deleteLists();
    for (TextLengths.CandidateList list : lengths.lists()) {
      workspace.writeList(
          words(List.of(list.query()), random).get(0), words(list.candidates(), random));
    }
  }

  private List<String> words(List<Integer> lengths, Random random) {
    return lengths.stream().map(length -> tokenizer.text(length, random)).toList();
  }
}
