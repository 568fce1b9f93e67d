package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.http.SocketHttp;
import com.mcpist.pair.process.JvmProgram.ClassArchive;
import com.mcpist.pair.process.Keeper.Sign;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.SocketBridge;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program's process is taken for by what comes of asking it. */
class SignTest {
  @Test
  void onlyOneFromWhichNothingComesIsSilent(@TempDir Path folder) throws Exception {
    Process process = new ProcessBuilder("true").start();
    Path socket = folder.resolve("s");
    try (FaultServer server = FaultServer.start()) {
      SocketBridge bridge = SocketBridge.open(socket, server.port());
      JvmProgram program =
          new JvmProgram(
              "it",
              Orphans.mark("it", "r"),
              Path.of("none"),
              "Main",
              new ClassArchive(Path.of("none")),
              Map.of(),
              SocketHttp.uri(socket),
              "/health",
              Duration.ZERO);

      assertThat(program.ask(process)).isEqualTo(Sign.READY);
      server.next(Behaviour.answer(503, "{\"status\":\"unhealthy\"}"));
      assertThat(program.ask(process)).as("its database is away").isEqualTo(Sign.LIVES);
      server.always(Behaviour.closeBefore());
      assertThat(program.ask(process)).as("too many are connected").isEqualTo(Sign.LIVES);
      server.always(Behaviour.silent());
      assertThat(program.ask(process)).isEqualTo(Sign.NONE);
      bridge.close();
      assertThat(program.ask(process)).isEqualTo(Sign.REFUSES);
    }
  }
}
