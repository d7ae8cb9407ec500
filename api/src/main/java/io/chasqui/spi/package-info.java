/** What extenders implement: model runners, tokenizers and vector graphs. */
@NullMarked
package io.chasqui.spi;

import org.jspecify.annotations.NullMarked;
