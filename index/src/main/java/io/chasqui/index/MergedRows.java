package io.chasqui.index;

import io.chasqui.Passage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What is pending, and rows of sealed segments that are written again, in order of id. */
final class MergedRows implements Rows {
  private interface Row {
    String id();

    String documentId();

    Passage passage();

    void copyVector(float[] target);
  }

  private record Added(Pending.Entry entry) implements Row {
    @Override
    public String id() {
      return entry.passage().id();
    }

    @Override
    public String documentId() {
      return entry.passage().documentId();
    }

    @Override
    public Passage passage() {
      return entry.passage();
    }

    @Override
    public void copyVector(float[] target) {
      System.arraycopy(entry.vector(), 0, target, 0, target.length);
    }
  }

  private record Sealed(Segment segment, int ordinal, String id) implements Row {
    @Override
    public String documentId() {
      return segment.ids().documentId(ordinal);
    }

    @Override
    public Passage passage() {
      return segment.passage(ordinal);
    }

    @Override
    public void copyVector(float[] target) {
      segment.vectors().copy(ordinal, target);
    }
  }

  private final List<Row> rows = new ArrayList<>();

  MergedRows(Pending pending, List<Segment> segments) {
    pending.entries().forEach(entry -> rows.add(new Added(entry)));
    for (Segment segment : segments) {
      Bits removed = pending.removedOf(segment);
      for (int ordinal = 0; ordinal < segment.info().rows(); ordinal++) {
        if (!removed.get(ordinal)) {
          rows.add(new Sealed(segment, ordinal, segment.ids().id(ordinal)));
        }
      }
    }
    rows.sort(Comparator.comparing(Row::id));
  }

  @Override
  public int size() {
    return rows.size();
  }

  @Override
  public String id(int row) {
    return rows.get(row).id();
  }

  @Override
  public String documentId(int row) {
    return rows.get(row).documentId();
  }

  @Override
  public Passage passage(int row) {
    return rows.get(row).passage();
  }

  @Override
  public void copyVector(int row, float[] target) {
    rows.get(row).copyVector(target);
  }
}
