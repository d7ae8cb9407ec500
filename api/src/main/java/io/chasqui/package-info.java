/**
 * Retrieve-then-rerank for Java applications: values, verbs and {@link io.chasqui.Pipeline}.
 *
 * <p>Nothing in this package returns or accepts null unless it says {@code Optional}.
 */
@NullMarked
package io.chasqui;

import org.jspecify.annotations.NullMarked;
