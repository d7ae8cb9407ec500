/** Search through graphs beside peers: the data, what peers have in common, and the program. */
@NullMarked
package io.chasqui.benchmarks.graph;

import org.jspecify.annotations.NullMarked;
