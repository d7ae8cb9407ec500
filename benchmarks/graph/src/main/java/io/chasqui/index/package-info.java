/** Access for benchmarks to what users can't reach. */
@NullMarked
package io.chasqui.index;

import org.jspecify.annotations.NullMarked;
