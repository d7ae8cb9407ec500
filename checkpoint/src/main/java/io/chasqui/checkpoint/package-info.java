/** What lies on disk: Hugging Face checkpoints, adapters, tokenizers and retrieval cards. */
@NullMarked
package io.chasqui.checkpoint;

import org.jspecify.annotations.NullMarked;
