package io.chasqui.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A protobuf message being read, field by field. Nothing is copied but texts. Confined to one
 * thread.
 *
 * <pre>{@code
 * while (message.next()) {
 *   switch (message.field()) {
 *     case 1 -> name = message.string();
 *     default -> {} // skipped
 *   }
 * }
 * }</pre>
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">Protocol Buffers encoding</a>
 */
final class ProtobufReader {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED32 = 5;
  private static final int LONGEST_VARINT = 10;

  private final ByteBuffer bytes;
  private int field;
  private int wireType;
  private int valueEnd; // of the current field

  /** What is wrong with a message, in bytes that are no protobuf. */
  static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }

  /** Reads from the buffer's position to its limit; does not move them. */
  ProtobufReader(ByteBuffer bytes) {
    this.bytes = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    this.valueEnd = this.bytes.position();
  }

  /**
   * Goes on to the next field.
   *
   * @return false at the end
   * @throws Malformed if what follows is no field
   */
  boolean next() {
    bytes.position(valueEnd);
    if (!bytes.hasRemaining()) {
      return false;
    }
    long tag = varint();
    if (tag < 8 || tag > 0xFFFFFFFFL) {
      throw new Malformed("a field with the tag " + tag);
    }
    field = (int) (tag >>> 3);
    wireType = (int) (tag & 7);
    int start = bytes.position();
    switch (wireType) {
      case VARINT -> {
        varint();
        valueEnd = bytes.position();
      }
      case FIXED64 -> valueEnd = end(start, Long.BYTES);
      case FIXED32 -> valueEnd = end(start, Integer.BYTES);
      case LENGTH_DELIMITED -> {
        long length = varint();
        start = bytes.position();
        valueEnd = end(start, length);
      }
      default -> throw new Malformed("field " + field + " has the wire type " + wireType);
    }
    bytes.position(start);
    return true;
  }

  private int end(int start, long length) {
    if (length < 0 || length > bytes.limit() - start) {
      throw new Malformed(
          "field "
              + field
              + " has "
              + length
              + " bytes, but "
              + (bytes.limit() - start)
              + " follow");
    }
    return start + (int) length;
  }

  private long varint() {
    long value = 0;
    for (int i = 0; i < LONGEST_VARINT; i++) {
      if (!bytes.hasRemaining()) {
        throw new Malformed("cut inside a number");
      }
      byte next = bytes.get();
      value |= (long) (next & 0x7F) << (7 * i);
      if (next >= 0) {
        return value;
      }
    }
    throw new Malformed("a number of more than ten bytes");
  }

  /** The current field's number. */
  int field() {
    return field;
  }

  /** The current field as an integer. */
  long int64() {
    require(VARINT);
    int start = bytes.position();
    long value = varint();
    bytes.position(start);
    return value;
  }

  /** The current field as a text. */
  String string() {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(content()).toString();
    } catch (CharacterCodingException e) {
      throw new Malformed("field " + field + " is not UTF-8");
    }
  }

  /** The current field as a message. */
  ProtobufReader message() {
    return new ProtobufReader(content());
  }

  private ByteBuffer content() {
    require(LENGTH_DELIMITED);
    ByteBuffer content = bytes.duplicate();
    return content.limit(valueEnd);
  }

  private void require(int expected) {
    if (wireType != expected) {
      throw new Malformed(
          "field " + field + " has the wire type " + wireType + ", not " + expected);
    }
  }
}
