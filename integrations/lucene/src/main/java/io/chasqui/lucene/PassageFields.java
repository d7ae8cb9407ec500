package io.chasqui.lucene;

import io.chasqui.Passage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.lucene.document.BinaryDocValuesField;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.util.BytesRef;

/** A passage as a Lucene document and back. */
final class PassageFields {
  /** What is searched: title, a blank, text. */
  static final String CONTENTS = "contents";

  static final String METADATA = "metadata";

  /** Best score first, equal scores by ascending id in the order of {@link String#compareTo}. */
  static final Sort BEST_FIRST =
      new Sort(SortField.FIELD_SCORE, new SortField("order", SortField.Type.STRING));

  private static final String ID = "id";
  private static final String DOCUMENT_ID = "document";
  private static final String TITLE = "title";
  private static final String TEXT = "text";
  private static final String ORDER = "order";

  private PassageFields() {}

  static Term id(String id) {
    return new Term(ID, id);
  }

  static Term documentId(String id) {
    return new Term(DOCUMENT_ID, id);
  }

  static Document write(Passage passage) {
    Document document = new Document();
    document.add(new StringField(ID, wellFormed(passage.id()), Field.Store.YES));
    document.add(new StringField(DOCUMENT_ID, wellFormed(passage.documentId()), Field.Store.YES));
    document.add(new StoredField(TITLE, passage.title()));
    document.add(new StoredField(TEXT, passage.text()));
    String contents =
        passage.title().isEmpty() ? passage.text() : passage.title() + " " + passage.text();
    document.add(new TextField(CONTENTS, contents, Field.Store.NO));
    document.add(new BinaryDocValuesField(METADATA, MetadataCodec.encode(passage.metadata())));
    // Bytes that sort as Java's chars do; Lucene's own UTF-8 sorts as code points do.
    byte[] order = passage.id().getBytes(StandardCharsets.UTF_16BE);
    document.add(new SortedDocValuesField(ORDER, new BytesRef(order)));
    return document;
  }

  private static String wellFormed(String id) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(id)) {
      throw new IllegalArgumentException("an id must not hold half of a surrogate pair: " + id);
    }
    return id;
  }

  /**
   * Reads a passage back.
   *
   * @param document number in its leaf
   */
  static Passage read(LeafReaderContext leaf, int document) throws IOException {
    Document stored = leaf.reader().storedFields().document(document);
    var metadata = leaf.reader().getBinaryDocValues(METADATA);
    if (metadata == null || !metadata.advanceExact(document)) {
      throw new IOException("passage " + stored.get(ID) + " has no metadata field");
    }
    return new Passage(
        stored.get(ID),
        stored.get(DOCUMENT_ID),
        stored.get(TITLE),
        stored.get(TEXT),
        MetadataCodec.decode(metadata.binaryValue()));
  }
}
