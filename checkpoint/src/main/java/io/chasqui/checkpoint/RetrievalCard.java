package io.chasqui.checkpoint;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chasqui.ModelFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a checkpoint does not say of itself: the roles under which it is used. Stored as {@code
 * chasqui.json} beside {@code config.json}. Immutable.
 *
 * <pre>{@code
 * {
 *   "version": 1,
 *   "roles": {
 *     "repllama": {"preset": "repllama-v1", "adapter": "adapters/repllama",
 *                  "truncation": {"passage": 256}},
 *     "rankllama": {
 *       "tokens": {"bosId": 1, "appendIds": [], "padId": 0, "padSide": "right"},
 *       "template": {"mode": "pair", "query": "query: {query}",
 *                    "passage": "document: {title} {text}",
 *                    "passageWithoutTitle": "document: {text}"},
 *       "truncation": {"query": 33, "passage": 165},
 *       "pooling": "last",
 *       "head": {"linear": "score.weight"},
 *       "adapter": "adapters/rankllama"}}}
 * }</pre>
 *
 * A role with a {@code preset} states only what differs from it; null takes something away ({@code
 * "tokens": {"bosId": null}}). Template modes: {@code single} (an encoder), {@code pair} (a scorer,
 * two segments), {@code joined} (a scorer, one segment; with {@code separator}).
 *
 * <p>Vectors may go through dense layers in directories beside the card: {@code "output":
 * {"normalise": true, "dense": ["2_Dense", "3_Dense"]}}.
 *
 * <p>A card may say {@code "onnx": "onnx/model.onnx"}: then its roles run on that exported graph,
 * not on weights.
 *
 * @param roles by name, in the card's order
 * @param onnx the exported graph's file, relative to the card's directory, if there is one
 */
public record RetrievalCard(Map<String, Role> roles, Optional<String> onnx) {
  /** The file's name. */
  public static final String FILE = "chasqui.json";

  static final int VERSION = 1;

  /**
   * @throws IllegalArgumentException if a role stands under another name than its own
   */
  public RetrievalCard {
    roles = Collections.unmodifiableMap(new LinkedHashMap<>(roles));
    roles.forEach(
        (name, role) -> {
          if (!role.name().equals(name)) {
            throw new IllegalArgumentException("role " + role.name() + " under the name " + name);
          }
        });
  }

  /** A card over weights. */
  public RetrievalCard(Map<String, Role> roles) {
    this(roles, Optional.empty());
  }

  /** This card over an exported graph. */
  public RetrievalCard withOnnx(String file) {
    return new RetrievalCard(roles, Optional.of(file));
  }

  /** A card of these roles. */
  public static RetrievalCard of(Role... roles) {
    Map<String, Role> byName = new LinkedHashMap<>();
    for (Role role : roles) {
      if (byName.put(role.name(), role) != null) {
        throw new IllegalArgumentException("two roles with the name " + role.name());
      }
    }
    return new RetrievalCard(byName);
  }

  /**
   * Reads a card.
   *
   * @throws ModelFormatException naming the JSON path, if a field is unknown, missing, of another
   *     type, or contradicts another
   */
  public static RetrievalCard read(Path file) throws IOException {
    return CardReader.read(file, Json.readObject(file));
  }

  /** Writes the card, every section in full, as {@link #read} reads it. */
  public void write(Path file) throws IOException {
    ObjectNode root = Json.MAPPER.createObjectNode();
    root.put("version", VERSION);
    onnx.ifPresent(graph -> root.put("onnx", graph));
    ObjectNode byName = root.putObject("roles");
    roles.forEach((name, role) -> byName.set(name, CardWriter.role(role)));
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    Files.write(
        file,
        (Json.MAPPER.writer(printer).writeValueAsString(root) + "\n")
            .getBytes(StandardCharsets.UTF_8));
  }
}
