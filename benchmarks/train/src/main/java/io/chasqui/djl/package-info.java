/**
 * Updates without a trainer around them, over the backend's own parts, which are package-private:
 * benchmarks stand in their package on the class path, and are in no jar that anybody uses.
 */
@NullMarked
package io.chasqui.djl;

import org.jspecify.annotations.NullMarked;
