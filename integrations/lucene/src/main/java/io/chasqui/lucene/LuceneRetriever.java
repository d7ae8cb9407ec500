package io.chasqui.lucene;

import io.chasqui.Deadline;
import io.chasqui.DeadlineExceededException;
import io.chasqui.IndexCorruptException;
import io.chasqui.Passage;
import io.chasqui.Retriever;
import io.chasqui.ScoredPassage;
import io.chasqui.SearchRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.QueryTimeout;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.FieldDoc;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.search.TopFieldDocs;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.IOUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * BM25 over the words of title and text, in a durable Lucene index folder.
 *
 * <p>Searches and {@link #size} see what was last committed. What is added, upserted or removed
 * becomes visible and durable, all of it or nothing, when {@link #commit} returns; {@link #close}
 * forgets what is pending. The first change takes the folder's write lock, which is held until
 * {@code close}: one writer, many readers, in any number of processes.
 *
 * <p>A query is a bag of words without syntax. Equal scores are ordered by ascending passage id.
 * Metadata filters are applied while searching, so that {@code k} hits come back if there are as
 * many. Thread-safe until closed.
 *
 * <p>Half of a surrogate pair in a title or text is stored as a replacement character; in an id it
 * is an error.
 *
 * @see <a href="https://doi.org/10.1561/1500000019">Robertson, Zaragoza 2009 (BM25)</a>
 */
public final class LuceneRetriever implements Retriever, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LuceneRetriever.class);
  private static final String FORMAT_KEY = "chasqui.format";
  private static final String FORMAT = "1";
  private static final String ANALYSIS_KEY = "chasqui.analysis";
  private static final double BUFFER_MIB = 64;

  private final Path folder;
  private final LuceneOptions options;
  private final BM25Similarity similarity;
  private final Directory directory;
  private final SearcherManager searchers;
  private final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();
  private final Object writing = new Object();
  private @Nullable IndexWriter writer;
  private boolean closed;

  private LuceneRetriever(
      Path folder, LuceneOptions options, Directory directory, SearcherManager searchers) {
    this.folder = folder;
    this.options = options;
    this.similarity = new BM25Similarity(options.k1(), options.b());
    this.directory = directory;
    this.searchers = searchers;
  }

  /**
   * Creates an empty index.
   *
   * @param folder is made if it is missing
   * @throws FileAlreadyExistsException if there is a Lucene index already
   */
  public static LuceneRetriever create(Path folder, LuceneOptions options) throws IOException {
    Files.createDirectories(folder);
    try (Directory directory = FSDirectory.open(folder)) {
      if (DirectoryReader.indexExists(directory)) {
        throw new FileAlreadyExistsException(folder.toString(), null, "there is an index already");
      }
      IndexWriterConfig config =
          new IndexWriterConfig().setOpenMode(IndexWriterConfig.OpenMode.CREATE);
      try (IndexWriter writer = new IndexWriter(directory, config)) {
        writer.setLiveCommitData(commitData(options).entrySet());
        writer.commit();
      }
    }
    return open(folder, options);
  }

  /**
   * Opens an index; takes no lock before the first change.
   *
   * @throws NoSuchFileException if there is none
   * @throws IllegalArgumentException if it was made with another analysis
   * @throws IndexCorruptException if a file is damaged, or of another writer than this class
   */
  public static LuceneRetriever open(Path folder, LuceneOptions options) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new NoSuchFileException(folder.toString(), null, "there is no index");
    }
    Directory directory = FSDirectory.open(folder);
    SearcherManager searchers = null;
    boolean opened = false;
    try {
      if (!DirectoryReader.indexExists(directory)) {
        throw new NoSuchFileException(folder.toString(), null, "there is no index");
      }
      requireSame(folder, options, SegmentInfos.readLatestCommit(directory).getUserData());
      searchers = new SearcherManager(directory, null);
      LuceneRetriever retriever = new LuceneRetriever(folder, options, directory, searchers);
      LOG.info("opened {} with {} passages", folder, retriever.size());
      opened = true;
      return retriever;
    } catch (CorruptIndexException e) {
      throw new IndexCorruptException(folder, -1, String.valueOf(e.getMessage()), e);
    } finally {
      if (!opened) {
        IOUtils.close(searchers, directory);
      }
    }
  }

  /** Opens the index, or creates it if there is none. */
  public static LuceneRetriever openOrCreate(Path folder, LuceneOptions options)
      throws IOException {
    boolean exists = false;
    if (Files.isDirectory(folder)) {
      try (Directory directory = FSDirectory.open(folder)) {
        exists = DirectoryReader.indexExists(directory);
      }
    }
    return exists ? open(folder, options) : create(folder, options);
  }

  private static void requireSame(Path folder, LuceneOptions options, Map<String, String> found) {
    String format = found.getOrDefault(FORMAT_KEY, "none");
    if (!format.equals(FORMAT)) {
      throw new IndexCorruptException(
          folder, -1, "a Lucene index of format " + format + ", not Chasqui's " + FORMAT);
    }
    String analysis = found.getOrDefault(ANALYSIS_KEY, "");
    if (!analysis.equals(options.analysis().name())) {
      throw new IllegalArgumentException(
          "index "
              + folder
              + " was made with analysis \""
              + analysis
              + "\", not \""
              + options.analysis().name()
              + "\"");
    }
  }

  /** Where the index lies. */
  public Path folder() {
    return folder;
  }

  /** Number of passages that a search can return. */
  public int size() {
    return reading(IndexReader::numDocs);
  }

  @Override
  public List<ScoredPassage> retrieve(SearchRequest request) {
    Deadline deadline = request.deadline();
    deadline.check("searching " + folder);
    return retrieve(request, () -> deadline.hasPassed() || Thread.currentThread().isInterrupted());
  }

  List<ScoredPassage> retrieve(SearchRequest request, QueryTimeout timeout) {
    return reading(
        reader -> {
          IndexSearcher searcher = new IndexSearcher(reader);
          searcher.setSimilarity(similarity);
          searcher.setTimeout(timeout);
          int k = Math.min(request.k(), Math.max(1, reader.numDocs()));
          var query =
              WordsQuery.of(
                  request.text(), request.filter(), options.analysis().analyzer(), reader);
          TopFieldDocs top = searcher.search(query, k, PassageFields.BEST_FIRST);
          if (searcher.timedOut()) {
            throw new DeadlineExceededException(
                "deadline passed or thread interrupted while searching " + folder);
          }
          List<ScoredPassage> hits = new ArrayList<>(top.scoreDocs.length);
          for (ScoreDoc hit : top.scoreDocs) {
            LeafReaderContext leaf =
                reader.leaves().get(ReaderUtil.subIndex(hit.doc, reader.leaves()));
            Passage passage = PassageFields.read(leaf, hit.doc - leaf.docBase);
            hits.add(ScoredPassage.of(passage, (Float) ((FieldDoc) hit).fields[0]));
          }
          return hits;
        });
  }

  /**
   * Adds passages, to be committed; one whose id is there already takes its place.
   *
   * @throws IllegalArgumentException and adds nothing, if an id stands twice in the list or is not
   *     well-formed Unicode
   * @throws org.apache.lucene.store.LockObtainFailedException if another handle is writing
   */
  public void add(List<Passage> passages) throws IOException {
    Set<String> ids = new HashSet<>();
    for (Passage passage : passages) {
      if (!ids.add(passage.id())) {
        throw new IllegalArgumentException("passage " + passage.id() + " stands twice in the list");
      }
    }
    List<Document> documents = passages.stream().map(PassageFields::write).toList();
    synchronized (writing) {
      IndexWriter open = writer();
      for (int i = 0; i < documents.size(); i++) {
        open.updateDocument(PassageFields.id(passages.get(i).id()), documents.get(i));
      }
    }
  }

  /** Removes passages by id, to be committed; ids that are not there are ignored. */
  public void remove(Collection<String> passageIds) throws IOException {
    delete(passageIds.stream().map(PassageFields::id).toArray(Term[]::new));
  }

  /** Removes all passages of documents, to be committed. */
  public void removeDocuments(Collection<String> documentIds) throws IOException {
    delete(documentIds.stream().map(PassageFields::documentId).toArray(Term[]::new));
  }

  private void delete(Term[] terms) throws IOException {
    synchronized (writing) {
      writer().deleteDocuments(terms);
    }
  }

  /**
   * Makes what is pending durable and visible. When this returns, it survives the death of process
   * and machine.
   *
   * @throws IOException if it could not be written; what was committed before is as it was
   */
  public void commit() throws IOException {
    synchronized (writing) {
      requireOpen();
      if (writer != null) {
        writer.setLiveCommitData(commitData(options).entrySet());
        writer.commit();
        searchers.maybeRefreshBlocking();
      }
    }
  }

  private static Map<String, String> commitData(LuceneOptions options) {
    return Map.of(FORMAT_KEY, FORMAT, ANALYSIS_KEY, options.analysis().name());
  }

  /** Sees what another handle or process has committed meanwhile. */
  public void refresh() throws IOException {
    synchronized (writing) {
      requireOpen();
      searchers.maybeRefreshBlocking();
    }
  }

  private IndexWriter writer() throws IOException {
    requireOpen();
    if (writer == null) {
      IndexWriterConfig config =
          new IndexWriterConfig(options.analysis().analyzer())
              .setOpenMode(IndexWriterConfig.OpenMode.APPEND)
              .setSimilarity(similarity)
              .setRAMBufferSizeMB(BUFFER_MIB)
              .setCommitOnClose(false);
      writer = new IndexWriter(directory, config);
    }
    return writer;
  }

  private interface Read<T> {
    T from(IndexReader reader) throws IOException;
  }

  private <T> T reading(Read<T> read) {
    inUse.readLock().lock();
    try {
      requireOpen();
      IndexSearcher current = searchers.acquire();
      try {
        return read.from(current.getIndexReader());
      } finally {
        searchers.release(current);
      }
    } catch (CorruptIndexException e) {
      throw new IndexCorruptException(folder, -1, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException("can't read index " + folder, e);
    } finally {
      inUse.readLock().unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("index " + folder + " is closed");
    }
  }

  /** Waits for searches and commits in flight, then lets go; what is pending is forgotten. */
  @Override
  public void close() throws IOException {
    synchronized (writing) {
      inUse.writeLock().lock();
      try {
        if (closed) {
          return;
        }
        closed = true;
        if (writer != null && writer.hasUncommittedChanges()) {
          LOG.warn("index {} closed with uncommitted changes: they are lost", folder);
        }
        IOUtils.close(searchers, writer == null ? null : writer::rollback, directory);
      } finally {
        inUse.writeLock().unlock();
      }
    }
  }
}
