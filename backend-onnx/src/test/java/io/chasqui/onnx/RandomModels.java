package io.chasqui.onnx;

import io.chasqui.checkpoint.AttentionConfig;
import io.chasqui.checkpoint.BlockConfig;
import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.RopeConfig;
import io.chasqui.checkpoint.SafetensorsWriter;
import io.chasqui.checkpoint.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Random decoders: shapes, weights, adapters. The same seed gives the same model. */
final class RandomModels {
  private RandomModels() {}

  /** Kinds of decoders. */
  enum Kind {
    LLAMA,
    MISTRAL,
    QWEN2,
    QWEN3,
    GEMMA,
    GEMMA2,
    GEMMA3_TEXT
  }

  /** A small shape of a random kind. */
  static ModelConfig shape(Random random) {
    return shape(Kind.values()[random.nextInt(Kind.values().length)], random);
  }

  /** A small shape with what a kind of decoder has. */
  static ModelConfig shape(Kind kind, Random random) {
    ModelConfig llama = llama(random);
    AttentionConfig attention = llama.attention();
    BlockConfig gemma = BlockConfig.gemma(llama.hiddenSize());
    return switch (kind) {
      case LLAMA -> llama;
      case MISTRAL ->
          as(
              kind,
              llama,
              attention.withWindow(window(llama, llama.rope(), random)),
              BlockConfig.plain());
      case QWEN2 -> as(kind, llama, attention.withOutputBias(false), BlockConfig.plain());
      case QWEN3 -> as(kind, llama, attention.withHeadNorms(true), BlockConfig.plain());
      case GEMMA -> as(kind, llama, attention, gemma);
      case GEMMA2 ->
          as(
              kind,
              llama,
              attention
                  .withScale(1 / Math.sqrt(1 + random.nextInt(40)))
                  .withSoftCap(OptionalDouble.of(0.5 + 2 * random.nextDouble()))
                  .withWindow(window(llama, llama.rope(), random)),
              gemma.withOutputNorms(true).withFinalSoftCap(OptionalDouble.of(3)));
      case GEMMA3_TEXT ->
          as(
              kind,
              llama,
              attention
                  .withScale(1 / Math.sqrt(1 + random.nextInt(40)))
                  .withHeadNorms(true)
                  .withWindow(
                      window(llama, new RopeConfig.Plain(10 + random.nextInt(1000)), random)),
              gemma.withOutputNorms(true));
    };
  }

  private static Optional<AttentionConfig.Window> window(
      ModelConfig config, RopeConfig rope, Random random) {
    List<Boolean> layers =
        Stream.generate(() -> random.nextInt(3) > 0).limit(config.layers()).toList();
    return Optional.of(new AttentionConfig.Window(1 + random.nextInt(8), layers, rope));
  }

  private static ModelConfig as(
      Kind kind, ModelConfig llama, AttentionConfig attention, BlockConfig block) {
    boolean gelu = kind == Kind.GEMMA || kind == Kind.GEMMA2 || kind == Kind.GEMMA3_TEXT;
    return new ModelConfig(
        kind.name().toLowerCase(Locale.ROOT),
        llama.architectures(),
        llama.vocabularySize(),
        llama.hiddenSize(),
        llama.intermediateSize(),
        llama.layers(),
        llama.heads(),
        llama.keyValueHeads(),
        llama.headDim(),
        llama.normEpsilon(),
        llama.maxPositions(),
        llama.rope(),
        llama.tiedEmbeddings(),
        llama.attentionBias(),
        llama.mlpBias(),
        gelu ? "gelu_pytorch_tanh" : "silu",
        0,
        attention,
        block);
  }

  /** In which no two widths need be equal or even. */
  private static ModelConfig llama(Random random) {
    int keyValueHeads = 1 + random.nextInt(3);
    int heads = keyValueHeads * (1 + random.nextInt(3));
    int headDim = 2 * (1 + random.nextInt(6));
    int vocabulary = 8 + random.nextInt(40);
    double theta = random.nextBoolean() ? 10_000 : 100 + random.nextInt(1000);
    RopeConfig rope =
        switch (random.nextInt(3)) {
          case 0 -> new RopeConfig.Plain(theta);
          case 1 -> new RopeConfig.Linear(theta, 1 + 4 * random.nextDouble());
          default -> new RopeConfig.Llama3(theta, 8, 1, 4, 16 + random.nextInt(64));
        };
    return config(
        vocabulary,
        2 + random.nextInt(40),
        1 + random.nextInt(40),
        1 + random.nextInt(3),
        heads,
        keyValueHeads,
        headDim,
        rope,
        random.nextBoolean(),
        random.nextBoolean());
  }

  /** A Llama of a given size. */
  static ModelConfig config(int vocabulary, int hidden, int inner, int layers, int heads) {
    return config(
        vocabulary,
        hidden,
        inner,
        layers,
        heads,
        heads,
        hidden / heads,
        new RopeConfig.Plain(10_000),
        false,
        false);
  }

  private static ModelConfig config(
      int vocabulary,
      int hidden,
      int inner,
      int layers,
      int heads,
      int keyValueHeads,
      int headDim,
      RopeConfig rope,
      boolean attentionBias,
      boolean mlpBias) {
    return new ModelConfig(
        "llama",
        List.of("LlamaForCausalLM"),
        vocabulary,
        hidden,
        inner,
        layers,
        heads,
        keyValueHeads,
        headDim,
        1e-5,
        4096,
        rope,
        true,
        attentionBias,
        mlpBias,
        "silu",
        0);
  }

  /** Writes {@code model.safetensors} with a score head; weights stream, so that it may be big. */
  static void write(Path directory, ModelConfig config, String prefix, DType dtype, long seed)
      throws IOException {
    List<TensorData> tensors = new ArrayList<>();
    Map<String, long[]> shapes = shapes(config);
    double gain = config.block().shiftedNorms() ? 0 : 1;
    shapes.forEach(
        (name, shape) ->
            tensors.add(tensor(prefix + name, dtype, shape, gain, seed ^ name.hashCode())));
    tensors.add(tensor("score.weight", dtype, new long[] {1, config.hiddenSize()}, 1, seed));
    SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors);
  }

  private static Map<String, long[]> shapes(ModelConfig config) {
    long hidden = config.hiddenSize();
    Map<String, long[]> shapes = new TreeMap<>();
    shapes.put("embed_tokens.weight", new long[] {config.vocabularySize(), hidden});
    shapes.put("norm.weight", new long[] {hidden});
    for (int layer = 0; layer < config.layers(); layer++) {
      String path = "layers." + layer + ".";
      shapes.put(path + "input_layernorm.weight", new long[] {hidden});
      shapes.put(path + "post_attention_layernorm.weight", new long[] {hidden});
      if (config.block().outputNorms()) {
        shapes.put(path + "pre_feedforward_layernorm.weight", new long[] {hidden});
        shapes.put(path + "post_feedforward_layernorm.weight", new long[] {hidden});
      }
      if (config.attention().headNorms()) {
        shapes.put(path + "self_attn.q_norm.weight", new long[] {config.headDim()});
        shapes.put(path + "self_attn.k_norm.weight", new long[] {config.headDim()});
      }
    }
    linears(config)
        .forEach(
            (module, shape) -> {
              shapes.put(module + ".weight", shape);
              boolean bias =
                  module.contains(".mlp.")
                      ? config.mlpBias()
                      : module.endsWith("o_proj")
                          ? config.attention().outputBias()
                          : config.attentionBias();
              if (bias) {
                shapes.put(module + ".bias", new long[] {shape[0]});
              }
            });
    return shapes;
  }

  private static Map<String, long[]> linears(ModelConfig config) {
    long hidden = config.hiddenSize();
    long queries = (long) config.heads() * config.headDim();
    long keys = (long) config.keyValueHeads() * config.headDim();
    long inner = config.intermediateSize();
    Map<String, long[]> linears = new TreeMap<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      String path = "layers." + layer + ".";
      linears.put(path + "self_attn.q_proj", new long[] {queries, hidden});
      linears.put(path + "self_attn.k_proj", new long[] {keys, hidden});
      linears.put(path + "self_attn.v_proj", new long[] {keys, hidden});
      linears.put(path + "self_attn.o_proj", new long[] {hidden, queries});
      linears.put(path + "mlp.gate_proj", new long[] {inner, hidden});
      linears.put(path + "mlp.up_proj", new long[] {inner, hidden});
      linears.put(path + "mlp.down_proj", new long[] {hidden, inner});
    }
    return linears;
  }

  private static TensorData tensor(String name, DType dtype, long[] shape, double mean, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean gain = name.contains("norm");
    double spread =
        shape.length == 2 && !name.contains("embed") ? 1.7 / Math.sqrt((double) shape[1]) : 1;
    List<Long> dimensions = new ArrayList<>();
    for (long dimension : shape) {
      dimensions.add(dimension);
    }
    return TensorData.generated(
        name,
        dtype,
        dimensions,
        (first, target, count) -> {
          for (int i = 0; i < count; i++) {
            double value = 2 * random.nextDouble() - 1;
            target[i] = (float) (gain ? mean + value / 2 : value * spread);
          }
        });
  }

  /** An adapter over some modules, of several ranks; at least one. */
  static LoraAdapter adapter(ModelConfig config, Random random) {
    TreeMap<String, LoraAdapter.Update> updates = new TreeMap<>();
    linears(config)
        .forEach(
            (module, shape) -> {
              if (updates.isEmpty() || random.nextInt(3) > 0) {
                updates.put(module, update(shape, 1 + random.nextInt(5), random));
              }
            });
    return new LoraAdapter("FEATURE_EXTRACTION", updates, Map.of());
  }

  /** An adapter of one rank over all linear modules. */
  static LoraAdapter adapter(ModelConfig config, int rank, Random random) {
    TreeMap<String, LoraAdapter.Update> updates = new TreeMap<>();
    linears(config).forEach((module, shape) -> updates.put(module, update(shape, rank, random)));
    return new LoraAdapter("FEATURE_EXTRACTION", updates, Map.of());
  }

  private static LoraAdapter.Update update(long[] shape, int rank, Random random) {
    int out = (int) shape[0];
    int in = (int) shape[1];
    return new LoraAdapter.Update(
        rank,
        0.5 + random.nextDouble(),
        direct(floats(rank * in, 1 / Math.sqrt(in), random)),
        direct(floats(out * rank, 1 / Math.sqrt(rank), random)));
  }

  private static FloatBuffer direct(float[] values) {
    return ByteBuffer.allocateDirect(values.length * Float.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer()
        .put(values)
        .flip();
  }

  private static float[] floats(int count, double spread, Random random) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) ((2 * random.nextDouble() - 1) * spread);
    }
    return values;
  }

  /** Rows of random ids. */
  static List<int[]> rows(ModelConfig config, int rows, int longest, Random random) {
    List<int[]> all = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      all.add(random.ints(1 + random.nextInt(longest), 0, config.vocabularySize()).toArray());
    }
    return all;
  }
}
