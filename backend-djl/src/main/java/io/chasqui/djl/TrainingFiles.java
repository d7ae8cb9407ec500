package io.chasqui.djl;

import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.Run;
import io.chasqui.evaluation.TrecFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Training data in files of the usual layouts, plain or gzip. What is opened here has been read and
 * checked once: a wrong line is an error of these methods, naming file, line and field ({@link
 * io.chasqui.evaluation.DataFormatException}), and so is a query without positives or a file
 * without content.
 *
 * <p>Texts stay in the files and are read again for each epoch, in an order drawn over the whole
 * file; memory holds eight bytes per line, of a corpus up to 33. A gzip file can't be read in any
 * order: its content is held in memory, up to a quarter of the heap; a larger one must be unpacked.
 * The files must not change while they are used: that is an error of the next epoch.
 */
public final class TrainingFiles {
  private TrainingFiles() {}

  /**
   * Tevatron's training file, one JSON object per query and line, with texts: {@code query_id},
   * {@code query}, {@code positive_passages} and {@code negative_passages}, each a list of {@code
   * docid}, {@code title}, {@code text}. {@link io.chasqui.evaluation.mining.HardNegativeMiner}
   * writes such files.
   */
  public static TrainingData<TrainingExample> tevatron(Path file) throws IOException {
    return FileData.open(file, Parsers::tevatron, Optional.empty());
  }

  /**
   * Tevatron's training file in either form: with texts, or with ids of a corpus: {@code query_id},
   * {@code query_text} (or {@code query}), {@code positive_document_ids}, {@code
   * negative_document_ids}.
   *
   * @param corpus one JSON object per line: {@code docid} (or {@code _id}), {@code title}, {@code
   *     text}
   */
  public static TrainingData<TrainingExample> tevatron(Path file, Path corpus) throws IOException {
    return FileData.open(file, Parsers::tevatron, Optional.of(CorpusFile.open(corpus)));
  }

  /**
   * The judgements of a split of a BEIR folder: documents of at least {@code level} are positives,
   * judged ones below it are hard negatives. Holds the queries and judgements in memory, not the
   * corpus.
   *
   * @param level lowest grade that is relevant
   */
  public static TrainingData<TrainingExample> beir(Path folder, String split, int level)
      throws IOException {
    return BeirData.open(BeirFolder.open(folder), split, level);
  }

  /**
   * Triples of texts, one per line: query, positive and one or several negatives between tabs; in a
   * file named {@code .jsonl}, objects with {@code query} (or {@code anchor}), {@code positive},
   * {@code negative} (a text or a list).
   */
  public static TrainingData<TrainingExample> triples(Path file) throws IOException {
    return FileData.open(file, (line, passages) -> Parsers.texts(line, 1), Optional.empty());
  }

  /** Pairs of a query and a positive, as {@link #triples} without negatives. */
  public static TrainingData<TrainingExample> pairs(Path file) throws IOException {
    return FileData.open(file, (line, passages) -> Parsers.texts(line, 0), Optional.empty());
  }

  /**
   * Texts for a language model: one per line; in a file named {@code .jsonl}, the title and text of
   * an object per line, such as a corpus.
   */
  public static TrainingData<String> texts(Path file) throws IOException {
    return FileData.open(file, (line, passages) -> Parsers.text(line), Optional.empty());
  }

  /**
   * Examples with a teacher's scores, for distillation.
   *
   * @param data any examples; reads all of them once to check that each passage has a score
   * @param run the scores by query and passage id, in TREC's run layout; held in memory
   * @throws io.chasqui.evaluation.DataFormatException naming a query and passage without a score
   */
  public static TrainingData<TrainingExample> withTeacher(
      TrainingData<TrainingExample> data, Path run) throws IOException {
    Run scores = TrecFiles.readRun(run);
    return TeacherData.check(data, run, scores);
  }
}
