package com.mcpist.pair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.control.ControlSocket;
import com.mcpist.pair.control.ControlSocket.Request;
import com.mcpist.pair.control.PairStatus.HostedRelease;
import com.mcpist.pair.control.Sockets;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is told where a supervisor does not answer as it should; what it does is tested beside it.
 */
class LocalPlatformTest {
  private final List<Request> asked = new CopyOnWriteArrayList<>();
  private Path data;
  private LocalPlatform platform;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  LocalPlatformTest() {}

  @BeforeEach
  void prepare(@TempDir Path folder) {
    data = folder;
    platform = new LocalPlatform(new LocalPair(folder, Map.of()), "one");
  }

  private static Deadline deadline() {
    return Deadline.in(Duration.ofMinutes(1), Time.system());
  }

  private ControlSocket.Server supervisor(ControlSocket.Handler handler) throws Exception {
    return ControlSocket.listen(
        Sockets.of(data),
        (request, step) -> {
          asked.add(request);
          return handler.answer(request, step);
        });
  }

  @Test
  void withoutAPairItSaysHowToStartOne() {
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> platform.current(deadline()))
        .withMessageContaining("local: look at one: no pair runs in " + data)
        .withMessageContaining("mcpist up")
        .matches(e -> e.kind() == Kind.NOT_FOUND);
  }

  @Test
  void whatMayHaveBeenDoneIsToldApartFromALook() throws Exception {
    try (DataFolder _ = DataFolder.open(data)) {
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> platform.restart(deadline()))
          .matches(e -> e.kind() == Kind.UNKNOWN_OUTCOME);
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> platform.current(deadline()))
          .matches(e -> e.kind() == Kind.UNAVAILABLE);
    }
  }

  @Test
  void whatIsRefusedIsToldWithWhatToDo() throws Exception {
    try (ControlSocket.Server _ =
        supervisor(
            (_, _) -> {
              throw new PairException(Kind.CONFLICT, "one is busy", "Wait for it");
            })) {
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> platform.restart(deadline()))
          .withMessage("local: restart one: one is busy. Wait for it.")
          .matches(e -> e.kind() == Kind.CONFLICT);
    }
  }

  @Test
  void withoutTimeNothingIsWaitedFor() throws Exception {
    Deadline passed = Deadline.in(Duration.ZERO, Time.system());
    try (ControlSocket.Server _ =
        supervisor(
            (_, _) -> {
              new java.util.concurrent.CountDownLatch(1).await();
              return true;
            })) {
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> platform.current(passed))
          .matches(e -> e.kind() == Kind.DEADLINE);
    }
  }

  @Test
  void secretsArePassedAndNotPrinted() throws Exception {
    try (ControlSocket.Server _ = supervisor((_, _) -> Map.of("A", "CREATED"))) {
      var changes = platform.putSecrets(Map.of("A", Secret.of("hunter2")), deadline());
      assertThat(changes).hasToString("{A=CREATED}");
      assertThat(asked.getFirst().secrets()).containsEntry("A", "hunter2");
      assertThat(asked.getFirst().toString()).doesNotContain("hunter2");
    }
  }

  @Test
  void logsAreAFile() throws Exception {
    try (ControlSocket.Server _ = supervisor((_, _) -> new HostedRelease.Rollout("id", true))) {
      assertThat(platform.restart(deadline()).unchanged()).isTrue();
      assertThat(platform.logs()).isEqualTo(data.resolve("logs/one.log").toString());
    }
  }
}
