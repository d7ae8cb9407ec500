package io.chasqui.checkpoint;

import io.chasqui.checkpoint.RoleTemplate.Part;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The templates of a role, checked. Immutable.
 *
 * @param query of queries
 * @param titled of passages with a title
 * @param untitled of passages without
 */
record RoleTemplates(PromptTemplate query, PromptTemplate titled, PromptTemplate untitled) {

  /**
   * The templates of a role.
   *
   * @throws IllegalArgumentException if one lacks a placeholder or has a surplus one, if there is
   *     an instruction without a place or a place without an instruction, or if a limit leaves no
   *     room for the special tokens
   */
  static RoleTemplates of(Role role) {
    int bos = role.tokens().bos().isPresent() ? 1 : 0;
    int appended = role.tokens().append().size();
    Optional<String> instruction = role.instruction();
    if (instruction.isPresent() && !takesInstruction(role.template())) {
      throw new IllegalArgumentException(
          "the instruction \"" + instruction.get() + "\" has no place in " + role.template());
    }
    if (role.template() instanceof RoleTemplate.Pair pair) {
      if (pair.separate() && !pair.separator().isEmpty()) {
        throw new IllegalArgumentException(
            "segments that are tokenized apart have no separator: \"" + pair.separator() + "\"");
      }
      requireRoom(role, "query", role.truncation().query(), bos);
      requireRoom(
          role, "passage", role.truncation().passage(), appended + (pair.separate() ? bos : 0));
      return of(instruction, pair.query(), pair.passage(), pair.passageWithoutTitle());
    }
    if (role.template() instanceof RoleTemplate.Framed framed) {
      if (bos > 0) {
        throw new IllegalArgumentException(
            "a framed template has its BOS in the frame, not in the tokens: "
                + role.tokens().bos().orElseThrow());
      }
      if (framed.passageFirst() && framed.between().isEmpty()) {
        throw new IllegalArgumentException(
            "a frame with the passage first needs something between: texts that are tokenized as one"
                + " begin with the query");
      }
      int first = ids(framed.before());
      int second = ids(framed.between()) + ids(framed.after()) + appended;
      boolean turned = framed.passageFirst();
      requireRoom(role, "query", role.truncation().query(), turned ? second : first);
      requireRoom(role, "passage", role.truncation().passage(), turned ? first : second);
      Stream.of(framed.before(), framed.between(), framed.after())
          .flatMap(List::stream)
          .forEach(part -> text(part, instruction));
      return of(instruction, framed.query(), framed.passage(), framed.passageWithoutTitle());
    }
    requireRoom(role, "query", role.truncation().query(), bos + appended);
    requireRoom(role, "passage", role.truncation().passage(), bos + appended);
    RoleTemplate.Single single = (RoleTemplate.Single) role.template();
    return of(instruction, single.query(), single.passage(), single.passageWithoutTitle());
  }

  private static RoleTemplates of(
      Optional<String> instruction, String query, String titled, String untitled) {
    return new RoleTemplates(
        PromptTemplate.ofQuery(query, instruction),
        PromptTemplate.ofTitleAndText(titled, instruction),
        PromptTemplate.ofText(untitled, instruction));
  }

  /** The text of a frame's piece, filled in; empty for a special token. */
  static Optional<String> text(Part part, Optional<String> instruction) {
    return part instanceof Part.Text text
        ? Optional.of(PromptTemplate.fixed(text.text(), instruction).text())
        : Optional.empty();
  }

  private static int ids(List<Part> parts) {
    return (int) parts.stream().filter(part -> part instanceof Part.Id).count();
  }

  /** Whether any of its texts has a place for an instruction. */
  static boolean takesInstruction(RoleTemplate template) {
    return texts(template).anyMatch(PromptTemplate::takesInstruction);
  }

  /** Whether an instruction changes what becomes of a passage. */
  static boolean instructsPassages(RoleTemplate template) {
    return !(template instanceof RoleTemplate.Single single)
        || PromptTemplate.takesInstruction(single.passage())
        || PromptTemplate.takesInstruction(single.passageWithoutTitle());
  }

  private static Stream<String> texts(RoleTemplate template) {
    if (template instanceof RoleTemplate.Single single) {
      return Stream.of(single.query(), single.passage(), single.passageWithoutTitle());
    }
    if (template instanceof RoleTemplate.Pair pair) {
      return Stream.of(pair.query(), pair.passage(), pair.passageWithoutTitle());
    }
    RoleTemplate.Framed framed = (RoleTemplate.Framed) template;
    Stream<String> frame =
        Stream.of(framed.before(), framed.between(), framed.after())
            .flatMap(List::stream)
            .map(part -> part instanceof Part.Text text ? text.text() : "");
    return Stream.concat(
        frame, Stream.of(framed.query(), framed.passage(), framed.passageWithoutTitle()));
  }

  private static void requireRoom(Role role, String what, int limit, int specials) {
    if (limit < specials) {
      throw new IllegalArgumentException(
          "role %s: %s limit %d leaves no room for %d special tokens"
              .formatted(role.name(), what, limit, specials));
    }
  }
}
