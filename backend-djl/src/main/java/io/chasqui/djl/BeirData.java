package io.chasqui.djl;

import io.chasqui.Passage;
import io.chasqui.evaluation.BeirFolder;
import io.chasqui.evaluation.DataFormatException;
import io.chasqui.evaluation.Qrels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The judgements of a BEIR split as examples. Immutable, thread-safe. */
final class BeirData implements TrainingData<TrainingExample> {
  /** A query with ids in place of passages. */
  private record Judged(String id, String text, List<String> positives, List<String> negatives) {}

  private final CorpusFile corpus;
  private final TrainingData<Judged> queries;
  private final DataLine qrels; // for messages

  private BeirData(CorpusFile corpus, TrainingData<Judged> queries, DataLine qrels) {
    this.corpus = corpus;
    this.queries = queries;
    this.qrels = qrels;
  }

  static BeirData open(BeirFolder folder, String split, int level) throws IOException {
    Qrels judgements = folder.qrels(split);
    Map<String, String> texts = folder.queryTexts(split);
    Path plain = folder.path().resolve("corpus.jsonl");
    CorpusFile corpus =
        CorpusFile.open(Files.exists(plain) ? plain : plain.resolveSibling("corpus.jsonl.gz"));
    DataLine qrels = new DataLine(folder.path().resolve("qrels").resolve(split + ".tsv"), 0, "");
    if (!texts.keySet().containsAll(judgements.queryIds())) {
      folder.check(split); // names the line
    }
    List<Judged> judged = new ArrayList<>();
    try {
      PassageLookup known = corpus.checker();
      for (Map.Entry<String, String> query : texts.entrySet()) {
        List<String> positives = judgements.relevant(query.getKey(), level);
        List<String> negatives =
            judgements.judgements(query.getKey()).keySet().stream()
                .filter(id -> !positives.contains(id))
                .sorted()
                .toList();
        for (List<String> ids : List.of(positives, negatives)) {
          for (String id : ids) {
            known.find(qrels, "corpus-id", id);
          }
        }
        if (!positives.isEmpty()) {
          judged.add(new Judged(query.getKey(), query.getValue(), positives, negatives));
        }
      }
    } catch (DataFormatException e) {
      folder.check(split); // names the line
      throw e;
    }
    if (judged.isEmpty()) {
      throw new DataFormatException(
          qrels.file(), 0, "no query has a document of grade " + level + " or higher");
    }
    return new BeirData(corpus, TrainingData.of(judged), qrels);
  }

  @Override
  public Stream<TrainingExample> epoch(long seed, int epoch) throws IOException {
    CorpusFile.Reader passages = corpus.reader();
    return queries
        .epoch(seed, epoch)
        .map(
            query ->
                TrainingExample.of(
                    query.id(),
                    query.text(),
                    find(passages, query.positives()),
                    find(passages, query.negatives())))
        .onClose(passages::close);
  }

  private List<Passage> find(CorpusFile.Reader passages, List<String> ids) {
    List<Passage> found = new ArrayList<>();
    try {
      for (String id : ids) {
        found.add(passages.find(qrels, "corpus-id", id));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  @Override
  public String fingerprint() throws IOException {
    return Hashes.sha256(corpus.sha256(), queries.fingerprint());
  }

  @Override
  public long size() throws IOException {
    return queries.size();
  }
}
