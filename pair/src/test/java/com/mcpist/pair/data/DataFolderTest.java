package com.mcpist.pair.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.pair.data.DataFolder.RunningPair;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
  @Test
  void itIsItsOwnersAlone(@TempDir Path temp) throws Exception {
    try (DataFolder folder = DataFolder.open(temp.resolve("a/b"))) {
      for (Path path : new Path[] {folder.path(), folder.logs(), folder.run()}) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
            .isEqualTo("rwx------");
      }
    }
  }

  @Test
  void whereItIsWhenNobodySays() {
    assertThat(DataFolder.standard(Map.of("XDG_DATA_HOME", "/srv/data")))
        .isEqualTo(Path.of("/srv/data/mcpist"));
    Map<String, String> home = Map.of("HOME", "/home/me");
    assertThat(DataFolder.standard(home)).isEqualTo(Path.of("/home/me/.local/share/mcpist"));
    assertThat(DataFolder.cache(home)).isEqualTo(Path.of("/home/me/.cache/mcpist"));
    assertThat(DataFolder.standard(Map.of("XDG_DATA_HOME", "relative", "HOME", "/home/me")))
        .isEqualTo(DataFolder.standard(home));
    assertThat(DataFolder.standard(Map.of()))
        .isEqualTo(Path.of(System.getProperty("user.home"), ".local", "share", "mcpist"));
  }

  @Test
  void aFileInTheWayIsNamed(@TempDir Path temp) throws Exception {
    Path file = Files.writeString(temp.resolve("file"), "");

    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> DataFolder.open(file))
        .withMessageContaining(file.toString());
    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> DataFolder.open(file.resolve("below")))
        .withMessageContaining(file.toString());
  }

  @Test
  void whoWorksThereIsOnRecord(@TempDir Path temp) throws Exception {
    try (DataFolder folder = DataFolder.open(temp)) {
      folder.write(new RunningPair(12, "http://127.0.0.1:8080"));
      assertThat(DataFolder.runningPair(temp))
          .isEqualTo(Optional.of(new RunningPair(12, "http://127.0.0.1:8080")));
    }
    assertThat(DataFolder.runningPair(temp)).isEmpty();
  }

  @Test
  void whoOnlyLooksIsNotInTheWay(@TempDir Path temp) throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    Thread looking =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (!done.get()) {
                    var _ = DataFolder.isInUse(temp);
                    LockSupport.parkNanos(1_000_000);
                  }
                });
    try {
      for (int i = 0; i < 300; i++) {
        DataFolder.open(temp).close();
      }
    } finally {
      done.set(true);
      looking.join();
    }
  }
}
