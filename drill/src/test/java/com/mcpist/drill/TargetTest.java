package com.mcpist.drill;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.drill.Fault.RefusedException;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.control.ControlSocket;
import com.mcpist.pair.control.Sockets;
import com.mcpist.pair.data.PairException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetTest {
  @Test
  void aPairOnAnotherDatabaseIsRefused(@TempDir Path data) throws Exception {
    try (ControlSocket.Server _ =
        ControlSocket.listen(
            Sockets.of(data),
            (_, _) -> {
              throw new PairException(Kind.NOT_FOUND, "it is somebody else's", "");
            })) {
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> Target.of(new LocalPair(data, Map.of()), null))
          .withMessageContaining("it is somebody else's");
    }
  }

  @Test
  void aPairThatDoesNotAnswerIsNoTarget(@TempDir Path data) {
    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> Target.of(new LocalPair(data, Map.of()), null))
        .withMessageContaining(data.toString());
  }
}
