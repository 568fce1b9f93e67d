package com.mcpist.pair.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.config.Auth.Admission;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.control.ControlSocket.Answer;
import com.mcpist.pair.control.ControlSocket.Request;
import com.mcpist.pair.control.PairStatus.PairAccess;
import com.mcpist.pair.control.PairStatus.PairAccess.OwnDatabase;
import com.mcpist.pair.data.PairException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private static <T> Answer<T> ask(Sockets sockets, String command, Class<T> type)
      throws Exception {
    return ControlSocket.ask(sockets, Request.of(command, "one"), type, LIMIT, _ -> {});
  }

  @Test
  void aRequestIsAnsweredAfterItsSteps(@TempDir Path folder) throws Exception {
    Sockets sockets = Sockets.of(folder);
    try (ControlSocket.Server _ =
        ControlSocket.listen(
            sockets,
            (request, step) -> {
              step.accept("draining");
              return request.command() + " " + request.origin() + request.env();
            })) {
      List<String> steps = new ArrayList<>();
      assertThat(
              ControlSocket.ask(
                  sockets, Request.of("drain", "one"), String.class, LIMIT, steps::add))
          .isEqualTo(new Answer.Done<>("drain one{}"));
      assertThat(steps).containsExactly("draining");
    }
    assertThat(sockets.control()).doesNotExist();
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> ask(sockets, "status", String.class));
  }

  @Test
  void whatIsNotDoneIsToldWithItsReason(@TempDir Path folder) throws Exception {
    Sockets sockets = Sockets.of(folder);
    try (ControlSocket.Server _ =
        ControlSocket.listen(
            sockets,
            (request, _) -> {
              if (request.command().equals("drain")) {
                throw new PairException(Kind.CONFLICT, "it is busy", "Wait for it");
              }
              throw new PairException("it is broken");
            })) {
      Answer<String> busy = ask(sockets, "drain", String.class);
      assertThat(busy).isEqualTo(new Answer.Refused<>(Kind.CONFLICT, "it is busy", "Wait for it"));
      assertThat(((Answer.Refused<String>) busy).told()).isEqualTo("it is busy: wait for it");
      assertThat(ask(sockets, "restart", String.class))
          .isEqualTo(new Answer.Refused<>(Kind.FAILED, "it is broken", ""));
    }
  }

  @Test
  void secretsPassTheSocketAndAreNotPrinted(@TempDir Path folder) throws Exception {
    OwnDatabase database =
        new OwnDatabase(Secret.of("postgres://postgres:hunter2@127.0.0.1:1/postgres"), 7L);
    PairAccess access =
        new PairAccess(
            URI.create("http://e"),
            Secret.of("hunter3"),
            Secret.of("hunter4"),
            Optional.of(Secret.of("hunter5")),
            Optional.empty(),
            URI.create("http://a"),
            Secret.of("hunter6"),
            new Admission(true, false));
    Sockets sockets = Sockets.of(folder);
    try (ControlSocket.Server _ =
        ControlSocket.listen(
            sockets, (request, _) -> request.command().equals("access") ? access : database)) {
      Answer<OwnDatabase> own = ask(sockets, "database", OwnDatabase.class);
      assertThat(own).isEqualTo(new Answer.Done<>(database));
      Answer<PairAccess> told = ask(sockets, "access", PairAccess.class);
      assertThat(told).isEqualTo(new Answer.Done<>(access));
      assertThat(own.toString() + told).doesNotContain("hunter");
    }
  }

  @Test
  void aSocketThatWasLeftIsReplaced(@TempDir Path folder) throws Exception {
    Sockets sockets = Sockets.of(folder);
    sockets.create();
    Files.writeString(sockets.control(), "");
    try (ControlSocket.Server _ = ControlSocket.listen(sockets, (_, _) -> true)) {
      assertThat(ask(sockets, "stop", Boolean.class)).isEqualTo(new Answer.Done<>(true));
    }
  }

  @Test
  void oneThatDoesNotAnswerIsGivenUp(@TempDir Path folder) throws Exception {
    Sockets sockets = Sockets.of(folder);
    CountDownLatch end = new CountDownLatch(1);
    try (ControlSocket.Server _ =
        ControlSocket.listen(
            sockets,
            (_, _) -> {
              end.await();
              return true;
            })) {
      Duration moment = Duration.ofMillis(100);
      assertThatExceptionOfType(PairException.class)
          .isThrownBy(
              () ->
                  ControlSocket.ask(sockets, Request.of("status"), Boolean.class, moment, _ -> {}));
      end.countDown();
    }
  }

  @Test
  void aFolderThatOthersCanEnterIsNotUsed(@TempDir Path folder) throws Exception {
    Sockets sockets = new Sockets(Files.createDirectory(folder.resolve("open")));
    Files.setPosixFilePermissions(sockets.folder(), PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> ControlSocket.listen(sockets, (_, _) -> true))
        .withMessageContaining("only you can enter");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> ask(sockets, "stop", Boolean.class));
  }

  @Test
  void aLongPathHasItsSocketElsewhere() {
    Path near = Path.of("/home/me/.local/share/mcpist");
    Path far = Path.of("/home/me/" + "long/".repeat(30));

    assertThat(Sockets.of(near).folder()).isEqualTo(near.resolve("run"));
    assertThat(Sockets.of(far).folder().toString()).startsWith("/tmp/mcpist-");
    assertThat(Sockets.of(far.resolve("other"))).isNotEqualTo(Sockets.of(far));
  }
}
