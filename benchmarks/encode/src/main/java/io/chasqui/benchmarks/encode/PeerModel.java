package io.chasqui.benchmarks.encode;

import io.chasqui.checkpoint.ModelBundle;
import java.io.IOException;
import java.util.Locale;

/** Which roles a peer loads. */
enum PeerModel {
  /** Mean pooling over the base. */
  MEAN,
  /** Mean pooling over the graph that other libraries take. */
  STANDARD,
  /** RepLLaMA and RankLLaMA over the base, without adapters. */
  BASE,
  /** RepLLaMA with its adapter, and nothing else. */
  ADAPTER,
  /** RepLLaMA and RankLLaMA, an adapter each. */
  ADAPTERS;

  static PeerModel of(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  ModelBundle bundle(Workspace workspace, int pairLimit) throws IOException {
    return switch (this) {
      case MEAN -> workspace.meanBundle();
      case STANDARD -> workspace.standardBundle();
      case ADAPTER -> workspace.adapterBundle();
      case BASE -> workspace.rankingBundle(false, pairLimit);
      case ADAPTERS -> workspace.rankingBundle(true, pairLimit);
    };
  }

  /** The role that encodes. */
  String encoder() {
    return this == MEAN || this == STANDARD ? Workspace.MEAN : Workspace.ENCODER;
  }
}
