package io.chasqui.index;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * The passage ids of a segment, ascending, and the documents that the passages were cut from. The
 * ordinal of a passage is the place of its id. Immutable.
 */
final class IdTable {
  private final StringTable passages;
  private final StringTable documents;
  private final int[] documentOf; // by ordinal
  private final int[] starts; // by document, into ordinals
  private final int[] ordinals; // grouped by document

  private IdTable(StringTable passages, StringTable documents, int[] documentOf) {
    this.passages = passages;
    this.documents = documents;
    this.documentOf = documentOf;
    this.starts = new int[documents.size() + 1];
    for (int document : documentOf) {
      starts[document + 1]++;
    }
    for (int d = 0; d < documents.size(); d++) {
      starts[d + 1] += starts[d];
    }
    int[] next = starts.clone();
    this.ordinals = new int[documentOf.length];
    for (int ordinal = 0; ordinal < documentOf.length; ordinal++) {
      ordinals[next[documentOf[ordinal]]++] = ordinal;
    }
  }

  static void write(FramedWriter out, Rows rows) throws IOException {
    List<String> ids = new ArrayList<>(rows.size());
    String[] documentIds = new String[rows.size()];
    for (int i = 0; i < rows.size(); i++) {
      ids.add(rows.id(i));
      documentIds[i] = rows.documentId(i);
    }
    String[] distinct = new TreeSet<>(List.of(documentIds)).toArray(new String[0]);
    StringTable.write(out, ids);
    StringTable.write(out, List.of(distinct));
    ByteWriter numbers = new ByteWriter();
    for (String documentId : documentIds) {
      numbers.putInt(Arrays.binarySearch(distinct, documentId));
    }
    numbers.drainTo(out);
  }

  /** Reads and verifies the whole file. */
  static IdTable read(FramedFile file, int rows) throws IOException {
    ByteReader in = file.reader();
    StringTable passages = StringTable.read(in);
    if (passages.size() != rows) {
      throw in.corrupt(passages.size() + " ids; the manifest says " + rows);
    }
    StringTable documents = StringTable.read(in);
    int[] documentOf = new int[rows];
    for (int i = 0; i < rows; i++) {
      documentOf[i] = in.getInt();
      if (documentOf[i] < 0 || documentOf[i] >= documents.size()) {
        throw in.corrupt("document " + documentOf[i] + " of " + documents.size());
      }
    }
    in.end();
    return new IdTable(passages, documents, documentOf);
  }

  int size() {
    return documentOf.length;
  }

  String id(int ordinal) {
    return passages.get(ordinal);
  }

  String documentId(int ordinal) {
    return documents.get(documentOf[ordinal]);
  }

  /** The ordinal of a passage, negative if it is not here. */
  int ordinal(String id) {
    return passages.find(id);
  }

  /** The ordinals of a document's passages; none if it is not here. */
  int[] ordinalsOfDocument(String documentId) {
    int document = documents.find(documentId);
    return document < 0
        ? new int[0]
        : Arrays.copyOfRange(ordinals, starts[document], starts[document + 1]);
  }
}
