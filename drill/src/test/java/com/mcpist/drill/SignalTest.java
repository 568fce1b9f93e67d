package com.mcpist.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.pair.data.PairException;
import com.mcpist.testkit.Conditions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SignalTest {
  private Process process;

  @BeforeEach
  void start() throws Exception {
    process = new ProcessBuilder("sleep", "600").start();
  }

  @AfterEach
  void stop() throws Exception {
    process.destroyForcibly().waitFor();
  }

  @Test
  void oneThatIsPreparedIsSentWhenItIsToHappen() throws Exception {
    Signal.Breakage kill = Signal.KILL.prepare(process.pid());
    List<ProcessHandle> shells =
        ProcessHandle.current().children().filter(child -> child.pid() != process.pid()).toList();
    assertThat(shells).isNotEmpty();
    assertThat(process.isAlive()).isTrue();

    kill.happen();
    Conditions.await("it is killed", () -> !process.isAlive());
    assertThat(process.exitValue()).isEqualTo(128 + 9);
    Conditions.await("no shell is left", () -> shells.stream().noneMatch(ProcessHandle::isAlive));
  }

  @Test
  void oneThatIsGoneIsPassedOver() throws Exception {
    process.destroyForcibly().waitFor();
    Signal.CONT.send(process.pid());
  }

  @Test
  void aFaultThatReachesNobodyIsAnError() throws Exception {
    Signal.Breakage stop = Signal.STOP.prepare(process.pid());
    process.destroyForcibly().waitFor();
    assertThatExceptionOfType(PairException.class)
        .isThrownBy(stop::happen)
        .withMessageContaining(Long.toString(process.pid()));
  }
}
