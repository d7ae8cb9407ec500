package io.chasqui.djl;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Where weights come from, as {@code training.json} beside them says. */
record Provenance(Map<String, String> identity, TrainingState state) {
  private static final JsonMapper JSON = new JsonMapper();

  void write(Path directory) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    ObjectNode settings = root.putObject("training");
    identity.forEach(settings::put);
    ObjectNode metrics = root.putObject("metrics");
    metrics.put("updates", state.updates()).put("lastLoss", state.loss());
    state
        .best()
        .ifPresent(
            best -> {
              ObjectNode held = metrics.putObject("heldOut");
              held.put("step", best.step()).put("loss", best.loss());
              held.put("mrr", best.mrr()).put("accuracy", best.accuracy());
            });
    Files.writeString(
        directory.resolve("training.json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
  }
}
