/** JVector beside our graphs. */
@NullMarked
package io.chasqui.benchmarks.jvector;

import org.jspecify.annotations.NullMarked;
