package io.chasqui.djl;

import ai.djl.pytorch.engine.PtNDArray;
import io.chasqui.checkpoint.RopeConfig;
import java.util.HashMap;
import java.util.Map;

/**
 * Rotary position embedding. Angles are computed in double precision; the factor of the attention
 * scores is in the queries' tables.
 */
final class Rotation {
  private static final int SMALLEST_TABLE = 64;

  private final Scope scope;
  private final int headDim;
  private final double scoreScale;
  private final Map<RopeConfig, Tables> tables = new HashMap<>();

  /**
   * Cosines and sines by position, [positions, headDim/2] each.
   *
   * @param positions how many there are
   * @param queryCos times the factor of the scores
   * @param querySin times the factor of the scores
   */
  private record Tables(
      int positions, PtNDArray cos, PtNDArray sin, PtNDArray queryCos, PtNDArray querySin) {}

  /** What rotates: tables that broadcast over the vectors. */
  record Angles(PtNDArray cos, PtNDArray sin) {
    /** Rotates [.., headDim] vectors, halves paired as Hugging Face pairs them. */
    PtNDArray rotate(Ops ops, PtNDArray x) {
      int last = x.getShape().dimension() - 1;
      long width = x.getShape().get(last);
      PtNDArray first = ops.slice(x, last, 0, width / 2);
      PtNDArray second = ops.slice(x, last, width / 2, width);
      return ops.cat(
          last,
          ops.sub(ops.mul(first, cos), ops.mul(second, sin)),
          ops.add(ops.mul(second, cos), ops.mul(first, sin)));
    }
  }

  Rotation(Scope scope, int headDim, double scoreScale) {
    this.scope = scope;
    this.headDim = headDim;
    this.scoreScale = scoreScale;
  }

  /** For keys at positions 0 … length − 1: tables [length, 1, headDim/2]. */
  Angles keys(Ops ops, RopeConfig rope, int length) {
    Tables all = tables(rope, length);
    return new Angles(head(ops, all.cos, length), head(ops, all.sin, length));
  }

  /** For queries at positions 0 … length − 1: tables [length, 1, headDim/2]. */
  Angles queries(Ops ops, RopeConfig rope, int length) {
    Tables all = tables(rope, length);
    return new Angles(head(ops, all.queryCos, length), head(ops, all.querySin, length));
  }

  /** For one query per row: tables [rows, 1, 1, headDim/2]. */
  Angles queriesAt(Ops ops, RopeConfig rope, long[] positions, int length) {
    Tables all = tables(rope, length);
    PtNDArray at = ops.scope().longs(positions, positions.length, 1, 1);
    return new Angles(ops.rows(all.queryCos, at), ops.rows(all.querySin, at));
  }

  private PtNDArray head(Ops ops, PtNDArray table, int length) {
    return ops.reshape(ops.slice(table, 0, 0, length), length, 1, headDim / 2);
  }

  private Tables tables(RopeConfig rope, int length) {
    Tables found = tables.get(rope);
    if (found == null || found.positions < length) {
      int positions = Math.max(SMALLEST_TABLE, Integer.highestOneBit(length - 1) * 2);
      found = build(rope, positions);
      tables.put(rope, found);
    }
    return found;
  }

  private Tables build(RopeConfig rope, int positions) {
    double[] frequencies = rope.inverseFrequencies(headDim);
    int half = frequencies.length;
    float[] cos = new float[positions * half];
    float[] sin = new float[positions * half];
    float[] queryCos = new float[positions * half];
    float[] querySin = new float[positions * half];
    for (int position = 0; position < positions; position++) {
      for (int i = 0; i < half; i++) {
        double angle = position * frequencies[i];
        int at = position * half + i;
        cos[at] = (float) Math.cos(angle);
        sin[at] = (float) Math.sin(angle);
        queryCos[at] = (float) (Math.cos(angle) * scoreScale);
        querySin[at] = (float) (Math.sin(angle) * scoreScale);
      }
    }
    return new Tables(
        positions,
        scope.floats(cos, positions, half),
        scope.floats(sin, positions, half),
        scope.floats(queryCos, positions, half),
        scope.floats(querySin, positions, half));
  }
}
