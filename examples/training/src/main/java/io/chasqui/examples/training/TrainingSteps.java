package io.chasqui.examples.training;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.Document;
import io.chasqui.Encoder;
import io.chasqui.Passage;
import io.chasqui.Pipeline;
import io.chasqui.Reranker;
import io.chasqui.Retriever;
import io.chasqui.Scorer;
import io.chasqui.SearchRequest;
import io.chasqui.djl.TrainingData;
import io.chasqui.djl.TrainingExample;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.Run;
import io.chasqui.evaluation.mining.HardNegativeMiner;
import io.chasqui.evaluation.mining.MiningOptions;
import io.chasqui.evaluation.mining.MiningSummary;
import io.chasqui.evaluation.mining.TrainingQuery;
import io.chasqui.examples.Terminal;
import io.chasqui.index.IndexOptions;
import io.chasqui.index.PassageIndex;
import io.chasqui.lucene.Analysis;
import io.chasqui.lucene.LuceneOptions;
import io.chasqui.lucene.LuceneRetriever;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;

/** What the training programs do with progress: index, encode, mine, search. */
final class TrainingSteps {
  private static final int BATCH = 256;

  private static final JsonMapper JSON = new JsonMapper();

  private TrainingSteps() {}

  /** Opens a BM25 index of passages; fills it if it is empty. The caller closes it. */
  static LuceneRetriever words(
      Path directory, Analysis analysis, Iterator<Passage> passages, long count)
      throws IOException {
    LuceneRetriever words =
        LuceneRetriever.openOrCreate(directory, LuceneOptions.defaults().withAnalysis(analysis));
    boolean ready = false;
    try (ProgressBar bar = Terminal.progressBar("indexing", count).build()) {
      if (words.size() == 0) {
        while (passages.hasNext()) {
          List<Passage> batch = batch(passages);
          words.add(batch);
          bar.stepBy(batch.size());
        }
        words.commit();
      }
      ready = true;
      return words;
    } finally {
      if (!ready) {
        words.close();
      }
    }
  }

  /**
   * Opens an index of vectors, searched exactly; goes on filling it where an earlier run stopped.
   * The caller closes it.
   */
  static PassageIndex vectors(
      Path directory, Encoder encoder, Iterator<Passage> passages, long count) throws IOException {
    PassageIndex index =
        PassageIndex.openOrCreate(directory, encoder.space(), IndexOptions.exact());
    boolean ready = false;
    try (ProgressBar bar = Terminal.progressBar("encoding", count).build()) {
      while (passages.hasNext()) {
        List<Passage> batch = batch(passages);
        List<Passage> missing = batch.stream().filter(p -> !index.contains(p.id())).toList();
        if (!missing.isEmpty()) {
          index.add(missing, encoder);
        }
        bar.stepBy(batch.size());
      }
      index.commit();
      ready = true;
      return index;
    } finally {
      if (!ready) {
        index.close();
      }
    }
  }

  private static List<Passage> batch(Iterator<Passage> passages) {
    List<Passage> batch = new ArrayList<>();
    while (passages.hasNext() && batch.size() < BATCH) {
      batch.add(passages.next());
    }
    return batch;
  }

  /** Mines hard negatives into a training file; goes on where an earlier run stopped. */
  static MiningSummary mine(
      Map<String, Retriever> sources, List<TrainingQuery> queries, MiningOptions options, Path file)
      throws IOException {
    try (ProgressBar bar = Terminal.progressBar("mining", queries.size()).build()) {
      return HardNegativeMiner.of(sources, options).mine(queries.iterator(), file, bar::stepTo);
    }
  }

  /** The first examples of a seed's order, as queries for mining. */
  static List<TrainingQuery> queries(TrainingData<TrainingExample> data, long seed, long limit)
      throws IOException {
    try (Stream<TrainingExample> examples = data.epoch(seed, 0)) {
      return examples
          .limit(limit)
          .map(e -> new TrainingQuery(e.id(), e.query(), e.positives()))
          .toList();
    }
  }

  /** Searches for all queries. */
  static Run search(String name, Retriever retriever, Map<String, String> queries, int depth) {
    Run.Builder run = Run.builder(name);
    try (ProgressBar bar = Terminal.progressBar(name, queries.size()).build()) {
      queries.forEach(
          (id, text) -> {
            run.add(id, retriever.retrieve(SearchRequest.of(text, depth)));
            bar.step();
          });
    }
    return run.build();
  }

  /** Searches for all queries and orders the first hits anew. */
  static Run rerank(
      String name, Retriever retriever, Scorer scorer, Map<String, String> queries, int depth) {
    Pipeline pipeline = Pipeline.of(retriever).rerank(Reranker.of(scorer), depth);
    Run.Builder run = Run.builder(name);
    try (ProgressBar bar = Terminal.progressBar(name, queries.size()).build()) {
      queries.forEach(
          (id, text) -> {
            run.add(id, pipeline.search(text, depth));
            bar.step();
          });
    }
    return run.build();
  }

  /** Queries with their positives as a Tevatron training file. */
  static void writeQueries(Path file, List<TrainingQuery> queries) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (TrainingQuery query : queries) {
        ObjectNode line = JSON.createObjectNode();
        line.put("query_id", query.id()).put("query", query.text());
        var positives = line.putArray("positive_passages");
        for (Passage positive : query.positives()) {
          positives
              .addObject()
              .put("docid", positive.id())
              .put("title", positive.title())
              .put("text", positive.text());
        }
        line.putArray("negative_passages");
        out.write(line + "\n");
      }
    }
  }

  /** All passages of a folder, in memory. */
  static List<Passage> passages(BeirFolder folder) throws IOException {
    try (Stream<Document> corpus = folder.corpus()) {
      return corpus.map(Document::asPassage).toList();
    }
  }
}
