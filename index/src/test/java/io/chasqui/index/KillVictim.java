package io.chasqui.index;

import io.chasqui.Deadline;
import io.chasqui.EmbeddingSpace;
import io.chasqui.Embeddings;
import io.chasqui.Encoder;
import io.chasqui.Passage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A process that writes an index until it is killed, and says what it does before it does it. Each
 * line ends with a semicolon, so that one cut short by the kill is known.
 */
final class KillVictim {
  static final int JOB_PASSAGES = 400;
  private static final IndexJobOptions JOB =
      IndexJobOptions.defaults().withBatchSize(8).withCommitEvery(24).withTotal(JOB_PASSAGES);

  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private KillVictim() {}

  /** Arguments: "write" or "job", the index directory, the number of the first step. */
  public static void main(String[] args) throws IOException {
    KillVictim victim = new KillVictim();
    Path place = Path.of(args[1]);
    try (PassageIndex index = victim.open(place)) {
      victim.say("ready");
      if (args[0].equals("job")) {
        victim.job(index);
      } else {
        victim.write(index, Integer.parseInt(args[2]));
      }
    }
  }

  private void say(String what) {
    out.println(what + ";");
  }

  private PassageIndex open(Path place) throws IOException {
    FileLayer files = told();
    return new Store(files, place).generations().isEmpty()
        ? PassageIndex.create(files, place, KillState.SPACE, KillState.OPTIONS)
        : PassageIndex.open(files, place);
  }

  /** The disk; says which file is created, and what has been published. */
  private FileLayer told() {
    return Intercepted.layer(
        DiskFiles.INSTANCE,
        (method, call) -> {
          if (method.equals("create")) {
            say("file");
          }
          Object result = call.proceed();
          if (method.equals("publish")) {
            say("published");
          }
          return result;
        });
  }

  private void write(PassageIndex index, int first) throws IOException {
    KillState state = KillState.of(index);
    for (int step = first; true; step++) {
      say("changing " + step);
      state = state.step(step, Optional.of(index));
      if (KillState.compacts(step)) {
        say("compacting " + step);
        index.compact();
      } else {
        say("committing " + step);
        index.commit();
      }
      say("acknowledged " + step);
    }
  }

  private void job(PassageIndex index) throws IOException {
    IndexJob.run(
        index, encoder(), jobPassages(), JOB, progress -> say("acknowledged " + index.size()));
    say("finished " + index.size());
  }

  static List<Passage> jobPassages() {
    List<Passage> passages = new ArrayList<>();
    for (int i = 0; i < JOB_PASSAGES; i++) {
      passages.add(Passage.of(String.format("j%05d", i), "passage " + i));
    }
    return passages;
  }

  /** Says what it encodes. */
  private Encoder encoder() {
    return new Encoder() {
      @Override
      public EmbeddingSpace space() {
        return KillState.SPACE;
      }

      @Override
      public Embeddings encodeQueries(List<String> queries, Deadline deadline) {
        throw new UnsupportedOperationException("no queries here");
      }

      @Override
      public Embeddings encodePassages(List<Passage> passages, Deadline deadline) {
        say("encoding " + String.join(" ", passages.stream().map(Passage::id).toList()));
        return KillState.vectors(passages);
      }
    };
  }
}
