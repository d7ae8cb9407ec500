package io.chasqui.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetrievalCardTest {
  @TempDir Path directory;

  private RetrievalCard read(String json) throws IOException {
    Path file = directory.resolve(RetrievalCard.FILE);
    Files.writeString(file, json.replace('\'', '"'));
    return RetrievalCard.read(file);
  }

  private RetrievalCard readRole(String json) throws IOException {
    return read("{'version':1,'roles':{'r':" + json + "}}");
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Path file = directory.resolve(RetrievalCard.FILE);
    for (String preset : Presets.names()) {
      Role plain = Presets.named(preset);
      Role full = plain.withName("other").withAdapter("adapters/x");
      if (!plain.isScorer()) {
        full =
            full.withOutput(
                new Role.Output(false, Optional.of(256), List.of("2_Dense", "d/3_Dense")));
      }
      RetrievalCard card = RetrievalCard.of(plain, full);
      card.write(file);
      assertEquals(card, RetrievalCard.read(file), preset);
    }
  }

  @Test
  void presetsAreThoseOfTheRecipe() {
    assertEquals(
        Set.of(
            "repllama-v1",
            "repllama-v1-code",
            "repllama-mteb",
            "rankllama-v1",
            "rankllama-paper",
            "e5-mistral",
            "qwen3-embedding",
            "qwen3-reranker",
            "gte-qwen2",
            "bge-reranker-v2-gemma"),
        Presets.names());
    assertThrows(IllegalArgumentException.class, () -> Presets.named("repllama"));
  }

  @Test
  void aRoleStatesWhatDiffersFromItsPreset() throws IOException {
    Role role =
        readRole(
                "{'preset':'repllama-v1','truncation':{'passage':126},'tokens':{'bosId':null},"
                    + "'adapter':'adapters/repllama'}")
            .roles()
            .get("r");
    assertEquals(
        Presets.named("repllama-v1-code")
            .withName("r")
            .withTruncation(new Role.Truncation(512, 126))
            .withAdapter("adapters/repllama"),
        role);
  }

  @Test
  void headsAndInstructionsAreRead() throws IOException {
    assertEquals(
        Presets.named("qwen3-reranker")
            .withName("r")
            .withHead(new ScoreHead.SingleToken(7))
            .withInstruction("find the recipe"),
        readRole(
                "{'preset':'qwen3-reranker','template':{'instruction':'find the recipe'},"
                    + "'head':{'tokenDifference':null,'singleToken':7,'activation':'none'}}")
            .roles()
            .get("r"));
    assertEquals(
        new ScoreHead.Linear("score.weight"),
        readRole("{'preset':'rankllama-v1'}").roles().get("r").head().orElseThrow());
  }

  @Test
  void aFrameMayHaveThePassageFirst() throws IOException {
    Role role =
        readRole("{'preset':'bge-reranker-v2-gemma','template':{'passageFirst':true}}")
            .roles()
            .get("r");
    assertTrue(((RoleTemplate.Framed) role.template()).passageFirst());
    Path file = directory.resolve("written.json");
    RetrievalCard card = RetrievalCard.of(role);
    card.write(file);
    assertEquals(card, RetrievalCard.read(file));
  }

  @Test
  void faultsNameTheirPath() throws IOException {
    String[][] cases = {
      {"{'preset':'none'}", "roles.r.preset"},
      {"{'preset':'repllama-v1','pool':'last'}", "roles.r.pool"},
      {"{'preset':'repllama-v1','pooling':'max'}", "roles.r.pooling"},
      {"{'preset':'repllama-v1','backbone':{'attention':'both'}}", "roles.r.backbone.attention"},
      {"{'preset':'repllama-v1','tokens':{'bosId':-1}}", "roles.r.tokens.bosId"},
      {"{'preset':'repllama-v1','tokens':{'appendIds':2}}", "roles.r.tokens.appendIds"},
      {"{'preset':'repllama-v1','tokens':{'appendIds':['</s>']}}", "roles.r.tokens.appendIds"},
      {"{'preset':'repllama-v1','tokens':{'padSide':'up'}}", "roles.r.tokens.padSide"},
      {"{'preset':'repllama-v1','truncation':{'query':0}}", "roles.r.truncation.query"},
      {"{'preset':'repllama-v1','truncation':{'query':1}}", "roles.r"}, // no room for BOS and EOS
      {"{'preset':'repllama-v1','truncation':{'total':9}}", "roles.r.truncation.total"},
      {"{'preset':'repllama-v1','template':{'mode':'chat'}}", "roles.r.template.mode"},
      {"{'preset':'repllama-v1','template':{'separator':' '}}", "roles.r.template.separator"},
      {"{'preset':'repllama-v1','template':{'query':'query'}}", "roles.r"},
      {"{'preset':'repllama-v1','template':{'passage':'{text}'}}", "roles.r"},
      {"{'preset':'repllama-v1','template':{'passageWithoutTitle':'{title}{text}'}}", "roles.r"},
      {"{'preset':'repllama-v1','output':{'normalise':'yes'}}", "roles.r.output.normalise"},
      {"{'preset':'repllama-v1','output':{'dimensions':0}}", "roles.r.output.dimensions"},
      {"{'preset':'repllama-v1','output':{'dense':'2_Dense'}}", "roles.r.output.dense"},
      {"{'preset':'repllama-v1','output':{'dense':['../2_Dense']}}", "roles.r.output.dense"},
      {"{'preset':'repllama-v1','output':{'dense':['/etc']}}", "roles.r.output.dense"},
      {"{'preset':'repllama-v1','head':{'linear':'score.weight'}}", "roles.r.head"},
      {"{'preset':'rankllama-v1','head':null}", "roles.r.head"},
      {"{'preset':'rankllama-v1','head':{'linear':null}}", "roles.r.head.linear"},
      {"{'preset':'rankllama-v1','output':{'normalise':true}}", "roles.r.output"},
      {"{'preset':'repllama-v1','adapter':'../x'}", "roles.r.adapter"},
      {"{'preset':'repllama-v1','adapter':'/etc'}", "roles.r.adapter"},
      {"{'preset':'repllama-v1','adapter':'C:\\\\x'}", "roles.r.adapter"},
      {"{'preset':'rankllama-v1','head':{'activation':'tanh'}}", "roles.r.head.activation"},
      {"{'preset':'rankllama-v1','head':{'singleToken':7}}", "roles.r.head.linear"},
      {
        "{'preset':'qwen3-reranker','head':{'tokenDifference':{'noId':-1}}}",
        "roles.r.head.tokenDifference.noId"
      },
      {
        "{'preset':'qwen3-reranker','head':{'tokenDifference':{'maybeId':1}}}",
        "roles.r.head.tokenDifference.maybeId"
      },
      {"{'preset':'qwen3-reranker','head':null}", "roles.r.head"},
      {"{'preset':'qwen3-reranker','template':{'before':'x'}}", "roles.r.template.before"},
      {"{'preset':'qwen3-reranker','template':{'after':[-7]}}", "roles.r.template.after"},
      {"{'preset':'qwen3-reranker','template':{'between':null}}", "roles.r.template.between"},
      {"{'preset':'qwen3-reranker','template':{'instruction':null}}", "roles.r"},
      {
        "{'preset':'qwen3-reranker','template':{'passageFirst':1}}", "roles.r.template.passageFirst"
      },
      {"{'preset':'qwen3-reranker','template':{'passageFirst':true}}", "roles.r"},
      {"{'preset':'qwen3-reranker','tokens':{'bosId':1}}", "roles.r"},
      {"{'preset':'repllama-v1','template':{'instruction':'x'}}", "roles.r"},
      {"{'pooling':'last'}", "roles.r.template"},
      {"7", "roles.r"},
    };
    for (String[] each : cases) {
      ModelFormatException e =
          assertThrows(ModelFormatException.class, () -> readRole(each[0]), each[0]);
      assertEquals(each[1], e.field().orElse(""), each[0] + " " + e.getMessage());
      assertTrue(e.getMessage().contains(RetrievalCard.FILE), e.getMessage());
    }
  }

  @Test
  void theCardItselfIsStrict() {
    for (String json :
        new String[] {
          "{}", "{'version':2,'roles':{}}", "{'version':1}", "{'version':1,'roles':[]}",
          "{'version':1,'roles':{},'more':1}", "{'version':1,'roles':{}} x", "[]", ""
        }) {
      assertThrows(ModelFormatException.class, () -> read(json), json);
    }
  }
}
