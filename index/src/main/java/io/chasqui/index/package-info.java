/** A durable index of passages and their vectors. */
@NullMarked
package io.chasqui.index;

import org.jspecify.annotations.NullMarked;
