package io.chasqui.benchmarks.encode;

import ai.onnxruntime.OrtEnvironment;
import io.chasqui.Device;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.Scores;
import io.chasqui.benchmarks.Peer;
import io.chasqui.benchmarks.PeerArguments;
import io.chasqui.benchmarks.PeerServer;
import io.chasqui.benchmarks.Vectors;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.onnx.OnnxBackend;
import io.chasqui.onnx.OnnxOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Chasqui as a user calls it. Arguments: {@code workspace}, {@code model} (see {@link PeerModel}),
 * {@code device} (cpu:2, cuda:0), {@code weights} (auto, mapped, copied), {@code batching}, {@code
 * precision}, {@code nativeCache} (a folder), {@code pairLimit}.
 */
public final class ChasquiPeer implements Peer {
  private final ModelSession session;
  private final PeerModel model;
  private final List<Passage> passages;
  private final List<String> queries;
  private final List<Workspace.CandidateList> lists;

  private ChasquiPeer(ModelSession session, PeerModel model, Workspace workspace)
      throws IOException {
    this.session = session;
    this.model = model;
    this.passages = workspace.passages();
    this.queries = workspace.queries();
    this.lists = workspace.lists();
  }

  public static void main(String[] words) throws IOException {
    PeerServer.serve(() -> open(PeerArguments.of(words)));
  }

  private static ChasquiPeer open(PeerArguments arguments) throws IOException {
    Workspace workspace = new Workspace(arguments.path("workspace"));
    PeerModel model = PeerModel.of(arguments.text("model"));
    ModelBundle bundle = model.bundle(workspace, arguments.number("pairLimit"));
    OnnxOptions options =
        OnnxOptions.defaults()
            .withWeights(
                OnnxOptions.Weights.valueOf(arguments.text("weights").toUpperCase(Locale.ROOT)))
            .withBatching(OnnxOptions.Batching.valueOf(arguments.text("batching")))
            .withPrecision(OnnxOptions.Precision.valueOf(arguments.text("precision")))
            .withNativeCache(arguments.path("nativeCache"));
    return new ChasquiPeer(
        OnnxBackend.load(bundle, device(arguments.text("device")), options), model, workspace);
  }

  private static Device device(String words) {
    int number = Integer.parseInt(words.substring(words.indexOf(':') + 1));
    return words.startsWith("cuda:") ? Device.cuda(number) : Device.cpu(number);
  }

  @Override
  public String describe() {
    return "Chasqui on ONNX Runtime " + OrtEnvironment.getEnvironment().getVersion();
  }

  @Override
  public void run(String workload) {
    rows(workload);
  }

  @Override
  public void write(String workload, Path file) throws IOException {
    Vectors.write(file, rows(workload));
  }

  /** {@code latency-N}: N callers, each a query at a time. */
  @Override
  public Map<String, Double> measure(String what) throws Exception {
    if (!what.startsWith(Latency.PREFIX)) {
      return Peer.super.measure(what);
    }
    int callers = Integer.parseInt(what.substring(Latency.PREFIX.length()));
    return Latency.measure(
        callers, i -> encoder().encodeQueries(List.of(queries.get(i % queries.size()))));
  }

  private List<float[]> rows(String workload) {
    List<float[]> rows = new ArrayList<>();
    switch (workload) {
      case "passages" -> addAll(rows, encoder().encodePassages(passages));
      case "queries" -> {
        for (String query : queries) {
          addAll(rows, encoder().encodeQueries(List.of(query)));
        }
      }
      case "batch" -> addAll(rows, encoder().encodeQueries(queries));
      case "rerank" -> {
        for (Workspace.CandidateList list : lists) {
          Scores scores = session.scorer(Workspace.SCORER).score(list.query(), list.candidates());
          for (int i = 0; i < scores.size(); i++) {
            rows.add(new float[] {scores.score(i)});
          }
        }
      }
      default -> throw new IllegalArgumentException("no workload " + workload);
    }
    return rows;
  }

  private Encoder encoder() {
    return session.encoder(model.encoder());
  }

  private static void addAll(List<float[]> rows, Embeddings embeddings) {
    for (int i = 0; i < embeddings.size(); i++) {
      rows.add(embeddings.row(i));
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
