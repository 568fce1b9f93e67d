package com.mcpist.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.pair.data.PairException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetsTest {
  private static final Path DATA = Path.of("/data");

  @Test
  void itIsSaidWhichPairIsBroken() {
    Plan both = new Plan(List.of(Fault.KILL, Fault.PARTITION, Fault.RESET), 1, 1);
    Plan links = new Plan(List.of(Fault.RESET), 1, 1);

    assertThat(Targets.announcement(both, DATA, true))
        .isEqualTo("The pair in /data is broken; for partition, reset a throw-away pair.");
    assertThat(Targets.announcement(new Plan(List.of(Fault.KILL), 1, 1), DATA, true))
        .isEqualTo("The pair in /data is broken.");
    assertThat(Targets.announcement(both, DATA, false)).startsWith("No pair is up in /data");
    assertThat(Targets.announcement(links, DATA, false)).startsWith("A throw-away pair is broken");
  }

  @Test
  void oneDrillAtATimeIsOnAPair(@TempDir Path data) throws Exception {
    Files.createDirectory(data.resolve("run"));
    try (DrillLock _ = DrillLock.take(data)) {
      assertThatExceptionOfType(PairException.class)
          .isThrownBy(() -> DrillLock.take(data))
          .withMessageContaining("another drill");
    }
    DrillLock.take(data).close();
  }
}
