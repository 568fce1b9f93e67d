package com.mcpist.pair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.DataFolder.RunningPair;
import com.mcpist.pair.data.PairException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalPairTest {
  @Test
  void aProcessThatIsNoSupervisorIsNotStopped(@TempDir Path temp) throws Exception {
    Process other = new ProcessBuilder("sleep", "600").start();
    try (DataFolder folder = DataFolder.open(temp)) {
      // The number of a supervisor that has ended, which the system has given to another process.
      folder.write(new RunningPair(other.pid(), "http://127.0.0.1:8080"));
      LocalPair pair = new LocalPair(temp, Map.of());

      assertThatExceptionOfType(PairException.class)
          .isThrownBy(pair::stop)
          .withMessageContaining("is in use by another process that is not a pair");
      assertThat(other.isAlive()).isTrue();
    } finally {
      other.destroyForcibly().waitFor();
    }
  }
}
