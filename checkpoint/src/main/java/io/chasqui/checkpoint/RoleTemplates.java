package io.chasqui.checkpoint;

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
   * @throws IllegalArgumentException if one lacks a placeholder or has a surplus one, or if a limit
   *     leaves no room for the special tokens
   */
  static RoleTemplates of(Role role) {
    int bos = role.tokens().bos().isPresent() ? 1 : 0;
    int appended = role.tokens().append().size();
    if (role.template() instanceof Role.Template.Pair pair) {
      if (pair.separate() && !pair.separator().isEmpty()) {
        throw new IllegalArgumentException(
            "segments that are tokenized apart have no separator: \"" + pair.separator() + "\"");
      }
      requireRoom(role, "query", role.truncation().query(), bos);
      requireRoom(
          role, "passage", role.truncation().passage(), appended + (pair.separate() ? bos : 0));
      return of(pair.query(), pair.passage(), pair.passageWithoutTitle());
    }
    requireRoom(role, "query", role.truncation().query(), bos + appended);
    requireRoom(role, "passage", role.truncation().passage(), bos + appended);
    Role.Template.Single single = (Role.Template.Single) role.template();
    return of(single.query(), single.passage(), single.passageWithoutTitle());
  }

  private static RoleTemplates of(String query, String titled, String untitled) {
    return new RoleTemplates(
        PromptTemplate.ofQuery(query),
        PromptTemplate.ofTitleAndText(titled),
        PromptTemplate.ofText(untitled));
  }

  private static void requireRoom(Role role, String what, int limit, int specials) {
    if (limit < specials) {
      throw new IllegalArgumentException(
          "role %s: %s limit %d leaves no room for %d special tokens"
              .formatted(role.name(), what, limit, specials));
    }
  }
}
