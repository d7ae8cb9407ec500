package io.chasqui.djl;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One block's way through the decoder and back. The loss is computed on {@link #output}, a leaf of
 * its own graph; its gradient there is then handed to {@link #backward}. So the loss does not know
 * whether the pass was kept or is computed again. Confined to one thread.
 */
final class BlockPass implements AutoCloseable {
  private final Decoder decoder;
  private final TokenBlock block;
  private final Readout readout;
  private final Dropout dropout;
  private final boolean trainsEmbeddings;
  private final Ops ops;

  /** Inputs of each stage, without history; empty if the graph was kept. */
  private final List<PtNDArray> inputs = new ArrayList<>();

  private final @Nullable PtNDArray root;
  private final PtNDArray output;

  private BlockPass(
      Decoder decoder,
      TokenBlock block,
      Readout readout,
      Dropout dropout,
      boolean trainsEmbeddings,
      Recompute recompute,
      Ops parent) {
    this.decoder = decoder;
    this.block = block;
    this.readout = readout;
    this.dropout = dropout;
    this.trainsEmbeddings = trainsEmbeddings;
    this.ops = parent.in(parent.scope().child());
    PtNDArray end = GradMode.with(recompute == Recompute.NOTHING, () -> run(recompute));
    root = recompute == Recompute.NOTHING ? end : null;
    output = ops.leaf(end);
  }

  private PtNDArray run(Recompute recompute) {
    PtNDArray state = stage(0, null);
    for (int stage = 1; stage <= decoder.layers(); stage++) {
      PtNDArray next = stage(stage, state);
      if (recompute == Recompute.LAYERS) {
        inputs.add(state);
      } else {
        state.close(); // what the graph needs of it, it holds itself
      }
      state = next;
    }
    return state;
  }

  /** A pass that can go back. */
  static BlockPass forward(
      Decoder decoder,
      TokenBlock block,
      Readout readout,
      Dropout dropout,
      boolean trainsEmbeddings,
      Recompute recompute,
      Ops ops) {
    return new BlockPass(decoder, block, readout, dropout, trainsEmbeddings, recompute, ops);
  }

  /** What comes out of a block, without any history; owned by the scope of {@code ops}. */
  static PtNDArray output(
      Decoder decoder, TokenBlock block, Readout readout, Dropout dropout, Ops ops) {
    try (BlockPass pass =
        forward(decoder, block, readout, dropout, false, Recompute.EVERYTHING, ops)) {
      return ops.scope().own(JniUtils.detachGradient(pass.output));
    }
  }

  /** What the loss is computed on; owned by this pass. */
  PtNDArray output() {
    return output;
  }

  /** Adds to the gradients of all parameters, given the loss's gradient at the output. */
  void backward(PtNDArray gradient) {
    if (root != null) {
      JniUtils.backward(root, gradient, false, false);
      return;
    }
    PtNDArray back = gradient;
    for (int stage = decoder.layers(); stage >= 1; stage--) {
      boolean needsInput = stage > 1 || trainsEmbeddings;
      back = again(stage, inputs.get(stage - 1), back, needsInput);
      if (back == null) {
        return;
      }
    }
    again(0, null, back, false);
  }

  /** Computes a stage once more, recorded, and goes back through it. */
  private @Nullable PtNDArray again(
      int stage, @Nullable PtNDArray input, PtNDArray gradient, boolean needsInput) {
    try (Scope inner = ops.scope().child()) {
      Ops own = ops.in(inner);
      PtNDArray leaf = input == null || !needsInput ? input : own.leaf(input);
      PtNDArray out = GradMode.on(() -> stage(own, stage, leaf));
      JniUtils.backward(out, gradient, false, false);
      return leaf == null || !needsInput ? null : ops.scope().own(JniUtils.getGradient(leaf));
    }
  }

  private PtNDArray stage(int stage, @Nullable PtNDArray input) {
    try (Scope inner = ops.scope().child()) {
      return ops.scope().own(stage(ops.in(inner), stage, input));
    }
  }

  /** Stage 0 embeds, stage n is layer n − 1; the last one reads out too. */
  private PtNDArray stage(Ops own, int stage, @Nullable PtNDArray input) {
    if (stage == 0 || input == null) {
      return decoder.embed(own, block);
    }
    if (stage < decoder.layers()) {
      return decoder.layer(own, stage - 1, input, block, dropout);
    }
    return switch (readout) {
      case LAST -> at(own, input, block.lastTokens());
      case FIRST -> at(own, input, block.firstTokens());
      case MEAN -> mean(own, all(own, input));
      case ALL -> all(own, input);
    };
  }

  private PtNDArray at(Ops own, PtNDArray input, long[] tokens) {
    PtNDArray states = decoder.lastLayerAt(own, input, block, tokens, dropout);
    PtNDArray normed = decoder.finalNorm(own, states);
    return own.reshape(normed, block.size(), -1);
  }

  private PtNDArray all(Ops own, PtNDArray input) {
    return decoder.finalNorm(own, decoder.layer(own, decoder.layers() - 1, input, block, dropout));
  }

  private PtNDArray mean(Ops own, PtNDArray states) {
    float[] shares = block.meanShares();
    PtNDArray weights = own.scope().floats(shares, block.size(), 1, block.longest());
    return own.reshape(own.matmul(weights, states), block.size(), -1);
  }

  @Override
  public void close() {
    ops.scope().close();
  }
}
