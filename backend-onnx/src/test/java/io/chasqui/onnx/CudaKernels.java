package io.chasqui.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The table of operators in decision 130: which types ONNX Runtime's CUDA kernels take. */
final class CudaKernels {
  private static final int ALL = 0;
  private static final Set<OnnxType> ANY =
      EnumSet.of(
          OnnxType.FLOAT,
          OnnxType.FLOAT16,
          OnnxType.BFLOAT16,
          OnnxType.INT32,
          OnnxType.INT64,
          OnnxType.BOOL);

  /** Types by operator and by number of the input, 0 for all. */
  private final Map<String, Map<Integer, Set<OnnxType>>> rows = new LinkedHashMap<>();

  /** Reads the table; the directory of a module is the working directory of its tests. */
  static CudaKernels read() throws IOException {
    CudaKernels kernels = new CudaKernels();
    boolean inside = false;
    for (String line :
        Files.readAllLines(Path.of("..", "docs", "decisions", "130-graphs-for-cuda.md"))) {
      String[] cells = line.split("\\|", -1);
      if (!line.startsWith("|") || cells.length < 5) {
        inside = false;
      } else if (cells[3].contains("types of the CUDA kernel")) {
        inside = true;
      } else if (inside && !cells[1].startsWith("---")) {
        kernels.rows.put(cells[1].strip(), inputs(cells[3].strip()));
      }
    }
    return kernels;
  }

  /** "1, 3-4: float bfloat16; 2: int64". */
  private static Map<Integer, Set<OnnxType>> inputs(String cell) {
    Map<Integer, Set<OnnxType>> inputs = new LinkedHashMap<>();
    for (String group : cell.split(";", -1)) {
      String[] parts = group.split(":", -1);
      Set<OnnxType> types = EnumSet.noneOf(OnnxType.class);
      for (String type : parts[1].strip().split(" ", -1)) {
        if (type.equals("any")) {
          types.addAll(ANY);
        } else {
          types.add(OnnxType.valueOf(type.toUpperCase(Locale.ROOT)));
        }
      }
      for (String range : parts[0].split(",", -1)) {
        String[] ends = range.strip().split("-", -1);
        if (ends[0].equals("all")) {
          inputs.put(ALL, types);
          continue;
        }
        int last = Integer.parseInt(ends[ends.length - 1]);
        for (int number = Integer.parseInt(ends[0]); number <= last; number++) {
          inputs.put(number, types);
        }
      }
    }
    return inputs;
  }

  /** All operators of the table. */
  Set<String> operators() {
    return rows.keySet();
  }

  /**
   * Whether a kernel takes a type.
   *
   * @param input counted from 1
   */
  boolean takes(String operator, int input, OnnxType type) {
    Map<Integer, Set<OnnxType>> inputs = rows.getOrDefault(operator, Map.of());
    Set<OnnxType> types = inputs.getOrDefault(input, inputs.getOrDefault(ALL, Set.of()));
    return types.contains(type);
  }
}
