/** Microbenchmarks of the backend's package-private parts. */
@org.jspecify.annotations.NullMarked
package io.chasqui.onnx;
