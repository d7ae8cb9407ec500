package io.chasqui.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.Device;
import io.chasqui.checkpoint.DType;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.checkpoint.testing.RandomCheckpoints.Shape;
import io.chasqui.onnx.OnnxOptions.Weights;
import io.chasqui.onnx.WeightPlacement.Copy;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class WeightPlacementTest {
  private static final long MB = 1 << 20;
  private static final Device CPU = Device.cpu(2);
  private static final Device CUDA = Device.cuda(0);

  private static Weights choice(Weights wish, Device device, long bytes, long memory) {
    return WeightPlacement.of(wish, device, new Copy(bytes, false, false), memory).weights();
  }

  @ParameterizedTest
  @CsvSource({
    // copy, machine, in MiB: a sixteenth, and 2 GiB at most
    "     1,      16, COPIED",
    "     2,      16, MAPPED",
    "    64,    1024, COPIED",
    "    65,    1024, MAPPED",
    "   340,   25000, COPIED",
    "  2048,   32768, COPIED",
    "  2049,   32768, MAPPED",
    "  2048,   32767, MAPPED",
    "  2048, 1000000, COPIED",
    "  2049, 1000000, MAPPED",
    " 26000, 1000000, MAPPED"
  })
  void smallCopiesAreMade(long copy, long memory, Weights expected) {
    assertEquals(expected, choice(Weights.AUTO, CPU, copy * MB, memory * MB));
  }

  @Test
  void oneByteMoreIsTooMuch() {
    assertEquals(Weights.COPIED, choice(Weights.AUTO, CPU, 2048 * MB, 1L << 40));
    assertEquals(Weights.MAPPED, choice(Weights.AUTO, CPU, 2048 * MB + 1, 1L << 40));
    assertEquals(Weights.COPIED, choice(Weights.AUTO, CPU, 64 * MB, 1024 * MB));
    assertEquals(Weights.MAPPED, choice(Weights.AUTO, CPU, 64 * MB + 1, 1024 * MB));
  }

  @ParameterizedTest
  @EnumSource(names = {"MAPPED", "COPIED"})
  void whatIsAskedForIsDone(Weights wish) {
    assertEquals(wish, choice(wish, CPU, MB, 1L << 40));
    assertEquals(wish, choice(wish, CPU, Long.MAX_VALUE, MB));
    assertEquals(wish, choice(wish, CUDA, MB, 1L << 40));
  }

  @Test
  void onCudaNothingIsChosen() {
    assertEquals(Weights.MAPPED, choice(Weights.AUTO, CUDA, MB, 1L << 40));
    Copy exported = new Copy(1L << 40, false, true);
    assertEquals(Weights.COPIED, WeightPlacement.of(Weights.AUTO, CUDA, exported, MB).weights());
    assertEquals(Weights.MAPPED, WeightPlacement.of(Weights.AUTO, CPU, exported, MB).weights());
  }

  @ParameterizedTest
  @EnumSource
  void whatMappingGainsNothingForIsCopied(Weights wish) {
    Copy free = new Copy(3000 * MB, true, true);
    assertEquals(Weights.COPIED, WeightPlacement.of(wish, CPU, free, MB).weights());
  }

  @Test
  void theReasonSaysBothSizes() {
    WeightPlacement mapped =
        WeightPlacement.of(Weights.AUTO, CPU, new Copy(340_000_000, false, false), 1_600_000_000);
    assertEquals("mapped (a copy takes 340 MB, and up to 100 MB are copied)", mapped.toString());
  }

  /** 2 layers, 32 wide, 4 heads of 8, 2 key heads, 64 within: 4 bytes each, however stored. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void linearLayersAreCountedAt32Bit(DType stored, @TempDir Path directory) throws IOException {
    Shape shape = Shape.tiny().withWidths(32, 64).withAttention(4, 2, 8).withLayers(2);
    ModelBundle bundle = TestBundles.of(directory, shape.withDtype(stored));
    long perLayer = 32 * 32 + 2 * 16 * 32 + 32 * 32 + 3 * 32 * 64;
    assertEquals(new Copy(2 * perLayer * 4, false, false), Copy.of(bundle));
  }

  @Test
  void anExportIsCountedWithItsAdapterAndRotations(@TempDir Path directory) throws IOException {
    Shape shape = Shape.tiny().withWidths(64, 256).withAttention(4, 4, 16).withDtype(DType.F16);
    ModelBundle source = TestBundles.of(directory.resolve("source"), shape);
    ModelBundle exported = OnnxExporter.export(source, "repllama", directory.resolve("export"));
    Copy base = Copy.of(source);
    Copy copy = Copy.of(exported);
    assertTrue(!copy.free() && copy.bytes() > base.bytes(), copy + ", source " + base);
    assertTrue(copy.bytes() < 2 * base.bytes(), copy + ", source " + base);
  }
}
