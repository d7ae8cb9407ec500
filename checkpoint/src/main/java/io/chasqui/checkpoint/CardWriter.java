package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/** Roles as JSON. */
final class CardWriter {
  private CardWriter() {}

  static ObjectNode role(Role role) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.putObject("backbone").put("attention", lower(role.attention()));
    tokens(node.putObject("tokens"), role.tokens());
    ObjectNode template = node.putObject("template");
    template(template, role.template());
    role.instruction().ifPresent(instruction -> template.put("instruction", instruction));
    node.putObject("truncation")
        .put("query", role.truncation().query())
        .put("passage", role.truncation().passage());
    node.put("pooling", lower(role.pooling()));
    if (!role.isScorer()) {
      ObjectNode output = node.putObject("output").put("normalise", role.output().normalise());
      role.output().dimensions().ifPresent(dimensions -> output.put("dimensions", dimensions));
      if (!role.output().dense().isEmpty()) {
        ArrayNode dense = output.putArray("dense");
        role.output().dense().forEach(dense::add);
      }
    }
    role.head().ifPresent(head -> head(node.putObject("head"), head));
    role.adapter().ifPresent(adapter -> node.put("adapter", adapter));
    return node;
  }

  private static void tokens(ObjectNode node, Role.Tokens tokens) {
    tokens.bos().ifPresent(bos -> node.put("bosId", bos));
    ArrayNode append = node.putArray("appendIds");
    tokens.append().forEach(append::add);
    node.put("padId", tokens.pad()).put("padSide", lower(tokens.padSide()));
  }

  private static void template(ObjectNode node, RoleTemplate template) {
    if (template instanceof RoleTemplate.Pair pair) {
      node.put("mode", pair.separate() ? "pair" : "joined")
          .put("query", pair.query())
          .put("passage", pair.passage())
          .put("passageWithoutTitle", pair.passageWithoutTitle());
      if (!pair.separate()) {
        node.put("separator", pair.separator());
      }
    } else if (template instanceof RoleTemplate.Framed framed) {
      node.put("mode", "framed");
      parts(node.putArray("before"), framed.before());
      node.put("query", framed.query());
      parts(node.putArray("between"), framed.between());
      node.put("passage", framed.passage())
          .put("passageWithoutTitle", framed.passageWithoutTitle());
      parts(node.putArray("after"), framed.after());
      if (framed.passageFirst()) {
        node.put("passageFirst", true);
      }
    } else {
      RoleTemplate.Single single = (RoleTemplate.Single) template;
      node.put("mode", "single")
          .put("query", single.query())
          .put("passage", single.passage())
          .put("passageWithoutTitle", single.passageWithoutTitle());
    }
  }

  private static void parts(ArrayNode array, List<RoleTemplate.Part> parts) {
    for (RoleTemplate.Part part : parts) {
      if (part instanceof RoleTemplate.Part.Id id) {
        array.add(id.id());
      } else {
        array.add(((RoleTemplate.Part.Text) part).text());
      }
    }
  }

  private static void head(ObjectNode node, ScoreHead head) {
    if (head instanceof ScoreHead.TokenDifference difference) {
      node.putObject("tokenDifference")
          .put("yesId", difference.yesId())
          .put("noId", difference.noId());
    } else if (head instanceof ScoreHead.SingleToken single) {
      node.put("singleToken", single.id());
    } else if (head instanceof ScoreHead.GraphOutput output) {
      node.put("graphOutput", output.output());
    } else {
      node.put("linear", ((ScoreHead.Linear) head).tensor());
    }
    node.put("activation", lower(head.activation()));
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
