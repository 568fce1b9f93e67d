package com.mcpist.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.drill.GameDay.Plan;
import com.mcpist.pair.data.PairException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GameDayTest {
  private static final Path DATA = Path.of("/data");

  @Test
  void itIsSaidWhichPairIsBroken() {
    Plan both = new Plan(List.of(Fault.KILL, Fault.PARTITION, Fault.RESET), 1, 1);
    Plan links = new Plan(List.of(Fault.RESET), 1, 1);

    assertThat(GameDay.announcement(both, DATA, true))
        .isEqualTo(
            "Breaking the pair in /data, and for partition, reset a throw-away pair. Its data"
                + " stays.");
    assertThat(GameDay.announcement(new Plan(List.of(Fault.KILL), 1, 1), DATA, true))
        .isEqualTo("Breaking the pair in /data. Its data stays.");
    assertThat(GameDay.announcement(both, DATA, false)).startsWith("No pair is up in /data");
    assertThat(GameDay.announcement(links, DATA, false)).startsWith("Breaking a throw-away pair");
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
