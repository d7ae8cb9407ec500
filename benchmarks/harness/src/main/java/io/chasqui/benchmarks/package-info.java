/**
 * Measures programs beside each other: each peer is a process with a class path of its own, peers
 * take turns, and what is quoted is the ratio of medians of one run.
 */
@NullMarked
package io.chasqui.benchmarks;

import org.jspecify.annotations.NullMarked;
