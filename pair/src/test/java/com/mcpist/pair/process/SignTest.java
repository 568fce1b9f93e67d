package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.pair.process.JvmProgram.ClassArchive;
import com.mcpist.pair.process.Keeper.Sign;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a program's process is taken for by what comes of asking it. */
class SignTest {
  @Test
  void onlyOneFromWhichNothingComesIsSilent() throws Exception {
    Process process = new ProcessBuilder("true").start();
    try (FaultServer server = FaultServer.start();
        HttpClient client = HttpClient.newHttpClient()) {
      JvmProgram program =
          new JvmProgram(
              "it",
              Orphans.mark("it", "r"),
              Path.of("none"),
              "Main",
              new ClassArchive(Path.of("none")),
              Map.of(),
              URI.create(server.url()),
              Duration.ZERO,
              client);

      assertThat(program.ask(process)).isEqualTo(Sign.READY);
      server.next(Behaviour.answer(503, "{\"status\":\"unhealthy\"}"));
      assertThat(program.ask(process)).as("its database is away").isEqualTo(Sign.LIVES);
      server.always(Behaviour.closeBefore());
      assertThat(program.ask(process)).as("too many are connected").isEqualTo(Sign.LIVES);
      server.always(Behaviour.silent());
      assertThat(program.ask(process)).isEqualTo(Sign.NONE);
      server.refuse();
      assertThat(program.ask(process)).isEqualTo(Sign.REFUSES);
    }
  }
}
