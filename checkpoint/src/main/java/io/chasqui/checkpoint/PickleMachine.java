package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The part of the pickle machine that a state dict needs, over values that do nothing: containers,
 * numbers, strings, and tensors described by {@link TorchGlobals}. Work and memory are bounded by
 * the number of instructions.
 *
 * @see <a href="https://docs.python.org/3/library/pickletools.html">pickletools</a>
 */
final class PickleMachine {
  /** A state dict of a thousand tensors runs about 40,000. */
  private static final int MAX_INSTRUCTIONS = 1_000_000;

  private static final int MAX_PROTOCOL = 5;
  private static final int MAX_TEXT = 65_536;

  /** Values that are not numbers, strings or booleans. */
  sealed interface Value {}

  /** Python's None. */
  record None() implements Value {}

  private record Mark() implements Value {}

  record Tuple(List<Object> items) implements Value {}

  record Sequence(List<Object> items) implements Value {}

  record Dictionary(Map<Object, Object> items) implements Value {}

  /** A name that the pickle asks to import. */
  record Global(String module, String name) implements Value {}

  /** A storage in a zip entry of its own. */
  record Storage(DType dtype, String key, long elements) implements Value {}

  /** A view of a storage; offsets and strides in elements, checked to lie inside. */
  record PickledTensor(
      DType dtype,
      List<Long> shape,
      List<Long> strides,
      long offset,
      String storageKey,
      long storageElements,
      long elements,
      long span)
      implements Value {
    boolean isContiguous() {
      long expected = 1;
      for (int d = shape.size() - 1; d >= 0; d--) {
        if (shape.get(d) != 1 && strides.get(d) != expected) {
          return false;
        }
        expected *= shape.get(d);
      }
      return true;
    }
  }

  private static final None NONE = new None();
  private static final Mark MARK = new Mark();

  private final Path file;
  private final ByteBuffer code;
  private final List<Object> stack = new ArrayList<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  PickleMachine(Path file, byte[] pickle) {
    this.file = file;
    this.code = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Runs to the end and returns the state dict. */
  Map<String, PickledTensor> run() {
    int instructions = 0;
    int opcode = next();
    while (opcode != '.') {
      if (++instructions > MAX_INSTRUCTIONS) {
        throw bad("more than " + MAX_INSTRUCTIONS + " instructions");
      }
      execute(opcode);
      opcode = next();
    }
    if (code.hasRemaining()) {
      throw bad("bytes after its end");
    }
    Object result = pop();
    if (!stack.isEmpty() || !(result instanceof Dictionary dictionary)) {
      throw bad("expected one dictionary of tensors, found " + TorchGlobals.describe(result));
    }
    Map<String, PickledTensor> tensors = new LinkedHashMap<>();
    dictionary.items.forEach(
        (key, value) -> {
          if (!(key instanceof String name) || !(value instanceof PickledTensor tensor)) {
            throw bad(
                "expected tensors by name, found %s under %s"
                    .formatted(
                        TorchGlobals.describe(value),
                        key instanceof String name
                            ? "\"" + JsonFields.cut(name) + "\""
                            : TorchGlobals.describe(key)));
          }
          tensors.put(name, tensor);
        });
    return tensors;
  }

  private void execute(int opcode) {
    switch (opcode) {
      case 0x80 -> {
        int protocol = next();
        if (protocol > MAX_PROTOCOL) {
          throw bad("protocol " + protocol + " is unknown");
        }
      }
      case 0x95 -> bytes(8); // FRAME
      case '(' -> push(MARK);
      case '}' -> push(new Dictionary(new LinkedHashMap<>()));
      case ']' -> push(new Sequence(new ArrayList<>()));
      case ')' -> push(new Tuple(List.of()));
      case 't' -> push(new Tuple(popToMark()));
      case 0x85 -> push(new Tuple(popLast(1)));
      case 0x86 -> push(new Tuple(popLast(2)));
      case 0x87 -> push(new Tuple(popLast(3)));
      case 'N' -> push(NONE);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'K' -> push((long) next());
      case 'M' -> push((long) (bytes(2).getShort() & 0xffff));
      case 'J' -> push((long) bytes(4).getInt());
      case 0x8a -> push(longOf(next()));
      case 'G' -> push(bytes(8).order(ByteOrder.BIG_ENDIAN).getDouble());
      case 'X' -> push(text(bytes(4).getInt()));
      case 0x8c -> push(text(next()));
      case 'c' -> push(TorchGlobals.require(file, new Global(line(), line())));
      case 0x93 -> {
        List<Object> names = popLast(2);
        push(TorchGlobals.require(file, new Global(string(names.get(0)), string(names.get(1)))));
      }
      case 'Q' -> push(TorchGlobals.storage(file, pop()));
      case 'R' -> {
        List<Object> call = popLast(2);
        push(TorchGlobals.call(file, call.get(0), call.get(1)));
      }
      case 'b' -> build();
      case 'q' -> memo.put(next(), top());
      case 'r' -> memo.put(bytes(4).getInt(), top());
      case 0x94 -> memo.put(memo.size(), top());
      case 'h' -> push(remembered(next()));
      case 'j' -> push(remembered(bytes(4).getInt()));
      case 's' -> setItems(popLast(2));
      case 'u' -> setItems(popToMark());
      case 'a' -> append(popLast(1));
      case 'e' -> append(popToMark());
      case '0' -> pop();
      case '1' -> popToMark();
      default ->
          throw bad(
              "instruction 0x%02x is not one that a state dict needs".formatted(opcode)
                  + TorchPickle.ADVICE);
    }
  }

  /** A module's state dict carries its versions as an attribute: dropped. */
  private void build() {
    pop();
    if (!(top() instanceof Dictionary)) {
      throw bad("expected a dictionary, found " + TorchGlobals.describe(top()));
    }
  }

  private void setItems(List<Object> items) {
    if (!(top() instanceof Dictionary dictionary) || items.size() % 2 != 0) {
      throw bad("expected a dictionary and pairs, found " + TorchGlobals.describe(top()));
    }
    for (int i = 0; i < items.size(); i += 2) {
      Object key = items.get(i);
      if (!(key instanceof String) && !(key instanceof Long)) {
        throw bad("expected a name, found " + TorchGlobals.describe(key));
      }
      dictionary.items.put(key, items.get(i + 1));
    }
  }

  private void append(List<Object> items) {
    if (!(top() instanceof Sequence sequence)) {
      throw bad("expected a list, found " + TorchGlobals.describe(top()));
    }
    sequence.items.addAll(items);
  }

  private void push(Object value) {
    stack.add(value);
  }

  private Object top() {
    if (stack.isEmpty() || stack.get(stack.size() - 1) instanceof Mark) {
      throw bad("takes from an empty stack");
    }
    return stack.get(stack.size() - 1);
  }

  private Object pop() {
    Object value = top();
    stack.remove(stack.size() - 1);
    return value;
  }

  private List<Object> popLast(int count) {
    Object[] items = new Object[count];
    for (int i = count - 1; i >= 0; i--) {
      items[i] = pop();
    }
    return List.of(items);
  }

  private List<Object> popToMark() {
    int mark = stack.size() - 1;
    while (mark >= 0 && !(stack.get(mark) instanceof Mark)) {
      mark--;
    }
    if (mark < 0) {
      throw bad("takes from an empty stack");
    }
    List<Object> tail = stack.subList(mark + 1, stack.size());
    List<Object> items = List.copyOf(tail);
    stack.subList(mark, stack.size()).clear();
    return items;
  }

  private Object remembered(int index) {
    return Optional.ofNullable(memo.get(index))
        .orElseThrow(() -> bad("remembers nothing under " + index));
  }

  private int next() {
    if (!code.hasRemaining()) {
      throw bad("cut short");
    }
    return code.get() & 0xff;
  }

  private ByteBuffer bytes(int count) {
    if (count < 0 || count > code.remaining()) {
      throw bad("cut short");
    }
    ByteBuffer bytes = code.slice(code.position(), count).order(ByteOrder.LITTLE_ENDIAN);
    code.position(code.position() + count);
    return bytes;
  }

  private long longOf(int length) {
    if (length > Long.BYTES) {
      throw bad("an integer of " + length + " bytes");
    }
    ByteBuffer bytes = bytes(length);
    long value = 0;
    for (int i = 0; i < length; i++) {
      long octet = i == length - 1 ? bytes.get(i) : bytes.get(i) & 0xff;
      value |= octet << (8 * i);
    }
    return value;
  }

  private String text(int length) {
    if (length < 0 || length > MAX_TEXT) {
      throw bad("a string of " + Integer.toUnsignedString(length) + " bytes");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes(length)).toString();
    } catch (CharacterCodingException e) {
      throw new ModelFormatException(file, "data.pkl", "a string is not UTF-8", e);
    }
  }

  private String line() {
    int end = code.position();
    while (end < code.limit() && code.get(end) != '\n') {
      end++;
    }
    String line = text(end - code.position());
    next();
    return line;
  }

  private String string(Object value) {
    if (!(value instanceof String text)) {
      throw bad("expected a string, found " + TorchGlobals.describe(value));
    }
    return text;
  }

  private ModelFormatException bad(String problem) {
    return new ModelFormatException(file, "data.pkl", "bad pickle: " + problem);
  }
}
