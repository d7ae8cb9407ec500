/** The exact search of many queries at once beside a loop with the Vector API. */
@NullMarked
package io.chasqui.benchmarks.search;

import org.jspecify.annotations.NullMarked;
