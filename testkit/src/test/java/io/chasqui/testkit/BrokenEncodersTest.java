package io.chasqui.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.Passage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Each test of the contract goes red on an encoder with the fault that it looks for. */
class BrokenEncodersTest {
  private static final Encoder GOOD = HashingEncoder.create();

  /** Hands the texts on, changed. */
  private static EncoderContract textsChanged(UnaryOperator<List<String>> change) {
    return broken(texts -> GOOD.encodeQueries(change.apply(texts)));
  }

  private static EncoderContract textChanged(UnaryOperator<String> change) {
    return textsChanged(texts -> texts.stream().map(change).toList());
  }

  private static EncoderContract broken(Function<List<String>, Embeddings> encode) {
    return () ->
        new Encoder() {
          @Override
          public EmbeddingSpace space() {
            return GOOD.space();
          }

          @Override
          public Embeddings encodeQueries(List<String> queries, Deadline deadline) {
            return encode.apply(queries);
          }

          @Override
          public Embeddings encodePassages(List<Passage> passages, Deadline deadline) {
            return encode.apply(passages.stream().map(Passage::text).toList());
          }
        };
  }

  private static void red(Executable test) {
    assertThrows(AssertionError.class, test);
  }

  @Test
  void missingRowsAndOtherDimensions() {
    red(textsChanged(t -> t.subList(1, t.size()))::thereIsOneRowPerTextOfTheSpacesDimension);
    Encoder narrow = HashingEncoder.create(8);
    red(broken(narrow::encodeQueries)::thereIsOneRowPerTextOfTheSpacesDimension);
  }

  @Test
  void batchesThatDisturbTheirTexts() {
    red(
        textsChanged(t -> t.stream().map(text -> text + " " + t.size()).toList())
            ::aBatchGivesWhatSingleTextsGive);
  }

  @Test
  void sortedButNotRestored() {
    red(textsChanged(t -> t.stream().sorted().toList())::rowsFollowTheOrderOfTheTexts);
    red(textChanged(t -> "same")::rowsFollowTheOrderOfTheTexts);
  }

  @Test
  void emptyListThatGivesARow() {
    red(textsChanged(t -> t.isEmpty() ? List.of("") : t)::anEmptyListGivesNoRows);
  }

  @Test
  void oddTextsThatDisturbTheOthers() {
    red(
        textsChanged(t -> t.contains("") ? t.stream().map(text -> text + " odd").toList() : t)
            ::oddTextsNeitherThrowNorDisturbTheOthers);
    red(
        textsChanged(t -> t.stream().filter(text -> !text.isBlank()).toList())
            ::oddTextsNeitherThrowNorDisturbTheOthers);
  }

  @Test
  void cutWithoutAFlag() {
    red(textChanged(t -> t.substring(0, Math.min(1000, t.length())))::aTextThatIsCutIsFlagged);
  }

  @Test
  void markupThatEndsTheText() {
    red(textChanged(t -> t.split("</s>", -1)[0])::markupOfTheModelIsOrdinaryText);
    red(textChanged(t -> t.replace("</s>", ""))::markupOfTheModelIsOrdinaryText);
  }

  @Test
  void resultsThatDependOnOtherCalls() {
    AtomicInteger calls = new AtomicInteger();
    red(textChanged(t -> t + " " + calls.incrementAndGet())::callsFromFourThreadsGiveTheSame);
    red(
        textChanged(
                t -> {
                  if (calls.incrementAndGet() % 20 == 0) {
                    throw new IllegalStateException("raced");
                  }
                  return t;
                })
            ::callsFromFourThreadsGiveTheSame);
  }

  @Test
  void deadlinesThatAreOverlooked() {
    red(textsChanged(ArrayList::new)::aPassedDeadlineStopsTheCall);
  }

  @Test
  void spacesThatChange() {
    AtomicInteger calls = new AtomicInteger();
    EncoderContract contract =
        () -> {
          calls.incrementAndGet();
          return HashingEncoder.create(8 + calls.get());
        };
    red(contract::theSpaceStaysTheSame);
  }
}
