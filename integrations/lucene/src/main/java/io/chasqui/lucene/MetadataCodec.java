package io.chasqui.lucene;

import io.chasqui.Metadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.store.ByteArrayDataInput;
import org.apache.lucene.store.ByteBuffersDataOutput;
import org.apache.lucene.util.BytesRef;

/**
 * Metadata as bytes that a filter can read quickly: the number of values, then for each its name,
 * one byte for its type and the value (vint, vlong and string as Lucene writes them).
 */
final class MetadataCodec {
  private static final byte STRING = 's';
  private static final byte LONG = 'l';
  private static final byte DOUBLE = 'd';
  private static final byte TRUE = 't';
  private static final byte FALSE = 'f';
  private static final byte STRINGS = 'S';

  private MetadataCodec() {}

  static BytesRef encode(Metadata metadata) {
    ByteBuffersDataOutput out = new ByteBuffersDataOutput();
    try {
      out.writeVInt(metadata.names().size());
      for (Map.Entry<String, Object> value : metadata.asMap().entrySet()) {
        out.writeString(value.getKey());
        write(out, value.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("memory can't fail", e);
    }
    return new BytesRef(out.toArrayCopy());
  }

  private static void write(ByteBuffersDataOutput out, Object value) throws IOException {
    if (value instanceof String text) {
      out.writeByte(STRING);
      out.writeString(text);
    } else if (value instanceof Long number) {
      out.writeByte(LONG);
      out.writeZLong(number);
    } else if (value instanceof Double number) {
      out.writeByte(DOUBLE);
      out.writeLong(Double.doubleToRawLongBits(number));
    } else if (value instanceof Boolean flag) {
      out.writeByte(flag ? TRUE : FALSE);
    } else if (value instanceof List<?> list) {
      out.writeByte(STRINGS);
      out.writeVInt(list.size());
      for (Object element : list) {
        out.writeString((String) element);
      }
    } else {
      throw new IllegalArgumentException("unknown metadata type: " + value.getClass().getName());
    }
  }

  static Metadata decode(BytesRef bytes) throws IOException {
    ByteArrayDataInput in = new ByteArrayDataInput(bytes.bytes, bytes.offset, bytes.length);
    int size = in.readVInt();
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      values.put(in.readString(), read(in));
    }
    return Metadata.of(values);
  }

  private static Object read(ByteArrayDataInput in) throws IOException {
    byte type = in.readByte();
    return switch (type) {
      case STRING -> in.readString();
      case LONG -> in.readZLong();
      case DOUBLE -> Double.longBitsToDouble(in.readLong());
      case TRUE -> true;
      case FALSE -> false;
      case STRINGS -> {
        List<String> list = new ArrayList<>();
        for (int n = in.readVInt(); n > 0; n--) {
          list.add(in.readString());
        }
        yield list;
      }
      default -> throw new IOException("unknown metadata type " + type);
    };
  }
}
