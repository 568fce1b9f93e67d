package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.pair.data.PairException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A keeper of one program, whose work is a line of shell. */
abstract class KeeperCase {
  static final Duration LIMIT = Duration.ofSeconds(30);
  static final String IDLE = "while :; do sleep 0.1; done";

  final List<String> told = new CopyOnWriteArrayList<>();
  private final ProcessEvents events =
      new ProcessEvents() {
        @Override
        public void restarted(String name, long pid) {
          told.add("restarted " + name);
        }

        @Override
        public void died(String name, String how, Duration delay) {
          told.add("died " + name + ": " + how + ", " + delay.toMillis());
        }
      };
  final Takeover takeover = new Takeover();
  Path folder;
  private @Nullable Keeper keeper;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  KeeperCase() {}

  @BeforeEach
  void prepare(@TempDir Path temp) {
    folder = temp;
  }

  @AfterEach
  void stop() throws InterruptedException {
    Keeper kept = keeper;
    if (kept != null) {
      kept.stop();
      assertThat(kept.pid()).isEmpty();
    }
  }

  final void restartInVain(Keeper kept) {
    try {
      kept.restart(LIMIT, LIMIT);
    } catch (PairException e) {
      told.add("in vain: " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  final Program never(String script) {
    return new ShellProgram("it", script, folder.resolve("never"), Duration.ofSeconds(5), true);
  }

  final void overlapInVain(Keeper kept, Program next) {
    try {
      kept.overlap(next, takeover, LIMIT, LIMIT);
    } catch (PairException e) {
      told.add("in vain: " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  final Program overlapping(String script) throws java.io.IOException {
    return new ShellProgram("it", script, ready(), Duration.ofSeconds(5), true);
  }

  final Path ready() throws java.io.IOException {
    return Files.writeString(folder.resolve("ready"), "");
  }

  final Keeper keep(String script, boolean ready) throws java.io.IOException {
    Path file = ready ? ready() : folder.resolve("never");
    return keep(new ShellProgram("it", script, file, Duration.ofSeconds(5)));
  }

  final Keeper keep(Program program) {
    Keeper kept = new Keeper(program, folder, events);
    keeper = kept;
    kept.start();
    return kept;
  }

  final String log() throws java.io.IOException {
    return Files.readString(folder.resolve("it.log"));
  }
}
