/** The ONNX Runtime backend: builds the graph of a checkpoint and runs it. */
@NullMarked
package io.chasqui.onnx;

import org.jspecify.annotations.NullMarked;
