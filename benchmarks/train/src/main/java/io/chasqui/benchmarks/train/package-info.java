/** Training on PyTorch beside Hugging Face with PEFT. */
@NullMarked
package io.chasqui.benchmarks.train;

import org.jspecify.annotations.NullMarked;
