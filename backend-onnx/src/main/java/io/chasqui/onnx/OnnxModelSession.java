package io.chasqui.onnx;

import io.chasqui.Deadline;
import io.chasqui.Device;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Encoder;
import io.chasqui.ModelSession;
import io.chasqui.Scorer;
import io.chasqui.internal.Lease;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * A model that ONNX Runtime runs (a handle), seen through its roles. Thread-safe until closed.
 *
 * <p>The model runs on the session's own threads; an interrupted caller stops its own request only.
 */
final class OnnxModelSession implements ModelSession {
  private final String name;
  private final Device device;
  private final SortedMap<String, View> views;
  private final BatchScheduler scheduler;
  private final Lease lease;
  private final Runnable release;

  /**
   * What a role is seen as.
   *
   * @param prompts its convention
   * @param space of its vectors, found when first asked for: it takes reading all weights; empty
   *     for a scorer
   */
  record View(Prompts prompts, Optional<Supplier<EmbeddingSpace>> space) {}

  /**
   * A session over what is loaded.
   *
   * @param name for messages: "models/llama-7b on CPU"
   * @param release closes what the session owns, when no call is in flight any more
   */
  OnnxModelSession(
      String name,
      Device device,
      Map<String, View> views,
      BatchScheduler scheduler,
      Runnable release) {
    this.name = name;
    this.device = device;
    this.views = Collections.unmodifiableSortedMap(new TreeMap<>(views));
    this.scheduler = scheduler;
    this.lease = new Lease("model session of " + name);
    this.release = release;
  }

  @Override
  public Set<String> roles() {
    return views.keySet();
  }

  @Override
  public Encoder encoder(String role) {
    lease.checkOpen();
    View view = view(role);
    Supplier<EmbeddingSpace> space =
        view.space()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "role " + role + " of " + name + " is a scorer, no encoder; " + kinds()));
    return new OnnxEncoder(this, role, scheduler.width(role), space, view.prompts());
  }

  @Override
  public Scorer scorer(String role) {
    lease.checkOpen();
    View view = view(role);
    if (view.space().isPresent()) {
      throw new IllegalArgumentException(
          "role " + role + " of " + name + " is an encoder without score head; " + kinds());
    }
    return new OnnxScorer(this, role, view.prompts());
  }

  private View view(String role) {
    View view = views.get(role);
    if (view == null) {
      throw new IllegalArgumentException("no role " + role + " in " + name + "; " + kinds());
    }
    return view;
  }

  private String kinds() {
    return "encoders: " + names(true) + ", scorers: " + names(false);
  }

  private Set<String> names(boolean encoders) {
    SortedMap<String, View> matching = new TreeMap<>(views);
    matching.values().removeIf(view -> view.space().isPresent() != encoders);
    return matching.keySet();
  }

  @Override
  public Device device() {
    return device;
  }

  String name() {
    return name;
  }

  /** Runs a role on texts while the session is kept open. */
  BatchScheduler.Rows run(String role, BatchScheduler.Inputs inputs, Deadline deadline) {
    return lease.during(() -> scheduler.run(role, inputs, deadline));
  }

  @Override
  public void close() {
    lease.close(release);
  }

  @Override
  public String toString() {
    return "OnnxModelSession[" + name + ", " + kinds() + "]";
  }
}
