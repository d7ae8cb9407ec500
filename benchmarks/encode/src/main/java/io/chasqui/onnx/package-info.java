/**
 * Plain runs and plain graphs over the backend's own parts, which are package-private: benchmarks
 * stand in their package on the class path, and are in no jar that anybody uses.
 */
@NullMarked
package io.chasqui.onnx;

import org.jspecify.annotations.NullMarked;
