package io.chasqui.examples;

import io.chasqui.Chunker;
import io.chasqui.Document;
import io.chasqui.Encoder;
import io.chasqui.Fusion;
import io.chasqui.Passage;
import io.chasqui.Reranker;
import io.chasqui.Retriever;
import io.chasqui.ScoredPassage;
import io.chasqui.SearchRequest;
import io.chasqui.VectorSearch;
import io.chasqui.evaluation.Ranking;
import io.chasqui.evaluation.Run;
import io.chasqui.index.IndexOptions;
import io.chasqui.index.PassageIndex;
import io.chasqui.lucene.LuceneOptions;
import io.chasqui.lucene.LuceneRetriever;
import io.chasqui.onnx.OnnxVectorSearch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;

/**
 * The runs of one test collection: BM25, dense, both fused, and one of them reranked. What takes
 * long lies in a folder and is not done twice. Confined to one thread.
 */
final class CheckpointEvaluation {
  private static final int BATCH = 64;
  private static final int INDEXED = 4096;
  private static final int FLOAT_AND_CODE = 5;

  private final TestCollection collection;
  private final Path work;
  private final Settings settings;

  /** What dense vectors are searched with. */
  enum Engine {
    /** EXACT if it fits a quarter of the Java heap's limit, else INDEX. */
    AUTO,
    /** Every vector is compared, many queries at once; all vectors are in memory. */
    EXACT,
    /** The index's own search, with a graph where it is large. */
    INDEX
  }

  /** What is reranked. */
  enum Candidates {
    DENSE,
    BM25,
    HYBRID
  }

  /**
   * How it is measured.
   *
   * @param hits per query
   * @param depth candidates that are reranked
   * @param identicalIds whether a document with the question's own id counts
   */
  record Settings(
      int hits, int depth, Candidates candidates, Engine engine, boolean identicalIds) {}

  CheckpointEvaluation(TestCollection collection, Path work, Settings settings) {
    this.collection = collection;
    this.work = work;
    this.settings = settings;
  }

  /**
   * All runs that can be made, by name: bm25, dense, hybrid, reranked.
   *
   * @param scorerName what the reranker's scores depend on
   */
  Map<String, Run> run(Optional<Encoder> encoder, Optional<Reranker> reranker, String scorerName)
      throws IOException {
    Files.createDirectories(work);
    Map<String, String> queries = collection.queries();
    Map<String, Run> runs = new LinkedHashMap<>();
    try (LuceneRetriever bm25 = bm25()) {
      runs.put("bm25", search("bm25", bm25, queries));
      if (encoder.isEmpty()) {
        collection.check(id -> true);
        rerank(reranker, bm25, scorerName, queries, runs);
        return runs;
      }
      try (PassageIndex index = encoded(encoder.get(), bm25.size())) {
        collection.check(index::contains);
        if (isExact(index)) {
          try (OnnxVectorSearch exact = EncodedCollection.exactSearch(index)) {
            dense(encoder.get(), exact, bm25, reranker, scorerName, queries, runs);
          }
        } else {
          dense(encoder.get(), index, bm25, reranker, scorerName, queries, runs);
        }
      }
    }
    return runs;
  }

  private void dense(
      Encoder encoder,
      VectorSearch vectors,
      LuceneRetriever bm25,
      Optional<Reranker> reranker,
      String scorerName,
      Map<String, String> queries,
      Map<String, Run> runs)
      throws IOException {
    Retriever dense = Retriever.of(encoder, vectors);
    Retriever hybrid =
        Retriever.fused(Fusion.rrf(), settings.hits(), dense.named("dense"), bm25.named("bm25"));
    runs.put("dense", search("dense", dense, queries));
    runs.put("hybrid", search("hybrid", hybrid, queries));
    Retriever first =
        switch (settings.candidates()) {
          case DENSE -> dense;
          case BM25 -> bm25;
          case HYBRID -> hybrid;
        };
    rerank(reranker, first, scorerName, queries, runs);
  }

  private boolean isExact(PassageIndex index) {
    long bytes = index.size() * index.space().dimension() * FLOAT_AND_CODE;
    return switch (settings.engine()) {
      case EXACT -> true;
      case INDEX -> false;
      case AUTO -> bytes < Runtime.getRuntime().maxMemory() / 4;
    };
  }

  private LuceneRetriever bm25() throws IOException {
    LuceneRetriever bm25 =
        LuceneRetriever.openOrCreate(work.resolve("bm25"), LuceneOptions.defaults());
    boolean ready = false;
    try {
      if (bm25.size() == 0) {
        fill(bm25);
      }
      ready = true;
      return bm25;
    } finally {
      if (!ready) {
        bm25.close();
      }
    }
  }

  private void fill(LuceneRetriever bm25) throws IOException {
    try (Stream<Document> corpus = collection.corpus();
        ProgressBar bar = Terminal.progressBar("BM25 index", -1).build()) {
      List<Passage> batch = new ArrayList<>();
      for (var documents = corpus.iterator(); documents.hasNext(); ) {
        batch.add(documents.next().asPassage());
        bar.step();
        if (batch.size() == INDEXED || !documents.hasNext()) {
          bm25.add(batch);
          batch.clear();
        }
      }
    }
    bm25.commit();
  }

  private PassageIndex encoded(Encoder encoder, long total) throws IOException {
    IndexOptions layout =
        settings.engine() == Engine.EXACT ? IndexOptions.exact() : IndexOptions.defaults();
    return EncodedCollection.open(
        work.resolve("vectors"), layout, encoder, collection, Chunker.whole(), total);
  }

  private Run search(String name, Retriever retriever, Map<String, String> queries) {
    try (ProgressBar bar = Terminal.progressBar(name, queries.size()).build()) {
      if (settings.identicalIds()) {
        return Run.of(name, retriever, queries, settings.hits(), bar::stepTo);
      }
      Run found = Run.of(name, retriever, queries, settings.hits() + 1, bar::stepTo);
      return withoutIdentical(found);
    }
  }

  /** As BEIR does: a question that is a document itself does not answer itself. */
  private Run withoutIdentical(Run run) {
    Run.Builder rest = Run.builder(run.name());
    for (String query : run.queryIds()) {
      Ranking ranking = run.ranking(query);
      int kept = 0;
      for (int i = 0; i < ranking.size() && kept < settings.hits(); i++) {
        if (!ranking.id(i).equals(query)) {
          rest.add(query, ranking.id(i), ranking.score(i));
          kept++;
        }
      }
    }
    return rest.build();
  }

  private void rerank(
      Optional<Reranker> reranker,
      Retriever first,
      String scorerName,
      Map<String, String> queries,
      Map<String, Run> runs)
      throws IOException {
    if (reranker.isEmpty()) {
      return;
    }
    String source =
        runs.containsKey("dense") ? settings.candidates().name().toLowerCase(Locale.ROOT) : "bm25";
    String made =
        "reranked top "
            + settings.depth()
            + " of "
            + source
            + " by "
            + scorerName
            + (settings.identicalIds() ? "" : " without identical ids");
    try (RerankLog log =
            new RerankLog(work.resolve("reranked-" + collection.name() + ".tsv"), made);
        ProgressBar bar = Terminal.progressBar("reranking", queries.size()).build()) {
      bar.stepTo(log.done().size());
      List<Map.Entry<String, String>> left =
          queries.entrySet().stream().filter(q -> !log.done().containsKey(q.getKey())).toList();
      for (int from = 0; from < left.size(); from += BATCH) {
        List<Map.Entry<String, String>> batch =
            left.subList(from, Math.min(left.size(), from + BATCH));
        List<List<ScoredPassage>> answers =
            first.retrieveAll(
                batch.stream()
                    .map(query -> SearchRequest.of(query.getValue(), settings.depth() + 1))
                    .toList());
        for (int i = 0; i < batch.size(); i++) {
          String id = batch.get(i).getKey();
          List<ScoredPassage> candidates =
              answers.get(i).stream()
                  .filter(hit -> settings.identicalIds() || !hit.id().equals(id))
                  .limit(settings.depth())
                  .toList();
          log.add(id, reranker.get().rerank(batch.get(i).getValue(), candidates));
          bar.step();
        }
      }
      runs.put("reranked", reranked(Objects.requireNonNull(runs.get(source)), log.done()));
    }
  }

  /** The reranked candidates, behind them the others in the order of the first stage. */
  private static Run reranked(Run first, Map<String, Map<String, Float>> scores) {
    Run.Builder run = Run.builder("reranked");
    for (String query : first.queryIds()) {
      Map<String, Float> known = scores.getOrDefault(query, Map.of());
      double last = known.values().stream().mapToDouble(Float::doubleValue).min().orElse(0);
      known.forEach((id, score) -> run.add(query, id, score));
      Ranking ranking = first.ranking(query);
      int behind = 0;
      for (int i = 0; i < ranking.size(); i++) {
        if (!known.containsKey(ranking.id(i))) {
          run.add(query, ranking.id(i), last - ++behind);
        }
      }
    }
    return run.build();
  }
}
