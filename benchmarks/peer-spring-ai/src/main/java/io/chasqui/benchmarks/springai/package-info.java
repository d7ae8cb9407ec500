/** Spring AI as a peer. */
@NullMarked
package io.chasqui.benchmarks.springai;

import org.jspecify.annotations.NullMarked;
