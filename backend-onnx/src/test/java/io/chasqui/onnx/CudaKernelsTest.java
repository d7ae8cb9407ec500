package io.chasqui.onnx;

import static io.chasqui.onnx.Fixtures.encoder;
import static io.chasqui.onnx.Fixtures.golden;
import static io.chasqui.onnx.Fixtures.scorer;
import static io.chasqui.onnx.Fixtures.served;
import static io.chasqui.onnx.Fixtures.weights;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.checkpoint.LoraAdapter;
import io.chasqui.checkpoint.LoraAdapters;
import io.chasqui.checkpoint.ModelConfig;
import io.chasqui.checkpoint.Role;
import io.chasqui.checkpoint.Role.Attention;
import io.chasqui.checkpoint.Role.PadSide;
import io.chasqui.checkpoint.Role.Pooling;
import io.chasqui.checkpoint.ScoreHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every operator of every graph for CUDA has a kernel there for the types that it gets. */
class CudaKernelsTest {
  private static final List<Attention> CAUSAL = List.of(Attention.CAUSAL);

  private static RunnerOptions cuda(ComputeType type) {
    return RunnerOptions.defaults()
        .withType(Optional.of(type))
        .withKernels(RunnerOptions.Kernels.GROUPED_IN_16_BIT);
  }

  @Test
  void eachInputOfEachNodeHasAKernelAndNoRowOfTheTableIsIdle() throws IOException {
    CudaKernels kernels = CudaKernels.read();
    Set<String> seen = new TreeSet<>();
    for (ComputeType type : ComputeType.values()) {
      for (byte[] graph : graphs(type)) {
        for (GraphNodes.Node node : GraphNodes.of(graph)) {
          seen.add(node.operator());
          for (int i = 0; i < node.inputs().size(); i++) {
            if (node.inputs().get(i).isPresent()) {
              OnnxType found = node.inputs().get(i).get();
              assertTrue(
                  kernels.takes(node.operator(), i + 1, found),
                  node.operator() + ": input " + (i + 1) + " is " + found + " in " + type);
            }
          }
        }
      }
    }
    assertEquals(new TreeSet<>(kernels.operators()), seen);
  }

  @Test
  void attentionIsGroupedInSixteenBitAndStandardInThirtyTwo() throws IOException {
    for (ComputeType type : ComputeType.values()) {
      long grouped =
          GraphNodes.of(graph(golden("arch/qwen3-sharded"), CAUSAL, type)).stream()
              .filter(node -> node.operator().startsWith("GroupQueryAttention"))
              .count();
      assertEquals(type == ComputeType.FLOAT, grouped == 0, type + ": " + grouped);
    }
  }

  private static List<byte[]> graphs(ComputeType type) throws IOException {
    List<byte[]> graphs = new ArrayList<>();
    try (Stream<Path> all = Files.list(golden("arch"))) {
      for (Path directory : all.filter(Files::isDirectory).toList()) {
        graphs.add(graph(directory, CAUSAL, type));
        graphs.add(graph(directory, List.of(Attention.CAUSAL, Attention.BIDIRECTIONAL), type));
      }
    }
    graphs.add(adapted(type, RunnerOptions.Adapters.BESIDE));
    graphs.add(adapted(type, RunnerOptions.Adapters.MERGED));
    return graphs;
  }

  /** One graph of all kinds of roles that a checkpoint allows. */
  private static byte[] graph(Path directory, List<Attention> attentions, ComputeType type)
      throws IOException {
    ModelConfig config = ModelConfig.read(directory);
    Role.Output some = new Role.Output(true, Optional.of(config.hiddenSize() / 2));
    List<ServedRole> roles = new ArrayList<>();
    for (Attention attention : attentions) {
      roles.add(served(encoder("last " + attention, attention, Pooling.LAST, some)));
      if (attentions.size() > 1) {
        roles.add(served(encoder("mean " + attention, attention, Pooling.MEAN, some)));
      }
    }
    roles.add(served(scorer(PadSide.RIGHT)));
    if (weights(directory).all().containsKey("lm_head.weight")) {
      ScoreHead yesLessNo = new ScoreHead.TokenDifference(1, 2, ScoreHead.Activation.SIGMOID);
      roles.add(served(withHead(scorer(PadSide.RIGHT).withName("yes"), yesLessNo)));
    }
    return DecoderGraph.build(config, weights(directory), roles, cuda(type)).model();
  }

  private static Role withHead(Role role, ScoreHead head) {
    return new Role(
        role.name(),
        role.attention(),
        role.tokens(),
        role.template(),
        role.truncation(),
        role.pooling(),
        role.output(),
        Optional.of(head),
        role.adapter());
  }

  private static byte[] adapted(ComputeType type, RunnerOptions.Adapters how) throws IOException {
    Path base = golden("arch/llama-gqa-llama3rope");
    ModelConfig config = ModelConfig.read(base);
    LoraAdapter first = LoraAdapters.read(golden("adapters/adapter-a-rslora"), config);
    LoraAdapter second = LoraAdapters.read(golden("adapters/adapter-b-seqcls"), config);
    List<ServedRole> roles =
        how == RunnerOptions.Adapters.MERGED
            ? List.of(served(encoder(PadSide.RIGHT), first))
            : List.of(served(encoder(PadSide.RIGHT), first), served(scorer(PadSide.RIGHT), second));
    return DecoderGraph.build(config, weights(base), roles, cuda(type).withAdapters(how)).model();
  }
}
