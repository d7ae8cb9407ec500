package io.chasqui.examples;

import io.chasqui.Passage;
import io.chasqui.Retriever;
import io.chasqui.ScoredPassage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A RAG component to copy: finds passages, puts them into a prompt, has a language model answer,
 * and says which passages the answer cites.
 *
 * <p>It depends on two interfaces with one method each, {@link Retriever} (a {@link
 * io.chasqui.Pipeline} is one) and {@link LanguageModel}, so that its test needs no model and no
 * index: see {@code UnitTestingRagTest}. Thread-safe if they are.
 */
public final class RagAnswerer {
  private static final Pattern CITATION = Pattern.compile("\\[(\\d{1,3})]");

  private static final String INSTRUCTION =
      """
      Answer the question from the numbered passages alone and cite them as [1].
      If they do not hold the answer, say that they do not.

      """;

  private final Retriever search;
  private final LanguageModel model;
  private final Options options;

  /** Whatever completes a prompt: a remote service, a local model, a lambda in a test. */
  @FunctionalInterface
  public interface LanguageModel {
    /** The completion of {@code prompt}. */
    String complete(String prompt);
  }

  /**
   * How much the prompt may hold.
   *
   * @param passages passages asked of the retriever
   * @param maxCharacters of all passages together; those that no longer fit are left out whole
   */
  public record Options(int passages, int maxCharacters) {
    public Options {
      if (passages < 1 || maxCharacters < 1) {
        throw new IllegalArgumentException(
            "passages and maxCharacters must be positive: " + passages + ", " + maxCharacters);
      }
    }

    /** Five passages, 6,000 characters. */
    public static Options defaults() {
      return new Options(5, 6_000);
    }

    public Options withPassages(int passages) {
      return new Options(passages, maxCharacters);
    }

    public Options withMaxCharacters(int maxCharacters) {
      return new Options(passages, maxCharacters);
    }
  }

  /**
   * An answer and what it rests on.
   *
   * @param text as the model wrote it
   * @param cited the passages that it names as {@code [1]}, in the order of first mention
   */
  public record Answer(String text, List<Passage> cited) {
    public Answer {
      cited = List.copyOf(cited);
    }
  }

  public RagAnswerer(Retriever search, LanguageModel model, Options options) {
    this.search = Objects.requireNonNull(search, "search");
    this.model = Objects.requireNonNull(model, "model");
    this.options = Objects.requireNonNull(options, "options");
  }

  /** Answers from the passages found; without any, says so and does not ask the model. */
  public Answer answer(String question) {
    List<Passage> context = context(question);
    if (context.isEmpty()) {
      return new Answer("I found nothing about that.", List.of());
    }
    String text = model.complete(prompt(question, context));
    return new Answer(text, cited(text, context));
  }

  /** The prompt that the model gets. */
  static String prompt(String question, List<Passage> context) {
    StringBuilder prompt = new StringBuilder(INSTRUCTION);
    for (int i = 0; i < context.size(); i++) {
      Passage passage = context.get(i);
      prompt.append('[').append(i + 1).append("] ");
      if (!passage.title().isEmpty()) {
        prompt.append(passage.title()).append(": ");
      }
      prompt.append(passage.text().strip()).append('\n');
    }
    return prompt.append("\nQuestion: ").append(question.strip()).append("\nAnswer:").toString();
  }

  private List<Passage> context(String question) {
    List<Passage> context = new ArrayList<>();
    int characters = 0;
    for (ScoredPassage hit : search.retrieve(question, options.passages())) {
      int size = hit.passage().title().length() + hit.passage().text().length();
      if (characters + size <= options.maxCharacters()) {
        context.add(hit.passage());
        characters += size;
      }
    }
    return context;
  }

  private static List<Passage> cited(String text, List<Passage> context) {
    List<Passage> cited = new ArrayList<>();
    Matcher citations = CITATION.matcher(text);
    while (citations.find()) {
      int number = Integer.parseInt(citations.group(1));
      if (number >= 1 && number <= context.size() && !cited.contains(context.get(number - 1))) {
        cited.add(context.get(number - 1));
      }
    }
    return cited;
  }
}
