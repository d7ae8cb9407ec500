package io.chasqui.index;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The kinds of files of an index, each with the four bytes that its header carries. */
enum FileType {
  MANIFEST("MANI", ""),
  VECTORS("VEC ", ".vec"),
  CODES("CODE", ".codes"),
  IDS("IDS ", ".ids"),
  PASSAGES("META", ".meta"),
  TOMBSTONES("DEL ", ".del"),
  GRAPH("HNSW", ".hnsw");

  private final int tag;
  private final String suffix;

  FileType(String tag, String suffix) {
    this.tag =
        ByteBuffer.wrap(tag.getBytes(StandardCharsets.US_ASCII))
            .order(ByteOrder.LITTLE_ENDIAN)
            .getInt();
    this.suffix = suffix;
  }

  int tag() {
    return tag;
  }

  String suffix() {
    return suffix;
  }
}
