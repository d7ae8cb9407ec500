/**
 * BM25 on Lucene: {@link io.chasqui.lucene.LuceneRetriever} over a durable index folder, for hybrid
 * search, hard negatives and baselines.
 */
@NullMarked
package io.chasqui.lucene;

import org.jspecify.annotations.NullMarked;
