package io.chasqui.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.ScoredPassage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HelloWorldIT {
  @Test
  void theReadmesProgramFindsTheRightPassage(@TempDir Path folder) throws IOException {
    List<ScoredPassage> hits = HelloWorld.answer(TinyModel.DIRECTORY, folder.resolve("index"));
    assertEquals(2, hits.size());
    assertEquals("2", hits.get(0).id());
    assertTrue(hits.get(0).stage("retrieve").isPresent());
    assertTrue(hits.get(0).stage("rerank").isPresent());
  }
}
