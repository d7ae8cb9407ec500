package io.chasqui.examples;

import io.chasqui.Chunker;
import io.chasqui.Document;
import io.chasqui.Encoder;
import io.chasqui.index.IndexJob;
import io.chasqui.index.IndexJobOptions;
import io.chasqui.index.IndexOptions;
import io.chasqui.index.PassageIndex;
import io.chasqui.onnx.OnnxVectorSearch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;

/** Vectors of a test collection, in a folder: what is encoded is not encoded again. */
final class EncodedCollection {
  private static final int EXPORTED = 4096;

  private EncodedCollection() {}

  /**
   * The encoded collection; goes on where a killed run ended, with progress.
   *
   * @param total passages, for the progress; −1 if unknown
   * @return an index that the caller closes
   * @throws IOException also if a passage could not be encoded
   */
  static PassageIndex open(
      Path folder,
      IndexOptions layout,
      Encoder encoder,
      TestCollection collection,
      Chunker chunker,
      long total)
      throws IOException {
    PassageIndex index = PassageIndex.openOrCreate(folder, encoder.space(), layout);
    boolean ready = false;
    try (ProgressBar bar = Terminal.progressBar("encoding", total).build();
        Stream<Document> corpus = collection.corpus()) {
      IndexJob.Report report =
          IndexJob.run(
              index,
              encoder,
              () -> corpus.flatMap(document -> chunker.chunk(document).stream()).iterator(),
              IndexJobOptions.defaults().withTotal(Math.max(0, total)),
              progress -> bar.stepTo(progress.added() + progress.skipped() + progress.failed()));
      if (!report.failures().isEmpty()) {
        throw new IOException("passages could not be encoded: " + report.failures());
      }
      ready = true;
      return index;
    } finally {
      if (!ready) {
        index.close();
      }
    }
  }

  /** A search of all its vectors, many queries at once; the caller closes it. */
  static OnnxVectorSearch exactSearch(PassageIndex index) {
    OnnxVectorSearch.Builder builder = OnnxVectorSearch.builder(index.space());
    index.export(EXPORTED, builder::add);
    return builder.build();
  }
}
