/**
 * Hard negatives for training: passages that retrievers rank high for a query and that do not
 * answer it.
 */
@NullMarked
package io.chasqui.evaluation.mining;

import org.jspecify.annotations.NullMarked;
