package io.chasqui.checkpoint;

import java.util.Collection;
import java.util.stream.Collectors;

/** Lists in error messages, cut where they would drown the message. */
final class MessageLists {
  private static final int SHOWN = 24;

  private MessageLists() {}

  static String of(Collection<String> items) {
    if (items.isEmpty()) {
      return "nothing";
    }
    String shown =
        items.stream().limit(SHOWN).map(JsonFields::cut).collect(Collectors.joining(", "));
    return items.size() > SHOWN ? shown + " and " + (items.size() - SHOWN) + " more" : shown;
  }
}
