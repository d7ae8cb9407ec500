/**
 * Search quality as the field measures it: TREC, BEIR and MS MARCO files, trec_eval's metrics,
 * significance tests and reports.
 *
 * <p>{@link io.chasqui.evaluation.Qrels} and {@link io.chasqui.evaluation.Run} go into {@link
 * io.chasqui.evaluation.Evaluator}, an {@link io.chasqui.evaluation.Evaluation} comes out. Values
 * are those that trec_eval 10.0 prints.
 */
@NullMarked
package io.chasqui.evaluation;

import org.jspecify.annotations.NullMarked;
