package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestartRequestsTest {
  private static final Program PROGRAM =
      new ShellProgram("it", "", Path.of("never"), Duration.ZERO);

  private final RestartRequests requests = new RestartRequests();

  @Test
  void oneThatIsWithdrawnIsNotTaken() {
    Restart restart = restart();
    assertThat(requests.ask(restart)).isTrue();

    requests.withdraw(restart);

    assertThat(requests.take()).isNull();
    assertThat(requests.ask(restart())).as("another may be asked for").isTrue();
  }

  @Test
  void whoWithdrawsOneThatIsTakenLeavesTheNextOne() {
    Restart restart = restart();
    Restart later = restart();
    requests.ask(restart);
    assertThat(requests.take()).isSameAs(restart);
    assertThat(requests.take()).as("it is taken once").isNull();
    requests.ask(later);

    requests.withdraw(restart);

    assertThat(requests.take()).isSameAs(later);
  }

  @Test
  void thereIsOneAtATime() {
    requests.ask(restart());

    assertThat(requests.ask(restart())).isFalse();
  }

  @Test
  void oneThatNobodyHasTakenGivesWayWhereThatIsWanted() {
    Restart older = restart();
    Restart newer = restart();
    requests.ask(older);

    requests.put(newer);

    assertThat(older.failure().resultNow()).contains("in between");
    assertThat(requests.take()).isSameAs(newer);
  }

  @Test
  void oneThatWasWithdrawnDoesNotEndTheWait() throws Exception {
    Process process = new ProcessBuilder("sleep", "1000").start();
    try {
      Restart withdrawn = restart();
      requests.ask(withdrawn);
      requests.withdraw(withdrawn);
      Restart later = restart();
      requests.ask(later);
      assertThat(requests.takeUnlessEnded(process)).isSameAs(later);
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(requests.takeUnlessEnded(process)).isNull();
  }

  private static Restart restart() {
    return Restart.inPlace(PROGRAM, Duration.ZERO);
  }
}
