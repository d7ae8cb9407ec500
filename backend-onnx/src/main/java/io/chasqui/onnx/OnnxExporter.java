package io.chasqui.onnx;

import io.chasqui.BackendException;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Provenance;
import io.chasqui.checkpoint.RetrievalCard;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.ScoreHead;
import io.chasqui.onnx.DecoderGraph.DecoderModel;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Writes a role of a checkpoint as a model directory of its own: graph, weights with the adapter's
 * beside them, tokenizer, card, {@code provenance.json} with the SHA-256 of each file. {@link
 * ModelBundle#read} opens it, and so does any ONNX Runtime of version 1.24 or later: the graph
 * reads {@code input_ids} and {@code attention_mask}, [batch, sequence], padded on either side, and
 * gives {@code sentence_embedding}, [batch, width], or {@code logits}, [batch, 1].
 *
 * <p>Nothing is published before the written directory, loaded again, gives on probe texts what its
 * source gives; and it appears whole or not at all.
 */
public final class OnnxExporter {
  static final String GRAPH = "model.onnx";
  static final String WEIGHTS = "model.onnx.data";
  private static final String ENCODED = "sentence_embedding";
  private static final String SCORED = "logits";

  /** The number of a session's first adapter. */
  private static final int ONLY_ADAPTER = 0;

  /** What a tokenizer and a config consist of. */
  private static final List<String> COPIED =
      List.of("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json");

  /** Something to do with the written files before they are tried. */
  @FunctionalInterface
  interface Step {
    void on(Path staging) throws IOException;
  }

  private OnnxExporter() {}

  /**
   * Exports a role. The weights are copied (at the precision in which they are stored), and both
   * models are loaded on the CPU to be compared.
   *
   * <p>The graph takes prompts up to the role's own limit; a longer one is an error of ONNX
   * Runtime's.
   *
   * @param directory to be made; its parent must be there
   * @return the exported bundle, read
   * @throws FileAlreadyExistsException if the directory is there already
   * @throws IllegalArgumentException if there is no such role, or the bundle is an exported graph
   * @throws BackendException if what was written gives other values than its source; then nothing
   *     is left of it
   */
  public static ModelBundle export(ModelBundle bundle, String role, Path directory)
      throws IOException {
    return export(bundle, role, directory, staging -> {});
  }

  static ModelBundle export(ModelBundle bundle, String role, Path directory, Step afterWriting)
      throws IOException {
    if (bundle.graph().isPresent()) {
      throw new IllegalArgumentException(bundle.directory() + " is an exported graph already");
    }
    Role exported = bundle.role(role);
    if (Files.exists(directory)) {
      throw new FileAlreadyExistsException(directory.toString());
    }
    try (StagedDirectory staged = StagedDirectory.besides(directory)) {
      Path staging = staged.path();
      writeGraph(bundle, exported, staging);
      for (String name : COPIED) {
        Path source = bundle.directory().resolve(name);
        if (Files.exists(source)) {
          Files.copy(source, staging.resolve(name));
        }
      }
      RetrievalCard.of(card(exported)).withOnnx(GRAPH).write(staging.resolve(RetrievalCard.FILE));
      afterWriting.on(staging);
      ExportProbe.Report report = ExportProbe.compare(bundle, ModelBundle.read(staging), role);
      Provenance.of(
              staging,
              role,
              bundle.fingerprint(role),
              bundle.weightsFingerprint(),
              report.texts(),
              report.largestDifference())
          .write(staging);
      staged.publish(directory);
    }
    return ModelBundle.read(directory);
  }

  private static void writeGraph(ModelBundle bundle, Role role, Path staging) throws IOException {
    ModelConfig config = bundle.config();
    Optional<LoraAdapter> adapter = bundle.adapter(role.name());
    ExportWeights weights = new ExportWeights(WEIGHTS);
    String outside = role.isScorer() ? SCORED : ENCODED;
    OnnxGraph graph =
        new OnnxGraph(weights::place, name -> name.startsWith("role_") ? outside : name);
    ExportPrologue.write(
        graph, config, role, adapter.isPresent() ? ONLY_ADAPTER : RoleHeads.NO_ADAPTER);
    writeRopes(graph, config, role, weights);
    DecoderModel model =
        DecoderGraph.build(
            graph,
            config,
            bundle.weights(),
            List.of(ServedRole.of(bundle, role.name())),
            RunnerOptions.defaults());
    weights.write(staging.resolve(WEIGHTS), model.folder(), model.supplied());
    Files.write(staging.resolve(GRAPH), model.model());
  }

  /** Tables for the longest prompt that the role makes. */
  private static void writeRopes(
      OnnxGraph graph, ModelConfig config, Role role, ExportWeights weights) {
    Role.Truncation limits = role.truncation();
    int longest =
        role.isScorer()
            ? limits.query() + limits.passage()
            : Math.max(limits.query(), limits.passage());
    var ropes = AttentionLayers.ropes(config);
    for (int number = 0; number < ropes.size(); number++) {
      RopeTable.Tables tables = new RopeTable(ropes.get(number), config.headDim()).exactly(longest);
      long[] shape = {tables.positions(), tables.half()};
      for (String name : List.of(DecoderGraph.COSINES, DecoderGraph.SINES)) {
        String table = "export_" + name + number;
        weights.floats(
            graph,
            table,
            name.equals(DecoderGraph.COSINES) ? tables.cosines() : tables.sines(),
            shape);
        graph.derive(name + number, table);
      }
    }
  }

  /** The role as it is served by the graph, which has adapter, layers, head and so on inside. */
  private static Role card(Role role) {
    Role plain = role.withoutAdapter().withOutput(role.output().withoutDense());
    return role.isScorer() ? plain.withHead(new ScoreHead.GraphOutput(SCORED)) : plain;
  }
}
