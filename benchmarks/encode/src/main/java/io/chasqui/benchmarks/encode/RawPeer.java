package io.chasqui.benchmarks.encode;

import ai.onnxruntime.OrtEnvironment;
import io.chasqui.Passage;
import io.chasqui.benchmarks.Peer;
import io.chasqui.benchmarks.PeerArguments;
import io.chasqui.benchmarks.PeerServer;
import io.chasqui.benchmarks.Vectors;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.PreparedInput;
import io.chasqui.checkpoint.PromptEncoder;
import io.chasqui.spi.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * ONNX Runtime called directly: texts are tokenized, cut into batches in the order of arrival, and
 * run one batch after another. Arguments: {@code workspace}, {@code model} (see {@link PeerModel}),
 * {@code graph} (ours, standard), {@code threads}, {@code prepacking}, {@code batch}, {@code
 * pairLimit}.
 */
public final class RawPeer implements Peer {
  private final RawModel model;
  private final Tokenizer tokenizer;
  private final ModelBundle bundle;
  private final String encoder;
  private final int batch;
  private final List<Passage> passages;
  private final List<String> queries;
  private final List<Workspace.CandidateList> lists;

  private RawPeer(
      RawModel model,
      Tokenizer tokenizer,
      ModelBundle bundle,
      String encoder,
      int batch,
      Workspace workspace)
      throws IOException {
    this.model = model;
    this.tokenizer = tokenizer;
    this.bundle = bundle;
    this.encoder = encoder;
    this.batch = batch;
    this.passages = workspace.passages();
    this.queries = workspace.queries();
    this.lists = workspace.lists();
  }

  public static void main(String[] words) throws IOException {
    PeerServer.serve(() -> open(PeerArguments.of(words)));
  }

  private static RawPeer open(PeerArguments arguments) throws Exception {
    Workspace workspace = new Workspace(arguments.path("workspace"));
    PeerModel roles = PeerModel.of(arguments.text("model"));
    ModelBundle bundle = roles.bundle(workspace, arguments.number("pairLimit"));
    int threads = arguments.number("threads");
    boolean prepacking = arguments.flag("prepacking");
    RawModel model =
        arguments.text("graph").equals("ours")
            ? new OurModel(bundle, threads, prepacking)
            : new StandardModel(workspace, bundle, threads, prepacking);
    return new RawPeer(
        model,
        bundle.openTokenizer(),
        bundle,
        roles.encoder(),
        arguments.number("batch"),
        workspace);
  }

  @Override
  public String describe() {
    return "raw ONNX Runtime " + OrtEnvironment.getEnvironment().getVersion();
  }

  @Override
  public void run(String workload) throws Exception {
    rows(workload, true);
  }

  @Override
  public void write(String workload, Path file) throws Exception {
    Vectors.write(file, rows(workload, false));
  }

  private List<float[]> rows(String workload, boolean timed) throws Exception {
    List<float[]> rows = new ArrayList<>();
    switch (workload) {
      case "passages" -> run(encoder, prompts(encoder).passages(passages), timed, rows);
      case "queries" -> {
        for (String query : queries) {
          run(encoder, prompts(encoder).queries(List.of(query)), timed, rows);
        }
      }
      case "rerank" -> {
        String scorer = Workspace.SCORER;
        for (Workspace.CandidateList list : lists) {
          run(scorer, prompts(scorer).pairs(list.query(), list.candidates()), timed, rows);
        }
      }
      default -> throw new IllegalArgumentException("no workload " + workload);
    }
    return rows;
  }

  private PromptEncoder prompts(String role) {
    return bundle.prompts(tokenizer, role);
  }

  private void run(String role, List<PreparedInput> inputs, boolean timed, List<float[]> rows)
      throws Exception {
    List<int[]> ids = inputs.stream().map(PreparedInput::ids).toList();
    for (int from = 0; from < ids.size(); from += batch) {
      List<int[]> some = ids.subList(from, Math.min(ids.size(), from + batch));
      rows.addAll(timed ? model.run(role, some) : model.results(role, some));
    }
  }

  @Override
  public void close() throws IOException {
    tokenizer.close();
    model.close();
  }
}
