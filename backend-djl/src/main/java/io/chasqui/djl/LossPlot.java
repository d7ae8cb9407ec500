package io.chasqui.djl;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.AWTError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The curve of a training as a picture. */
final class LossPlot {
  private static final Logger LOG = LoggerFactory.getLogger(LossPlot.class);
  private static final int WIDTH = 900;
  private static final int HEIGHT = 500;
  private static final double SMOOTHING = 0.9;

  private LossPlot() {}

  /** Draws what the metrics say; a machine without fonts gets a warning and no picture. */
  static void write(Path file, List<JsonNode> metrics) throws IOException {
    try {
      XYChart chart = chart(metrics);
      if (!chart.getSeriesMap().isEmpty()) {
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
      }
    } catch (LinkageError | InternalError | AWTError | NullPointerException e) {
      // What AWT throws where a headless JDK lacks its libraries or fonts.
      LOG.warn("no loss plot: drawing does not work on this machine: {}", e.toString());
    }
  }

  private static XYChart chart(List<JsonNode> metrics) {
    List<Double> steps = new ArrayList<>();
    List<Double> losses = new ArrayList<>();
    List<Double> smooth = new ArrayList<>();
    List<Double> evaluated = new ArrayList<>();
    List<Double> heldOut = new ArrayList<>();
    for (JsonNode line : metrics) {
      double step = line.path("step").asDouble();
      if (line.has("evaluation")) {
        evaluated.add(step);
        heldOut.add(line.path("evaluation").path("loss").asDouble());
      } else {
        double loss = line.path("loss").asDouble();
        steps.add(step);
        losses.add(loss);
        double last = smooth.isEmpty() ? loss : smooth.get(smooth.size() - 1);
        smooth.add(SMOOTHING * last + (1 - SMOOTHING) * loss);
      }
    }
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Training")
            .xAxisTitle("updates")
            .yAxisTitle("loss")
            .build();
    add(chart, "batch", steps, losses);
    add(chart, "batch, smoothed", steps, smooth);
    add(chart, "held out", evaluated, heldOut);
    return chart;
  }

  private static void add(XYChart chart, String name, List<Double> x, List<Double> y) {
    if (!x.isEmpty()) {
      chart.addSeries(name, x, y).setMarker(SeriesMarkers.NONE);
    }
  }
}
