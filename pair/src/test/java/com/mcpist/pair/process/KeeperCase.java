package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.Keeper.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
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
  final List<Keeper.Death> deaths = new CopyOnWriteArrayList<>();
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
      assertThat(kept.pid()).isNull();
    }
  }

  /** Another process beside the one that is kept, which does not get ready. */
  final Thread succeedInVain(Keeper kept) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                kept.succeed(LIMIT);
              } catch (PairException e) {
                told.add("in vain: " + e.getMessage());
              } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
              }
            });
  }

  final Program program(String script, Path ready) {
    return new ShellProgram("it", script, ready, LIMIT);
  }

  final Program program(String script) throws java.io.IOException {
    return program(script, ready());
  }

  final Path ready() throws java.io.IOException {
    return Files.writeString(folder.resolve("ready"), "");
  }

  final Keeper keep(String script, boolean ready) throws java.io.IOException {
    Path file = ready ? ready() : folder.resolve("never");
    return keep(program(script, file));
  }

  final Keeper keep(Program program) {
    Keeper kept = new Keeper(program, folder, told::add, deaths::add);
    keeper = kept;
    kept.start();
    return kept;
  }

  static ProcessHandle process(Keeper kept) {
    return ProcessHandle.of(Objects.requireNonNull(kept.pid())).orElseThrow();
  }

  final String log() throws java.io.IOException {
    return Files.readString(folder.resolve("it.log"));
  }
}
