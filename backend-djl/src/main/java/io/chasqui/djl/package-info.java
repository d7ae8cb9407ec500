/**
 * Training in the same JVM: LoRA and full fine-tuning of retrievers and rerankers on DJL's PyTorch
 * engine.
 *
 * <p>No type of DJL appears in a public signature. {@link io.chasqui.djl.TrainingData} gives what a
 * trainer reads: {@link io.chasqui.djl.TrainingExample texts} or {@link
 * io.chasqui.djl.TrainingGroup token ids}.
 */
@NullMarked
package io.chasqui.djl;

import org.jspecify.annotations.NullMarked;
