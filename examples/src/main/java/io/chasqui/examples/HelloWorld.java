package io.chasqui.examples;

import io.chasqui.Device;
import io.chasqui.ModelSession;
import io.chasqui.Passage;
import io.chasqui.Pipeline;
import io.chasqui.Reranker;
import io.chasqui.Retriever;
import io.chasqui.ScoredPassage;
import io.chasqui.checkpoint.ModelBundle;
import io.chasqui.index.PassageIndex;
import io.chasqui.onnx.OnnxBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The smallest program that retrieves and reranks; the README quotes it. */
public final class HelloWorld {
  private HelloWorld() {}

  /**
   * Indexes three passages and asks one question.
   *
   * @param args model directory, index directory
   */
  public static void main(String[] args) throws IOException {
    answer(Path.of(args[0]), Path.of(args[1]))
        .forEach(hit -> System.out.println(hit.score() + "  " + hit.passage().text()));
  }

  static List<ScoredPassage> answer(Path modelDirectory, Path indexDirectory) throws IOException {
    // README: begin
    ModelBundle bundle = ModelBundle.read(modelDirectory);
    try (ModelSession model = OnnxBackend.load(bundle, Device.cpu());
        PassageIndex index =
            PassageIndex.create(indexDirectory, model.encoder("repllama").space())) {
      index.add(
          List.of(
              Passage.of("1", "Set.add", "Adds an element unless the set holds it already."),
              Passage.of("2", "Thread.sleep", "Pauses the current thread for a while."),
              Passage.of("3", "List.sort", "Puts the elements of the list into order.")),
          model.encoder("repllama"));
      index.commit();

      Pipeline search =
          Pipeline.of(Retriever.of(model.encoder("repllama"), index))
              .rerank(Reranker.of(model.scorer("rankllama")), 200);
      return search.search("make the program wait", 2);
    }
    // README: end
  }
}
