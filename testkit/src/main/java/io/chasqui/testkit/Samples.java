package io.chasqui.testkit;

import io.chasqui.Metadata;
import io.chasqui.Passage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Texts that the contracts use, and four threads to run a call on. */
final class Samples {
  private static final int THREADS = 4;
  private static final int ROUNDS = 3;
  private static final int HUGE_WORDS = 40_000;

  static final String QUERY = "how do llamas carry a load over the mountains";

  static final List<String> TEXTS =
      List.of(
          "Llamas carry loads of thirty kilograms over mountain passes.",
          "A knotted cord records numbers.",
          "Runners hand the message over at each post, so that it never rests.",
          "Rope bridges are renewed every year by the villages on both sides of the gorge.",
          "Terraces keep the soil from washing away.",
          "short",
          "Freeze-dried potatoes last for years. They are trodden, frozen at night and dried by day.");

  private Samples() {}

  /** Passages with metadata "number" (a long) and "parity" ("even", "odd"). */
  static List<Passage> passages() {
    List<Passage> passages = new ArrayList<>();
    for (int i = 0; i < TEXTS.size(); i++) {
      passages.add(
          Passage.of("p" + i, i % 3 == 0 ? "" : "Title " + i, TEXTS.get(i))
              .withMetadata(Metadata.of("number", i).with("parity", i % 2 == 0 ? "even" : "odd")));
    }
    return passages;
  }

  /** Texts that users do send. */
  static List<String> oddTexts() {
    return List.of(
        "",
        " \t\n",
        "\uD83D",
        "before \uDE00 after",
        "nul \u0000 inside",
        "<s> </s> <unk> <pad> [CLS] [SEP] <|endoftext|>",
        "\u200b\u202e\ufeff",
        "😀".repeat(50),
        huge("end"));
  }

  /** Longer than any model reads. */
  static String huge(String lastWord) {
    return "word ".repeat(HUGE_WORDS) + lastWord;
  }

  /** The results of the same call, made several times on each of four threads at once. */
  static <T> List<T> concurrently(Callable<T> call) throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Callable<T>> calls = new ArrayList<>();
      for (int i = 0; i < THREADS * ROUNDS; i++) {
        calls.add(call);
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : threads.invokeAll(calls)) {
        results.add(future.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw new AssertionError("a concurrent call failed: " + e.getCause(), e);
    } finally {
      threads.shutdownNow();
    }
  }
}
