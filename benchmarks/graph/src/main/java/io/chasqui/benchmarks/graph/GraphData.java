package io.chasqui.benchmarks.graph;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Made-up vectors in a folder, the same for all peers: {@code base.f32} and {@code queries.f32}
 * (two little-endian int32, rows and columns, then float32) and {@code truth.i32}, the true nearest
 * rows of each query by inner product, best first.
 *
 * <p>Encoders' vectors lie near a surface of few dimensions and in clusters. These do too: 32
 * numbers, drawn around one of a hundred centres, are taken to the full dimension by a fixed random
 * matrix; a little noise is added to each dimension; the result has unit length.
 *
 * @param folder it lies in
 */
public record GraphData(Path folder) {
  /** Neighbours that recall is counted over. */
  public static final int K = 10;

  private static final int INTRINSIC_DIMENSION = 32;
  private static final int CENTRES = 100;

  /** Spread of a cluster, where the spread of the centres is 1. */
  private static final double WITHIN_CLUSTER = 0.7;

  /** Length of the noise, where the vector's is 1. */
  private static final double NOISE = 0.1;

  /** Rows of the vectors that are searched. */
  public float[][] base() throws IOException {
    return read(folder.resolve("base.f32"));
  }

  /** The same rows, read one by one, so that they take no memory. */
  public Rows baseRows() throws IOException {
    return new Rows(folder.resolve("base.f32"));
  }

  /** Rows of a file. Used by one thread. */
  public static final class Rows implements AutoCloseable {
    private final RandomAccessFile file;
    private final byte[] bytes;

    private Rows(Path path) throws IOException {
      this.file = new RandomAccessFile(path.toFile(), "r");
      byte[] shape = new byte[2 * Integer.BYTES];
      file.readFully(shape);
      int columns = ByteBuffer.wrap(shape).order(ByteOrder.LITTLE_ENDIAN).getInt(Integer.BYTES);
      this.bytes = new byte[columns * Float.BYTES];
    }

    /** A row. */
    public float[] row(int row) throws IOException {
      file.seek(2 * Integer.BYTES + (long) row * bytes.length);
      file.readFully(bytes);
      float[] values = new float[bytes.length / Float.BYTES];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
      return values;
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  /** Rows of the queries. */
  public float[][] queries() throws IOException {
    return read(folder.resolve("queries.f32"));
  }

  /** {@link #K} rows for each query, the nearest first. */
  public int[][] truth() throws IOException {
    ByteBuffer bytes = map(folder.resolve("truth.i32"));
    int[][] truth = new int[bytes.getInt()][bytes.getInt()];
    for (int[] row : truth) {
      bytes.asIntBuffer().get(row);
      bytes.position(bytes.position() + row.length * Integer.BYTES);
    }
    return truth;
  }

  private static ByteBuffer map(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      return channel
          .map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
          .order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private static float[][] read(Path file) throws IOException {
    ByteBuffer bytes = map(file);
    float[][] rows = new float[bytes.getInt()][bytes.getInt()];
    for (float[] row : rows) {
      bytes.asFloatBuffer().get(row);
      bytes.position(bytes.position() + row.length * Float.BYTES);
    }
    return rows;
  }

  /**
   * Makes the data, unless they are there.
   *
   * @param folder below which each size has a folder of its own
   */
  public static GraphData make(Path folder, int size, int dimension, int queries)
      throws IOException {
    Path mine = folder.resolve(size + "x" + dimension);
    GraphData data = new GraphData(mine);
    if (Files.exists(mine.resolve("truth.i32"))) {
      return data;
    }
    Files.createDirectories(mine);
    float[][] matrix = gaussians(new Random(1), INTRINSIC_DIMENSION, dimension);
    float[][] centres = gaussians(new Random(2), CENTRES, INTRINSIC_DIMENSION);
    float[][] base = draw(new Random(3), size, matrix, centres);
    float[][] asked = draw(new Random(4), queries, matrix, centres);
    write(mine.resolve("base.f32"), base);
    write(mine.resolve("queries.f32"), asked);
    writeTruth(mine.resolve("truth.i32"), base, asked);
    return data;
  }

  private static float[][] gaussians(Random random, int rows, int columns) {
    float[][] values = new float[rows][columns];
    for (float[] row : values) {
      for (int i = 0; i < columns; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    return values;
  }

  private static float[][] draw(Random random, int size, float[][] matrix, float[][] centres) {
    int dimension = matrix[0].length;
    float[][] rows = new float[size][dimension];
    for (float[] row : rows) {
      float[] centre = centres[random.nextInt(centres.length)];
      for (int z = 0; z < matrix.length; z++) {
        float weight = (float) (centre[z] + WITHIN_CLUSTER * random.nextGaussian());
        for (int i = 0; i < dimension; i++) {
          row[i] += weight * matrix[z][i];
        }
      }
      normalise(row);
      float noise = (float) (NOISE / Math.sqrt(dimension));
      for (int i = 0; i < dimension; i++) {
        row[i] += noise * (float) random.nextGaussian();
      }
      normalise(row);
    }
    return rows;
  }

  private static void normalise(float[] row) {
    double squares = 0;
    for (float value : row) {
      squares += (double) value * value;
    }
    float scale = (float) (1 / Math.sqrt(squares));
    for (int i = 0; i < row.length; i++) {
      row[i] *= scale;
    }
  }

  private static void write(Path file, float[][] rows) throws IOException {
    writeWhole(
        file,
        out -> {
          ByteBuffer bytes =
              ByteBuffer.allocate(Math.max(8, rows[0].length * Float.BYTES))
                  .order(ByteOrder.LITTLE_ENDIAN);
          out.write(bytes.putInt(rows.length).putInt(rows[0].length).array(), 0, 8);
          for (float[] row : rows) {
            bytes.clear();
            bytes.asFloatBuffer().put(row);
            out.write(bytes.array(), 0, row.length * Float.BYTES);
          }
        });
  }

  private interface Body {
    void write(OutputStream out) throws IOException;
  }

  private static void writeWhole(Path file, Body body) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".part");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary))) {
      body.write(out);
    }
    Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void writeTruth(Path file, float[][] base, float[][] queries) {
    int[][] nearest =
        IntStream.range(0, queries.length)
            .parallel()
            .mapToObj(q -> nearest(base, queries[q]))
            .toArray(int[][]::new);
    try {
      writeWhole(
          file,
          out -> {
            ByteBuffer bytes =
                ByteBuffer.allocate(8 + nearest.length * K * Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN);
            bytes.putInt(nearest.length).putInt(K);
            for (int[] row : nearest) {
              for (int ordinal : row) {
                bytes.putInt(ordinal);
              }
            }
            out.write(bytes.array());
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int[] nearest(float[][] base, float[] query) {
    float[] similarities = new float[base.length];
    for (int row = 0; row < base.length; row++) {
      similarities[row] = dot(base[row], query);
    }
    int[] best = new int[K];
    for (int place = 0; place < K; place++) {
      int at = 0;
      for (int row = 1; row < base.length; row++) {
        if (similarities[row] > similarities[at]) {
          at = row;
        }
      }
      best[place] = at;
      similarities[at] = Float.NEGATIVE_INFINITY;
    }
    return best;
  }

  /** The inner product, in double precision. */
  static float dot(float[] a, float[] b) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 3 < a.length; i += 4) {
      s0 += (double) a[i] * b[i];
      s1 += (double) a[i + 1] * b[i + 1];
      s2 += (double) a[i + 2] * b[i + 2];
      s3 += (double) a[i + 3] * b[i + 3];
    }
    for (; i < a.length; i++) {
      s0 += (double) a[i] * b[i];
    }
    return (float) (s0 + s1 + s2 + s3);
  }

  /** Makes data: {@code FOLDER SIZE DIMENSION QUERIES}. */
  public static void main(String[] args) throws IOException {
    make(
        Path.of(args[0]),
        Integer.parseInt(args[1]),
        Integer.parseInt(args[2]),
        Integer.parseInt(args[3]));
  }
}
