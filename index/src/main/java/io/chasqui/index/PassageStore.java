package io.chasqui.index;

import io.chasqui.IndexCorruptException;
import io.chasqui.Metadata;
import io.chasqui.Passage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Titles, texts and metadata of a segment's passages, read from the mapped file when asked for. */
final class PassageStore {
  private static final int STRING = 1;
  private static final int LONG = 2;
  private static final int DOUBLE = 3;
  private static final int BOOLEAN = 4;
  private static final int STRINGS = 5;

  private final MappedFile file;
  private final IdTable ids;

  private PassageStore(MappedFile file, IdTable ids) {
    this.file = file;
    this.ids = ids;
  }

  /** Records in order, then where each ends (relative to the first), eight bytes each. */
  static void write(FramedWriter out, Rows rows) throws IOException {
    ByteWriter ends = new ByteWriter();
    long end = 0;
    for (int i = 0; i < rows.size(); i++) {
      Passage passage = rows.passage(i);
      ByteWriter record = new ByteWriter();
      putMetadata(record, passage.metadata());
      record.putString(passage.title()).putString(passage.text());
      end += record.length();
      ends.putLong(end);
      record.drainTo(out);
    }
    ends.drainTo(out);
  }

  private static void putMetadata(ByteWriter record, Metadata metadata) {
    record.putInt(metadata.asMap().size());
    metadata
        .asMap()
        .forEach(
            (name, value) -> {
              record.putString(name);
              if (value instanceof String text) {
                record.putByte(STRING).putString(text);
              } else if (value instanceof Long number) {
                record.putByte(LONG).putLong(number);
              } else if (value instanceof Double number) {
                record.putByte(DOUBLE).putDouble(number);
              } else if (value instanceof Boolean bool) {
                record.putByte(BOOLEAN).putByte(bool ? 1 : 0);
              } else if (value instanceof List<?> list) {
                record.putByte(STRINGS).putInt(list.size());
                list.forEach(element -> record.putString((String) element));
              } else {
                throw new IllegalStateException("metadata \"" + name + "\": " + value.getClass());
              }
            });
  }

  /** Verifies the whole file. */
  static PassageStore open(FramedFile file, IdTable ids) throws IOException {
    file.verifyAll();
    if (file.dataLength() < (long) ids.size() * Long.BYTES) {
      throw new IndexCorruptException(
          file.path(), -1, file.dataLength() + " bytes for " + ids.size() + " passages");
    }
    return new PassageStore(new MappedFile(file, 1), ids);
  }

  Passage passage(int ordinal) {
    ByteReader record = record(ordinal);
    Metadata metadata = metadata(record);
    String title = record.getString();
    String text = record.getString();
    record.end();
    return new Passage(ids.id(ordinal), ids.documentId(ordinal), title, text, metadata);
  }

  Metadata metadata(int ordinal) {
    return metadata(record(ordinal));
  }

  private ByteReader record(int ordinal) {
    long tableAt = file.dataLength() - (long) ids.size() * Long.BYTES;
    long start = ordinal == 0 ? 0 : file.getLong(tableAt + (ordinal - 1L) * Long.BYTES);
    long end = file.getLong(tableAt + (long) ordinal * Long.BYTES);
    if (start < 0 || end < start || end > tableAt || end - start > Integer.MAX_VALUE - 64) {
      throw new IndexCorruptException(
          file.path(), -1, "passage " + ordinal + " lies from " + start + " to " + end);
    }
    return file.reader(start, (int) (end - start));
  }

  private static Metadata metadata(ByteReader record) {
    int count = record.getCount(Integer.BYTES);
    if (count == 0) {
      return Metadata.empty();
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String name = record.getString();
      int type = record.getByte();
      values.put(
          name,
          switch (type) {
            case STRING -> record.getString();
            case LONG -> record.getLong();
            case DOUBLE -> record.getDouble();
            case BOOLEAN -> record.getByte() != 0;
            case STRINGS -> strings(record);
            default -> throw record.corrupt("metadata of unknown type " + type);
          });
    }
    return Metadata.of(values);
  }

  private static List<String> strings(ByteReader record) {
    int count = record.getCount(Integer.BYTES);
    List<String> strings = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      strings.add(record.getString());
    }
    return strings;
  }
}
