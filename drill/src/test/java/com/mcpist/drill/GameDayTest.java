package com.mcpist.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.drill.GameDay.Plan;
import com.mcpist.drill.tool.CountingServer.Settings;
import com.mcpist.drill.tool.Tool;
import com.mcpist.pair.data.PairException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GameDayTest {
  private static final Path DATA = Path.of("/data");

  @Test
  void itIsSaidWhichPairIsBroken() {
    Plan both = plan(List.of(Fault.KILL, Fault.PARTITION, Fault.RESET), Tool.MEMORY);
    Plan links = plan(List.of(Fault.RESET), Tool.MEMORY);

    assertThat(GameDay.announcement(both, DATA, true))
        .isEqualTo(
            "Breaking the pair in /data, and for partition, reset a throw-away pair. Its data"
                + " stays.");
    assertThat(GameDay.announcement(plan(List.of(Fault.KILL), Tool.MEMORY), DATA, true))
        .isEqualTo("Breaking the pair in /data. Its data stays.");
    assertThat(GameDay.announcement(both, DATA, false)).startsWith("No pair is up in /data");
    assertThat(GameDay.announcement(links, DATA, false)).startsWith("Breaking a throw-away pair");
  }

  @Test
  void mountedToolsAreOfAThrowAwayPair() {
    Plan mounted = plan(List.of(Fault.KILL), Tool.ONCE);
    Plan all = plan(List.of(Fault.KILL, Fault.RESET), Tool.values());

    assertThat(GameDay.announcement(mounted, DATA, false))
        .startsWith("Breaking a throw-away pair: mounted tools");
    assertThat(GameDay.announcement(all, DATA, true))
        .isEqualTo(
            "Breaking the pair in /data, and for reset, mounted tools a throw-away pair. Its data"
                + " stays.");
    assertThat(mounted.reports()).as("two transports").isEqualTo(2);
    assertThat(all.reports()).isEqualTo(2 * (1 + 4 * 2));
  }

  private static Plan plan(List<Fault> faults, Tool... tools) {
    Settings settings = new Settings(Duration.ZERO, Duration.ZERO, 0);
    return new Plan(faults, List.of(tools), 1, 1, settings);
  }

  @Test
  void oneDrillAtATimeIsOnAPair(@TempDir Path data) throws Exception {
    Files.createDirectory(data.resolve("run"));
    try (FileChannel _ = GameDay.lock(data)) {
      assertThatExceptionOfType(PairException.class)
          .isThrownBy(() -> GameDay.lock(data))
          .withMessageContaining("another drill");
    }
    GameDay.lock(data).close();
  }
}
