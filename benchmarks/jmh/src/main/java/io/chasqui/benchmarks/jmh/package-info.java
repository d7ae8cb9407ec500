/** Microbenchmarks of what is ours around a native run. */
@org.jspecify.annotations.NullMarked
package io.chasqui.benchmarks.jmh;
