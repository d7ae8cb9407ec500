package io.chasqui.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.ModelFormatException;
import io.chasqui.checkpoint.Role.Attention;
import io.chasqui.checkpoint.Role.Output;
import io.chasqui.checkpoint.Role.Pooling;
import io.chasqui.checkpoint.Role.Truncation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * A directory as sentence-transformers writes it: {@code modules.json} names the steps from text to
 * vector. The steps that are known are the model itself, pooling, dense layers and normalising;
 * another is an error that names it, since leaving a step out would give other vectors.
 *
 * <p>Vectors are normalised if there is such a step, or if they are meant to be compared by cosine
 * (which is what sentence-transformers does unless told otherwise): then the dot product of two is
 * their similarity, as everywhere in this library.
 *
 * @see <a href="https://sbert.net/docs/package_reference/sentence_transformer/models.html">Sentence
 *     Transformers: modules</a>
 */
final class SentenceTransformers {
  static final String MODULES = "modules.json";
  static final String ROLE = "sentence-transformers";
  private static final String CONFIG = "config_sentence_transformers.json";
  private static final String TRANSFORMER_CONFIG = "sentence_bert_config.json";
  private static final List<String> PASSAGE_PROMPTS = List.of("document", "passage", "corpus");

  private final Path directory;
  private final Path file;
  private final List<Module> modules;

  /**
   * A step.
   *
   * @param type last part of its class's name
   * @param path of its directory, relative
   * @param place for messages
   */
  private record Module(String type, String path, Path directory, String place) {}

  private SentenceTransformers(Path directory, Path file, List<Module> modules) {
    this.directory = directory;
    this.file = file;
    this.modules = modules;
  }

  static boolean isIn(Path directory) {
    return Files.exists(directory.resolve(MODULES));
  }

  /**
   * Reads the list of modules.
   *
   * @throws ModelFormatException if it is malformed, or does not begin with a transformer
   */
  static SentenceTransformers read(Path directory) throws IOException {
    Path file = directory.resolve(MODULES);
    JsonNode list = Json.read(file);
    if (!(list instanceof ArrayNode) || list.isEmpty()) {
      throw new ModelFormatException(file, "$", "expected a list of modules");
    }
    List<Module> modules = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      String place = "$[" + i + "]";
      if (!(list.get(i) instanceof ObjectNode node)) {
        throw new ModelFormatException(file, place, "expected an object");
      }
      JsonFields fields = new JsonFields(file, place, node);
      String type = fields.string("type").orElseThrow(() -> fields.expected("type", "a class"));
      if (!type.startsWith("sentence_transformers.")) {
        throw fields.problem("type", "is code of the model's own: " + JsonFields.cut(type));
      }
      String path = fields.string("path").orElse("");
      if (!isPlain(path)) {
        throw fields.expected("path", "a directory below this one");
      }
      modules.add(
          new Module(
              type.substring(type.lastIndexOf('.') + 1), path, directory.resolve(path), place));
    }
    if (!modules.get(0).type().equals("Transformer")) {
      throw new ModelFormatException(
          file, "$[0].type", "expected a Transformer, found " + modules.get(0).type());
    }
    return new SentenceTransformers(directory, file, modules);
  }

  private static boolean isPlain(String path) {
    return path.isEmpty()
        || (path.chars().noneMatch(c -> c == '\\' || c == ':' || c < ' ')
            && Stream.of(path.split("/", -1))
                .noneMatch(part -> part.isEmpty() || part.equals("..") || part.equals(".")));
  }

  /** Where the list lies. */
  Path directory() {
    return directory;
  }

  /** Where config, weights and tokenizer lie. */
  Path transformer() {
    return modules.get(0).directory();
  }

  /**
   * The convention as a role, which bears the name {@link #ROLE}.
   *
   * @throws ModelFormatException naming file and field of what is not supported
   */
  Role role(ModelSource source) throws IOException {
    Attention attention =
        source instanceof CheckpointSource checkpoint
            ? checkpoint.attention()
            : Attention.BIDIRECTIONAL; // said of weights only; a graph looks as it does
    Optional<Pooling> pooling = Optional.empty();
    List<String> dense = new ArrayList<>();
    boolean normalise = false;
    boolean poolsItself = source instanceof GraphSource graph && graph.poolsItself();
    JsonFields config = fieldsIfThere(directory.resolve(CONFIG));
    Prompts prompts = prompts(config);
    for (Module module : modules.subList(1, modules.size())) {
      if (module.type().equals("Pooling") && pooling.isEmpty()) {
        OptionalInt width = poolsItself ? OptionalInt.empty() : OptionalInt.of(source.width());
        pooling = Optional.of(pooling(module, width, prompts));
      } else if (module.type().equals("Dense") && pooling.isPresent() && !normalise) {
        dense.add(module.path());
      } else if (module.type().equals("Normalize") && pooling.isPresent()) {
        normalise = true;
      } else {
        throw new ModelFormatException(
            file,
            module.place() + ".type",
            "the step "
                + module.type()
                + " is not supported here; supported are a Transformer, one Pooling, Dense layers,"
                + " Normalize");
      }
    }
    if (pooling.isEmpty()) {
      throw new ModelFormatException(file, "$", "there is no Pooling among the modules");
    }
    int limit = limit(source.maxPositions());
    Role role =
        new Role(
            ROLE,
            attention,
            tokens(),
            new RoleTemplate.Single(
                prompts.query() + "{query}",
                prompts.passage() + "{title} {text}",
                prompts.passage() + "{text}"),
            new Truncation(limit, limit),
            pooling.get(),
            new Output(
                normalise || isCosine(config, normalise),
                Optional.empty(),
                poolsItself ? List.of() : dense), // a graph that pools has its layers inside
            Optional.empty(),
            Optional.empty());
    try {
      RoleTemplates.of(role);
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException(config.file(), "prompts", String.valueOf(e.getMessage()), e);
    }
    return role;
  }

  private Role.Tokens tokens() throws IOException {
    try {
      return SpecialTokens.read(transformer()).toRoleTokens();
    } catch (IllegalStateException e) {
      throw new ModelFormatException(
          JsonTokenizer.tokenizerFile(transformer()),
          "$.post_processor",
          String.valueOf(e.getMessage()),
          e);
    }
  }

  /**
   * @param width of what is pooled, if it is known
   */
  private static Pooling pooling(Module module, OptionalInt width, Prompts prompts)
      throws IOException {
    JsonFields config = JsonFile.readObject(module.directory().resolve("config.json"));
    for (String name : List.of("word_embedding_dimension", "embedding_dimension")) {
      OptionalInt stated = config.positive(name);
      if (stated.isPresent() && width.isPresent() && stated.getAsInt() != width.getAsInt()) {
        throw config.problem(
            name, stated.getAsInt() + ", but the model's width is " + width.getAsInt());
      }
    }
    Pooling pooling = PoolingField.read(config);
    if (!config.flag("include_prompt", true) && pooling != Pooling.LAST && !prompts.isEmpty()) {
      throw config.problem(
          "include_prompt", "is false: pooling without the prompt's tokens is not supported");
    }
    return pooling;
  }

  /**
   * What is put before texts.
   *
   * @param query before queries
   * @param passage before passages
   */
  private record Prompts(String query, String passage) {
    boolean isEmpty() {
      return query.isEmpty() && passage.isEmpty();
    }
  }

  private static Prompts prompts(JsonFields config) {
    Optional<JsonFields> prompts = config.object("prompts");
    Optional<String> defaultName = config.string("default_prompt_name");
    String byDefault = "";
    if (defaultName.isPresent()) {
      byDefault =
          prompts
              .flatMap(all -> all.string(defaultName.get()))
              .orElseThrow(() -> config.problem("default_prompt_name", "is none of the prompts"));
    }
    Optional<String> query = prompts.flatMap(all -> all.string("query"));
    Optional<String> passage =
        PASSAGE_PROMPTS.stream()
            .flatMap(name -> prompts.flatMap(all -> all.string(name)).stream())
            .findFirst();
    return new Prompts(query.orElse(byDefault), passage.orElse(byDefault));
  }

  /** {@code max_seq_length}, else the tokenizer's limit, but never more than the model has. */
  private int limit(int positions) throws IOException {
    JsonFields transformer = fieldsIfThere(transformer().resolve(TRANSFORMER_CONFIG));
    if (transformer.flag("do_lower_case", false)) {
      throw transformer.problem("do_lower_case", "true is not supported");
    }
    OptionalInt stated = transformer.positive("max_seq_length");
    if (stated.isPresent()) {
      return Math.min(stated.getAsInt(), positions);
    }
    return TextLimit.of(transformer(), positions);
  }

  private static boolean isCosine(JsonFields config, boolean normalised) {
    String similarity = config.string("similarity_fn_name").orElse("cosine");
    return switch (similarity) {
      case "cosine" -> true;
      case "dot", "dot_score" -> false;
      default -> {
        if (normalised) {
          yield true; // then every measure gives one order
        }
        throw config.problem(
            "similarity_fn_name",
            "\"" + JsonFields.cut(similarity) + "\" is not supported; supported: cosine, dot");
      }
    };
  }

  private static JsonFields fieldsIfThere(Path file) throws IOException {
    return Files.exists(file)
        ? JsonFile.readObject(file)
        : new JsonFields(file, "", Json.MAPPER.createObjectNode());
  }
}
