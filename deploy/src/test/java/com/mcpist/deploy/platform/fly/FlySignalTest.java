package com.mcpist.deploy.platform.fly;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Signals;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlySignalTest extends FlyTest {
  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void aProgramThatIsStoppedGivesItsLeasesBack(String signal) throws Exception {
    fly.next(List.of("started"), List.of("critical"));
    Process program = start();
    try {
      BufferedReader out =
          new BufferedReader(
              new InputStreamReader(program.getInputStream(), StandardCharsets.UTF_8));
      assertThat(out.readLine()).isEqualTo("health is critical");
      assertThat(fly.isLeased(ONE)).isTrue();
      assertThat(fly.isLeased(TWO)).isTrue();

      new ProcessBuilder("kill", "-" + signal, Long.toString(program.pid())).start().waitFor();
      assertThat(program.waitFor(3, TimeUnit.MINUTES)).isTrue();
    } finally {
      program.destroyForcibly();
    }
    assertThat(fly.isLeased(ONE)).isFalse();
    assertThat(fly.isLeased(TWO)).isFalse();
    assertThat(updates()).containsExactly(1, 0);
  }

  @Test
  void nothingIsLeftForTheEndOfAProgramThatIsDone() throws Exception {
    deployed();

    assertThat(fly.calls("DELETE .*")).hasSize(2);
  }

  private Process start() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            SlowDeploy.class.getName(),
            fly.url() + "/v1");
    return Signals.stoppingOnInterrupt(builder)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
