package io.chasqui.checkpoint;

import io.chasqui.Passage;
import io.chasqui.spi.Tokenization;
import io.chasqui.spi.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Queries and passages as the model gets them under one role: template, tokens, cut, special
 * tokens. A view on a tokenizer, which it does not close; thread-safe until that is closed.
 *
 * <p>Limits count special tokens. Text is cut at its end, before BOS and appended ids are put
 * around it, so that no length loses them.
 *
 * @see <a href="https://arxiv.org/abs/2310.08319">Ma et al. 2023, sections 2.2 and 2.3</a>
 */
public final class PromptEncoder {
  private final Tokenizer tokenizer;
  private final Role role;
  private final int[] bos; // empty if there is none
  private final int[] append;
  private final RoleTemplates templates;
  private final int[] before; // fixed ids of a frame; empty without
  private final int[] between;
  private final int[] after;

  private PromptEncoder(Tokenizer tokenizer, Role role) {
    this.tokenizer = tokenizer;
    this.role = role;
    bos = role.tokens().bos().stream().mapToInt(id -> id).toArray();
    append = role.tokens().append().stream().mapToInt(id -> id).toArray();
    templates = RoleTemplates.of(role);
    if (role.template() instanceof RoleTemplate.Framed framed) {
      before = fixed(framed.before());
      between = fixed(framed.between());
      after = concat(fixed(framed.after()), append, new int[0]);
      int second = between.length + after.length;
      boolean turned = framed.passageFirst();
      requireRoom("query", role.truncation().query(), turned ? second : before.length);
      requireRoom("passage", role.truncation().passage(), turned ? before.length : second);
    } else {
      before = new int[0];
      between = new int[0];
      after = new int[0];
    }
  }

  private int[] fixed(List<RoleTemplate.Part> parts) {
    return parts.stream()
        .flatMapToInt(
            part ->
                part instanceof RoleTemplate.Part.Id id
                    ? IntStream.of(id.id())
                    : IntStream.of(
                        tokenizer
                            .tokenize(RoleTemplates.text(part, role.instruction()).orElseThrow())
                            .ids()))
        .toArray();
  }

  private void requireRoom(String what, int limit, int fixed) {
    if (limit < fixed) {
      throw new IllegalArgumentException(
          "role %s: %s limit %d leaves no room for the %d tokens around it"
              .formatted(role.name(), what, limit, fixed));
    }
  }

  /**
   * The prompts of a role.
   *
   * @throws IllegalArgumentException if a template lacks a placeholder or has a surplus one, if a
   *     limit leaves no room for the special tokens, or a special id is none of the tokenizer's
   */
  public static PromptEncoder of(Tokenizer tokenizer, Role role) {
    for (int id : role.specialIds()) {
      if (id < 0 || id >= tokenizer.vocabularySize()) {
        throw new IllegalArgumentException(
            "role %s: special id %d, but the tokenizer's ids are below %d"
                .formatted(role.name(), id, tokenizer.vocabularySize()));
      }
    }
    return new PromptEncoder(tokenizer, role);
  }

  /**
   * These prompts with another instruction. Passages of an encoder stay as they are.
   *
   * @throws IllegalArgumentException if the templates have no place for one, or an encoder's
   *     passages are told the instruction too, so that their space would be another
   */
  public PromptEncoder withInstruction(String instruction) {
    if (!role.isScorer() && RoleTemplates.instructsPassages(role.template())) {
      throw new IllegalArgumentException(
          "role "
              + role.name()
              + ": passages are told the instruction too; load the role with the other one");
    }
    return of(tokenizer, role.withInstruction(instruction));
  }

  /** The role whose prompts these are. */
  public Role role() {
    return role;
  }

  /**
   * A query as the encoder gets it.
   *
   * @throws IllegalStateException if the role scores pairs, or the tokenizer is closed
   */
  public PreparedInput query(String text) {
    requireEncoder();
    return single(templates.query().fillQuery(text), role.truncation().query());
  }

  /**
   * A passage as the encoder gets it.
   *
   * @throws IllegalStateException if the role scores pairs, or the tokenizer is closed
   */
  public PreparedInput passage(Passage passage) {
    requireEncoder();
    return single(rendered(passage), role.truncation().passage());
  }

  /** One prompt per query, in order. */
  public List<PreparedInput> queries(List<String> texts) {
    return texts.stream().map(this::query).toList();
  }

  /** One prompt per passage, in order. */
  public List<PreparedInput> passages(List<Passage> passages) {
    return passages.stream().map(this::passage).toList();
  }

  /**
   * A query and a passage as the scorer gets them.
   *
   * @throws IllegalStateException if the role encodes, or the tokenizer is closed
   */
  public PreparedInput pair(String queryText, Passage passage) {
    return pairs(queryText, List.of(passage)).get(0);
  }

  /**
   * The query with each passage, in order; the query is tokenized once. Of pairs in two segments
   * all have the same shared prefix: BOS, query, BOS; likewise of a frame with something between,
   * if the query is first.
   *
   * @throws IllegalStateException if the role encodes, or the tokenizer is closed
   */
  public List<PreparedInput> pairs(String queryText, List<Passage> passages) {
    String first = templates.query().fillQuery(queryText);
    if (role.template() instanceof RoleTemplate.Framed framed) {
      if (framed.passageFirst()) {
        return behindPassages(first, passages);
      }
      return between.length > 0
          ? twoSegments(before, first, between, after, passages)
          : oneSegment(before, first, "", after, passages);
    }
    if (!(role.template() instanceof RoleTemplate.Pair pair)) {
      throw new IllegalStateException("role " + role.name() + " encodes; it does not score pairs");
    }
    return pair.separate()
        ? twoSegments(bos, first, bos, append, passages)
        : oneSegment(bos, first, pair.separator(), append, passages);
  }

  private List<PreparedInput> twoSegments(
      int[] start, String first, int[] middle, int[] end, List<Passage> passages) {
    Cut query = cut(first, role.truncation().query() - start.length);
    int[] prefix = concat(start, query.ids(), middle);
    int room = role.truncation().passage() - middle.length - end.length;
    return passages.stream()
        .map(
            passage -> {
              Cut cut = cut(rendered(passage), room);
              return prepared(
                  concat(prefix, cut.ids(), end),
                  query.truncated() || cut.truncated(),
                  prefix.length);
            })
        .toList();
  }

  /** A frame whose query stands last: nothing is shared. */
  private List<PreparedInput> behindPassages(String query, List<Passage> passages) {
    Cut last = cut(query, role.truncation().query() - between.length - after.length);
    int[] end = concat(between, last.ids(), after);
    int room = role.truncation().passage() - before.length;
    return passages.stream()
        .map(
            passage -> {
              Cut cut = cut(rendered(passage), room);
              return prepared(
                  concat(before, cut.ids(), end), last.truncated() || cut.truncated(), 0);
            })
        .toList();
  }

  private List<PreparedInput> oneSegment(
      int[] start, String first, String separator, int[] end, List<Passage> passages) {
    return passages.stream()
        .map(passage -> oneSegment(start, first, separator, end, passage))
        .toList();
  }

  /** The query's text is cut at its own limit first, so that it can't crowd out the passage. */
  private PreparedInput oneSegment(
      int[] start, String first, String separator, int[] end, Passage passage) {
    Role.Truncation limits = role.truncation();
    int room = limits.query() - start.length;
    Tokenization tokens = tokenizer.tokenize(first, room + 1);
    boolean longQuery = tokens.size() > room;
    String head =
        longQuery
            ? first.substring(0, room == 0 ? 0 : wholeCharacters(first, tokens, room))
            : first;
    Cut cut =
        cut(
            head + separator + rendered(passage),
            limits.query() + limits.passage() - start.length - end.length);
    return prepared(concat(start, cut.ids(), end), longQuery || cut.truncated(), 0);
  }

  /** Where the first {@code count} tokens end, without half a character whose bytes are tokens. */
  private static int wholeCharacters(String text, Tokenization tokens, int count) {
    int end = tokens.ends()[count - 1];
    return tokens.starts()[count] < end ? tokens.starts()[count] : Math.min(end, text.length());
  }

  private PreparedInput single(String text, int limit) {
    Cut cut = cut(text, limit - bos.length - append.length);
    return prepared(concat(bos, cut.ids(), append), cut.truncated(), 0);
  }

  private PreparedInput prepared(int[] ids, boolean truncated, int sharedPrefix) {
    if (ids.length == 0) {
      throw new IllegalArgumentException(
          "role " + role.name() + ": a prompt without any token, of an empty text");
    }
    return new PreparedInput(ids, truncated, sharedPrefix);
  }

  private String rendered(Passage passage) {
    PromptTemplate template = passage.title().isEmpty() ? templates.untitled() : templates.titled();
    return template.fillPassage(passage.title(), passage.text());
  }

  private void requireEncoder() {
    if (role.isScorer()) {
      throw new IllegalStateException(
          "role " + role.name() + " scores pairs; it does not encode single texts");
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // local carrier
  private record Cut(int[] ids, boolean truncated) {}

  private Cut cut(String text, int room) {
    Tokenization tokens = tokenizer.tokenize(text, room + 1);
    return tokens.size() > room
        ? new Cut(Arrays.copyOf(tokens.ids(), room), true)
        : new Cut(tokens.ids(), false);
  }

  private static int[] concat(int[] first, int[] second, int[] third) {
    int[] all = Arrays.copyOf(first, first.length + second.length + third.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    System.arraycopy(third, 0, all, first.length + second.length, third.length);
    return all;
  }
}
