/** LangChain4j as a peer. */
@NullMarked
package io.chasqui.benchmarks.langchain4j;

import org.jspecify.annotations.NullMarked;
