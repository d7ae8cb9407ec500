package io.chasqui.djl;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a training came to. Immutable.
 *
 * @param updates that were done, by all processes that had a part in it
 * @param loss of the last update
 * @param best evaluation, whose weights were written; empty without held-out set: then the last
 *     were
 * @param output a PEFT directory after LoRA, a Hugging Face checkpoint after full fine-tuning
 */
public record TrainingReport(
    long updates, double loss, Optional<EvaluationReport> best, Path output) {}
