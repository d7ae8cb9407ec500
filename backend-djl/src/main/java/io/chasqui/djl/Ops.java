package io.chasqui.djl;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.jspecify.annotations.Nullable;

/**
 * Operations whose results live in one scope. No operation takes a Java number: DJL would keep it
 * in a buffer that the collector frees while the graph still reads it (docs/decisions/110).
 */
final class Ops {
  private final Scope scope;
  private final Constants constants;

  Ops(Scope scope, Constants constants) {
    this.scope = scope;
    this.constants = constants;
  }

  Scope scope() {
    return scope;
  }

  /** The same operations with results in another scope. */
  Ops in(Scope other) {
    return new Ops(other, constants);
  }

  PtNDArray constant(double value) {
    return constants.scalar(value);
  }

  Constants constants() {
    return constants;
  }

  PtNDArray add(PtNDArray a, PtNDArray b) {
    return scope.own(JniUtils.add(a, b));
  }

  PtNDArray sub(PtNDArray a, PtNDArray b) {
    return scope.own(JniUtils.sub(a, b));
  }

  PtNDArray mul(PtNDArray a, PtNDArray b) {
    return scope.own(JniUtils.mul(a, b));
  }

  PtNDArray mul(PtNDArray a, double factor) {
    return factor == 1 ? a : mul(a, constant(factor));
  }

  PtNDArray div(PtNDArray a, PtNDArray b) {
    return scope.own(JniUtils.div(a, b));
  }

  PtNDArray square(PtNDArray a) {
    return scope.own(JniUtils.square(a));
  }

  PtNDArray sqrt(PtNDArray a) {
    return scope.own(JniUtils.sqrt(a));
  }

  PtNDArray tanh(PtNDArray a) {
    return scope.own(JniUtils.tanh(a));
  }

  PtNDArray neg(PtNDArray a) {
    return scope.own(JniUtils.neg(a));
  }

  PtNDArray sum(PtNDArray a) {
    return scope.own(JniUtils.sum(a));
  }

  PtNDArray sum(PtNDArray a, int axis, boolean keep) {
    return scope.own(JniUtils.sum(a, new long[] {axis}, keep));
  }

  PtNDArray mean(PtNDArray a, int axis, boolean keep) {
    return scope.own(JniUtils.mean(a, axis, keep));
  }

  PtNDArray matmul(PtNDArray a, PtNDArray b) {
    return scope.own(JniUtils.matmul(a, b));
  }

  /** x · weightᵀ + bias, for x of any rank. */
  PtNDArray linear(PtNDArray x, PtNDArray weight, @Nullable PtNDArray bias) {
    return scope.own(JniUtils.linear(x, weight, bias));
  }

  PtNDArray reshape(PtNDArray a, long... shape) {
    return scope.own(JniUtils.reshape(a, shape));
  }

  PtNDArray permute(PtNDArray a, long... axes) {
    return scope.own(JniUtils.permute(a, axes));
  }

  PtNDArray transpose(PtNDArray a, int one, int other) {
    return scope.own(JniUtils.transpose(a, one, other));
  }

  /** Elements {@code [from, to)} along an axis, a view. */
  PtNDArray slice(PtNDArray a, int axis, long from, long to) {
    return scope.own(JniUtils.slice(a, axis, from, to, 1));
  }

  PtNDArray cat(int axis, PtNDArray... parts) {
    return parts.length == 1 ? parts[0] : scope.own(JniUtils.cat(parts, axis));
  }

  /** Rows of a matrix: [.., columns] for indices of any shape. */
  PtNDArray rows(PtNDArray matrix, PtNDArray indices) {
    return scope.own(JniUtils.embedding(indices, matrix, false));
  }

  /** Picks along an axis, one per index; shapes but for that axis must be equal. */
  PtNDArray gather(PtNDArray a, PtNDArray indices, int axis) {
    return scope.own(JniUtils.gather(a, indices, axis));
  }

  PtNDArray softmax(PtNDArray a, int axis) {
    return scope.own(JniUtils.softmax(a, axis, DataType.FLOAT32));
  }

  PtNDArray logSoftmax(PtNDArray a, int axis) {
    return scope.own(JniUtils.logSoftmax(a, axis, DataType.FLOAT32));
  }

  /** x · sigmoid(x). */
  PtNDArray silu(PtNDArray x) {
    return mul(x, scope.own(JniUtils.sigmoid(x)));
  }

  /** GELU by tanh: x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))). */
  PtNDArray geluTanh(PtNDArray x) {
    PtNDArray cubic = mul(mul(square(x), x), constant(0.044715));
    PtNDArray inner = mul(add(x, cubic), constant(Math.sqrt(2 / Math.PI)));
    return mul(mul(x, constant(0.5)), add(tanh(inner), constant(1)));
  }

  /** cap · tanh(x / cap). */
  PtNDArray softCap(PtNDArray x, double cap) {
    return mul(tanh(mul(x, 1 / cap)), cap);
  }

  /** x / √(mean of squares + epsilon) over the last axis, times weight. */
  PtNDArray rmsNorm(PtNDArray x, PtNDArray weight, double epsilon) {
    PtNDArray meanSquare = mean(square(x), -1, true);
    PtNDArray inverse = div(constant(1), sqrt(add(meanSquare, constant(epsilon))));
    return mul(mul(x, inverse), weight);
  }

  /** Rows of unit length; 1e-24 beside the square keeps the gradient of a zero row finite. */
  PtNDArray unit(PtNDArray x) {
    return div(x, sqrt(add(sum(square(x), -1, true), constant(1e-24))));
  }

  /** A copy without history, that a backward pass stops at and leaves its gradient in. */
  PtNDArray leaf(PtNDArray x) {
    PtNDArray leaf = scope.own(JniUtils.detachGradient(x));
    JniUtils.attachGradient(leaf, true);
    return leaf;
  }

  static float[] floats(PtNDArray x) {
    return x.toFloatArray();
  }

  static float value(PtNDArray scalar) {
    return scalar.toFloatArray()[0];
  }
}
