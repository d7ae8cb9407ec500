package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.testing.TinyTokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenFrameTest {
  private static final List<Integer> NONE = List.of();
  private static final String EOS_TEMPLATE =
      "{'type': 'Sequence', 'processors': [{'type': 'ByteLevel'}, {'type': 'TemplateProcessing',"
          + " 'single': [{'Sequence': {'id': 'A'}}, {'SpecialToken': {'id': '</s>'}}],"
          + " 'pair': [{'Sequence': {'id': 'A'}}, {'Sequence': {'id': 'B'}},"
          + " {'SpecialToken': {'id': 'end'}}],"
          + " 'special_tokens': {'end': {'id': 'end', 'ids': [2, 0]}}}]}";

  @TempDir Path directory;

  private TokenFrame frame(String processor, String config) throws IOException {
    ObjectNode root = TinyTokenizers.tokenizer(300);
    root.set("post_processor", TinyModel.MAPPER.readTree(processor.replace('\'', '"')));
    TinyModel.MAPPER.writeValue(directory.resolve("tokenizer.json").toFile(), root);
    Files.writeString(directory.resolve("tokenizer_config.json"), config.replace('\'', '"'));
    return SpecialTokens.read(directory).frame();
  }

  @Test
  void postProcessorsFrameTextsAndPairs() throws IOException {
    assertEquals(
        new TokenFrame(List.of(1), List.of(2), List.of(1), List.of(2), List.of(2)),
        frame("{'type': 'BertProcessing', 'cls': ['<s>', 1], 'sep': ['</s>', 2]}", "{}"));
    assertEquals(
        new TokenFrame(List.of(1), List.of(2), List.of(1), List.of(2, 2), List.of(2)),
        frame("{'type': 'RobertaProcessing', 'cls': ['<s>', 1], 'sep': ['</s>', 2]}", "{}"));
    assertEquals(
        new TokenFrame(NONE, List.of(2), NONE, NONE, List.of(2, 0)), frame(EOS_TEMPLATE, "{}"));
    assertEquals(new TokenFrame(NONE, NONE, NONE, NONE, NONE), frame("null", "{}"));
  }

  @Test
  void flagsGiveAndTakeTheirOwnTokenOnly() throws IOException {
    String bos = "'bos_token': '<s>', 'eos_token': '</s>'";
    assertEquals(
        new TokenFrame(List.of(1), NONE, List.of(1), List.of(1), NONE),
        frame("null", "{" + bos + ", 'add_bos_token': true}"));
    assertEquals(
        new TokenFrame(List.of(1), List.of(2), List.of(1), List.of(2, 1), List.of(2)),
        frame(EOS_TEMPLATE, "{" + bos + ", 'add_bos_token': true}"));
    assertEquals(NONE, frame(EOS_TEMPLATE, "{" + bos + ", 'add_eos_token': false}").after());
    // Qwen3-Embedding: no BOS to take away, and what its template appends is not the EOS.
    assertEquals(
        List.of(2),
        frame(
                EOS_TEMPLATE,
                "{'bos_token': null, 'eos_token': '<unk>', 'add_bos_token': false,"
                    + " 'add_eos_token': false}")
            .after());
  }

  @Test
  void malformedTemplatesAreRefusedByPath() {
    for (String[] each :
        new String[][] {
          {EOS_TEMPLATE.replace("</s>", "</x>"), "$.post_processor.processors[1].single[1]"},
          {EOS_TEMPLATE.replace("[2, 0]", "[2, 300]"), "$.post_processor.processors[1].pair[2]"},
          {EOS_TEMPLATE.replace("'B'", "'A'"), "$.post_processor.processors[1].pair[1]"},
          {
            "{'type': 'TemplateProcessing', 'single': [], 'special_tokens': {}}",
            "$.post_processor.single"
          },
          {"{'type': 'BertProcessing', 'cls': ['<s>', 1]}", "$.post_processor.sep"},
        }) {
      ModelFormatException e =
          assertThrows(ModelFormatException.class, () -> frame(each[0], "{}"), each[0]);
      assertEquals(each[1], e.field().orElse(""));
    }
  }
}
