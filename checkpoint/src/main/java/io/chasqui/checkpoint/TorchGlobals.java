package io.chasqui.checkpoint;

import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.PickleMachine.Dictionary;
import io.chasqui.checkpoint.PickleMachine.Global;
import io.chasqui.checkpoint.PickleMachine.None;
import io.chasqui.checkpoint.PickleMachine.PickledTensor;
import io.chasqui.checkpoint.PickleMachine.Sequence;
import io.chasqui.checkpoint.PickleMachine.Storage;
import io.chasqui.checkpoint.PickleMachine.Tuple;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The globals that a pickled state dict may name, and what they make. Nothing is ever imported. */
final class TorchGlobals {
  private static final Global ORDERED_DICT = new Global("collections", "OrderedDict");
  private static final Global REBUILD_TENSOR = new Global("torch._utils", "_rebuild_tensor_v2");
  private static final Global REBUILD_PARAMETER = new Global("torch._utils", "_rebuild_parameter");

  private static final Map<Global, DType> STORAGES =
      Map.of(
          torch("DoubleStorage"), DType.F64,
          torch("FloatStorage"), DType.F32,
          torch("HalfStorage"), DType.F16,
          torch("BFloat16Storage"), DType.BF16,
          torch("LongStorage"), DType.I64,
          torch("IntStorage"), DType.I32,
          torch("ShortStorage"), DType.I16,
          torch("CharStorage"), DType.I8,
          torch("ByteStorage"), DType.U8,
          torch("BoolStorage"), DType.BOOL);

  private static final int MAX_DIMENSIONS = 64;

  private TorchGlobals() {}

  private static Global torch(String name) {
    return new Global("torch", name);
  }

  /** The same global, if it is on the list. */
  static Global require(Path file, Global global) {
    if (global.equals(ORDERED_DICT)
        || global.equals(REBUILD_TENSOR)
        || global.equals(REBUILD_PARAMETER)
        || STORAGES.containsKey(global)) {
      return global;
    }
    throw new ModelFormatException(
        file,
        "data.pkl",
        "the pickle asks for %s.%s, which is not among the few globals that plain tensors need"
                .formatted(JsonFields.cut(global.module()), JsonFields.cut(global.name()))
            + "; nothing was run"
            + TorchPickle.ADVICE);
  }

  /** A persistent id: ("storage", type, key, location, elements). */
  static Storage storage(Path file, Object id) {
    if (!(id instanceof Tuple tuple)
        || tuple.items().size() != 5
        || !tuple.items().get(0).equals("storage")
        || !(tuple.items().get(1) instanceof Global type)
        || !(tuple.items().get(2) instanceof String key)
        || !(tuple.items().get(4) instanceof Long elements)) {
      throw bad(file, "expected a storage's id, found " + describe(id));
    }
    DType dtype =
        Optional.ofNullable(STORAGES.get(type))
            .orElseThrow(() -> bad(file, type.name() + " is not a storage"));
    if (elements < 0 || elements > Long.MAX_VALUE / Long.BYTES) {
      throw bad(file, "a storage of " + elements + " elements");
    }
    return new Storage(dtype, key, elements);
  }

  /** What a call of a listed global gives. */
  static Object call(Path file, Object function, Object arguments) {
    if (arguments instanceof Tuple tuple) {
      List<Object> items = tuple.items();
      if (function.equals(ORDERED_DICT) && items.isEmpty()) {
        return new Dictionary(new LinkedHashMap<>());
      }
      if (function.equals(REBUILD_PARAMETER)
          && items.size() >= 1
          && items.get(0) instanceof PickledTensor tensor) {
        return tensor;
      }
      if (function.equals(REBUILD_TENSOR)
          && items.size() >= 4
          && items.get(0) instanceof Storage storage
          && items.get(1) instanceof Long offset) {
        return tensor(
            file, storage, offset, naturals(file, items.get(2)), naturals(file, items.get(3)));
      }
    }
    throw bad(file, "a call of " + describe(function) + " with arguments that it does not take");
  }

  private static PickledTensor tensor(
      Path file, Storage storage, long offset, List<Long> shape, List<Long> strides) {
    if (shape.size() != strides.size() || offset < 0) {
      throw bad(
          file, "tensor with shape %s, strides %s, offset %d".formatted(shape, strides, offset));
    }
    try {
      long elements = 1;
      long last = offset;
      for (int d = 0; d < shape.size(); d++) {
        elements = Math.multiplyExact(elements, shape.get(d));
        last =
            Math.addExact(last, Math.multiplyExact(Math.max(0, shape.get(d) - 1), strides.get(d)));
      }
      long span = elements == 0 ? 0 : last - offset + 1;
      if (elements > 0 && last >= storage.elements()) {
        throw bad(
            file,
            "tensor with shape %s, strides %s, offset %d leaves its storage of %d elements"
                .formatted(shape, strides, offset, storage.elements()));
      }
      if (elements > storage.elements()) {
        throw bad(file, "tensor expanded beyond its storage: shape %s".formatted(shape));
      }
      return new PickledTensor(
          storage.dtype(),
          shape,
          strides,
          offset,
          storage.key(),
          storage.elements(),
          elements,
          span);
    } catch (ArithmeticException e) {
      throw new ModelFormatException(
          file, "data.pkl", "bad pickle: tensor with shape %s".formatted(shape), e);
    }
  }

  private static List<Long> naturals(Path file, Object value) {
    if (!(value instanceof Tuple tuple) || tuple.items().size() > MAX_DIMENSIONS) {
      throw bad(file, "expected a shape, found " + describe(value));
    }
    List<Long> numbers = new ArrayList<>();
    for (Object item : tuple.items()) {
      if (!(item instanceof Long number) || number < 0) {
        throw bad(file, "expected a dimension, found " + describe(item));
      }
      numbers.add(number);
    }
    return List.copyOf(numbers);
  }

  /** In words, without looking into containers: they may contain themselves. */
  static String describe(Object value) {
    if (value instanceof Global global) {
      return JsonFields.cut(global.module() + "." + global.name());
    }
    if (value instanceof String text) {
      return "\"" + JsonFields.cut(text) + "\"";
    }
    if (value instanceof Tuple || value instanceof Sequence) {
      return "a list";
    }
    if (value instanceof Dictionary) {
      return "a dictionary";
    }
    if (value instanceof PickledTensor tensor) {
      return "a tensor of shape " + tensor.shape();
    }
    if (value instanceof Storage) {
      return "a storage";
    }
    return value instanceof None ? "None" : value.toString();
  }

  private static ModelFormatException bad(Path file, String problem) {
    return new ModelFormatException(file, "data.pkl", "bad pickle: " + problem);
  }
}
