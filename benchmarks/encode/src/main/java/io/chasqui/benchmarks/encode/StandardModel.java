package io.chasqui.benchmarks.encode;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.Role;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The graph for others' libraries, run as a careful user would: flat buffers, pooling in Java. */
final class StandardModel implements RawModel {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final ModelBundle bundle;
  private final OrtSession session;
  private final Optional<float[]> head;

  StandardModel(Workspace workspace, ModelBundle bundle, int threads, boolean prepacking)
      throws OrtException, IOException {
    this.bundle = bundle;
    this.head =
        bundle.roles().containsKey(Workspace.SCORER)
            ? Optional.of(bundle.headRow(Workspace.SCORER))
            : Optional.empty();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.addConfigEntry("session.disable_prepacking", prepacking ? "0" : "1");
      session = environment.createSession(workspace.standardGraph().toString(), options);
    }
  }

  @Override
  public List<float[]> run(String roleName, List<int[]> ids) throws OrtException {
    int longest = ids.stream().mapToInt(row -> row.length).max().orElseThrow();
    int slots = ids.size() * longest;
    LongBuffer inputIds = LongBuffer.allocate(slots);
    LongBuffer mask = LongBuffer.allocate(slots);
    for (int row = 0; row < ids.size(); row++) {
      int[] rowIds = ids.get(row);
      for (int i = 0; i < rowIds.length; i++) {
        inputIds.put(row * longest + i, rowIds[i]);
        mask.put(row * longest + i, 1);
      }
    }
    long[] shape = {ids.size(), longest};
    try (OnnxTensor idTensor = OnnxTensor.createTensor(environment, inputIds, shape);
        OnnxTensor maskTensor = OnnxTensor.createTensor(environment, mask, shape);
        OnnxTensor types = OnnxTensor.createTensor(environment, LongBuffer.allocate(slots), shape);
        OrtSession.Result result =
            session.run(
                Map.of(
                    "input_ids",
                    idTensor,
                    "attention_mask",
                    maskTensor,
                    "token_type_ids",
                    types))) {
      FloatBuffer states = ((OnnxTensor) result.get(0)).getFloatBuffer();
      Role role = bundle.role(roleName);
      List<float[]> rows = new ArrayList<>();
      for (int row = 0; row < ids.size(); row++) {
        rows.add(pooled(role, states, row * longest, ids.get(row).length));
      }
      return rows;
    }
  }

  /** Of the row whose tokens stand at {@code first} and after. */
  private float[] pooled(Role role, FloatBuffer states, int first, int length) {
    int width = bundle.config().hiddenSize();
    float[] vector = new float[width];
    int from = role.pooling() == Role.Pooling.MEAN ? 0 : length - 1;
    float[] state = new float[width];
    for (int token = from; token < length; token++) {
      states.get((first + token) * width, state);
      for (int i = 0; i < width; i++) {
        vector[i] += state[i];
      }
    }
    if (role.isScorer()) {
      float[] weights = head.orElseThrow();
      double score = 0;
      for (int i = 0; i < width; i++) {
        score += (double) weights[i] * vector[i];
      }
      return new float[] {(float) score};
    }
    return vector; // of no particular length: cosines are compared
  }

  @Override
  public void close() throws IOException {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IOException(e);
    }
  }
}
