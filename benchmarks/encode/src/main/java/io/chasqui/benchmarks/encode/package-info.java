/** Encoding and reranking beside raw ONNX Runtime, LangChain4j, Spring AI and PyTorch. */
@NullMarked
package io.chasqui.benchmarks.encode;

import org.jspecify.annotations.NullMarked;
