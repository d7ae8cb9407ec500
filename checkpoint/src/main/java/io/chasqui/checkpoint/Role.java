package io.chasqui.checkpoint;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * One convention under which a base model is used: all that a checkpoint does not say of itself. A
 * retrieval card has several by name. Immutable.
 *
 * @param name "repllama"
 * @param attention which positions see which
 * @param tokens special tokens, by id
 * @param template how texts become prompts
 * @param truncation how long they may be
 * @param pooling which hidden state is taken
 * @param output what is done to a pooled vector; of an encoder
 * @param head what makes a score of it; of a scorer, absent for an encoder
 * @param adapter directory of the LoRA adapter, relative to the card's directory
 * @param instruction what templates with {@code {instruction}} are filled with; absent if they have
 *     no such place
 */
public record Role(
    String name,
    Attention attention,
    Tokens tokens,
    RoleTemplate template,
    Truncation truncation,
    Pooling pooling,
    Output output,
    Optional<ScoreHead> head,
    Optional<String> adapter,
    Optional<String> instruction) {
  public Role {
    Objects.requireNonNull(name, "name");
    if (name.isEmpty()) {
      throw new IllegalArgumentException("role name must not be empty");
    }
    if (head.isPresent() == (template instanceof RoleTemplate.Single)) {
      throw new IllegalArgumentException(
          "role " + name + ": a template for pairs and a score head go together");
    }
  }

  /** A role whose templates have no place for an instruction. */
  public Role(
      String name,
      Attention attention,
      Tokens tokens,
      RoleTemplate template,
      Truncation truncation,
      Pooling pooling,
      Output output,
      Optional<ScoreHead> head,
      Optional<String> adapter) {
    this(
        name,
        attention,
        tokens,
        template,
        truncation,
        pooling,
        output,
        head,
        adapter,
        Optional.empty());
  }

  /**
   * An encoder without prompts: texts as they are, in both directions, normalised.
   *
   * @param tokens around each text
   * @param pooling which hidden state is taken, where the model leaves that open
   * @param limit in tokens, special tokens included
   */
  public static Role encoder(String name, Tokens tokens, Pooling pooling, int limit) {
    return new Role(
        name,
        Attention.BIDIRECTIONAL,
        tokens,
        new RoleTemplate.Single("{query}", "{title} {text}", "{text}"),
        new Truncation(limit, limit),
        pooling,
        new Output(true, Optional.empty()),
        Optional.empty(),
        Optional.empty());
  }

  /** Whether this role scores pairs; otherwise it encodes. */
  public boolean isScorer() {
    return head.isPresent();
  }

  /**
   * Ids that frame prompts: BOS, the appended ones and those of a frame. No text may yield them.
   */
  public Set<Integer> specialIds() {
    Set<Integer> ids = new TreeSet<>(tokens.append());
    tokens.bos().ifPresent(ids::add);
    if (template instanceof RoleTemplate.Framed framed) {
      Stream.of(framed.before(), framed.between(), framed.after())
          .flatMap(List::stream)
          .forEach(
              part -> {
                if (part instanceof RoleTemplate.Part.Id id) {
                  ids.add(id.id());
                }
              });
    }
    return ids;
  }

  /** This role under another name. */
  public Role withName(String name) {
    return new Role(
        name, attention, tokens, template, truncation, pooling, output, head, adapter, instruction);
  }

  /** This role with other sight. */
  public Role withAttention(Attention attention) {
    return new Role(
        name, attention, tokens, template, truncation, pooling, output, head, adapter, instruction);
  }

  /** This role with other special tokens. */
  public Role withTokens(Tokens tokens) {
    return new Role(
        name, attention, tokens, template, truncation, pooling, output, head, adapter, instruction);
  }

  /** This role with another template. */
  public Role withTemplate(RoleTemplate template) {
    return new Role(
        name, attention, tokens, template, truncation, pooling, output, head, adapter, instruction);
  }

  /** This role with other limits. */
  public Role withTruncation(Truncation truncation) {
    return new Role(
        name, attention, tokens, template, truncation, pooling, output, head, adapter, instruction);
  }

  /** This role with another pooling. */
  public Role withPooling(Pooling pooling) {
    return new Role(
        name, attention, tokens, template, truncation, pooling, output, head, adapter, instruction);
  }

  /** This role with another output. */
  public Role withOutput(Output output) {
    return new Role(
        name, attention, tokens, template, truncation, pooling, output, head, adapter, instruction);
  }

  /** This role with the adapter in a directory beside the card. */
  public Role withAdapter(String directory) {
    return withAdapter(Optional.of(directory));
  }

  /** This role without adapter. */
  public Role withoutAdapter() {
    return withAdapter(Optional.empty());
  }

  private Role withAdapter(Optional<String> adapter) {
    return new Role(
        name, attention, tokens, template, truncation, pooling, output, head, adapter, instruction);
  }

  /** This role with another score head. */
  public Role withHead(ScoreHead head) {
    return new Role(
        name,
        attention,
        tokens,
        template,
        truncation,
        pooling,
        output,
        Optional.of(head),
        adapter,
        instruction);
  }

  /** This role with vectors of the first so many dimensions (Matryoshka). */
  public Role withDimensions(int dimensions) {
    return withOutput(output.withDimensions(dimensions));
  }

  /**
   * This role with another instruction.
   *
   * @throws IllegalArgumentException if its templates have no place for one
   */
  public Role withInstruction(String instruction) {
    if (!RoleTemplates.takesInstruction(template)) {
      throw new IllegalArgumentException(
          "role " + name + ": its templates have no place for an instruction: " + template);
    }
    return new Role(
        name,
        attention,
        tokens,
        template,
        truncation,
        pooling,
        output,
        head,
        adapter,
        Optional.of(instruction));
  }

  /** Which positions a token sees. */
  public enum Attention {
    CAUSAL,
    BIDIRECTIONAL
  }

  /** Where padding goes. */
  public enum PadSide {
    LEFT,
    RIGHT
  }

  /** Which hidden state (after the final norm) stands for the text. */
  public enum Pooling {
    /** Of the last real token, found from the mask. */
    LAST,
    /** The mean over real tokens. */
    MEAN,
    /** Of the first real token. */
    CLS
  }

  /**
   * Special tokens, by id.
   *
   * @param bos put before each segment, but not those of a frame; absent if none is
   * @param append put after the cut, so that no truncation loses them: the EOS
   * @param pad fills rows of a batch; never seen by attention or pooling
   * @param padSide where it goes
   */
  public record Tokens(Optional<Integer> bos, List<Integer> append, int pad, PadSide padSide) {
    public Tokens {
      append = List.copyOf(append);
    }
  }

  /**
   * Limits in tokens, special tokens included.
   *
   * @param query of a query (an encoder's), or of a pair's first segment
   * @param passage of a passage (an encoder's), or of a pair's second segment
   */
  public record Truncation(int query, int passage) {
    public Truncation {
      if (query < 1 || passage < 1) {
        throw new IllegalArgumentException(
            "limits must be positive: query " + query + ", passage " + passage);
      }
    }
  }

  /**
   * What is done to a pooled vector, in the order dense, dimensions, normalise.
   *
   * @param normalise whether it is divided by its length
   * @param dimensions first so many are kept, before normalising (Matryoshka); empty for all
   * @param dense directories of the layers that it goes through ({@link DenseLayer}), relative to
   *     the card's directory
   */
  public record Output(boolean normalise, Optional<Integer> dimensions, List<String> dense) {
    public Output {
      dense = List.copyOf(dense);
    }

    /** Without layers. */
    public Output(boolean normalise, Optional<Integer> dimensions) {
      this(normalise, dimensions, List.of());
    }

    /** This output with so many dimensions. */
    public Output withDimensions(int dimensions) {
      return new Output(normalise, Optional.of(dimensions), dense);
    }

    /** This output without layers. */
    public Output withoutDense() {
      return new Output(normalise, dimensions, List.of());
    }
  }
}
