package com.mcpist.pair.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.pair.data.PairException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

class ControlTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final ObjectMapper json = JsonMapper.builder().build();

  @Test
  void aRequestIsAnswered(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("run/control.sock");
    try (ControlServer _ =
        ControlServer.listen(
            socket,
            json,
            (request, step) -> {
              step.accept("draining");
              return Reply.failed(request.command() + " " + request.origin());
            })) {
      List<String> steps = new ArrayList<>();
      Reply reply = ControlClient.ask(socket, Request.of("drain", "one"), json, LIMIT, steps::add);
      assertThat(reply).isEqualTo(Reply.failed("drain one"));
      assertThat(steps).containsExactly("draining");
    }
    assertThat(socket).doesNotExist();
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () -> ControlClient.ask(socket, Request.of("status", null), json, LIMIT, _ -> {}));
  }

  @Test
  void aPasswordPassesTheSocketAndIsNotPrinted(@TempDir Path folder) throws Exception {
    OwnDatabase database = new OwnDatabase("postgres://postgres:hunter2@127.0.0.1:1/postgres", 7L);
    Path socket = folder.resolve("run/control.sock");
    try (ControlServer _ = ControlServer.listen(socket, json, (_, _) -> Reply.of(database))) {
      Reply reply = ControlClient.ask(socket, Request.of("database", null), json, LIMIT, _ -> {});
      assertThat(reply.database()).isEqualTo(database);
      assertThat(reply.toString()).doesNotContain("hunter2");
    }
  }

  @Test
  void aSocketThatWasLeftIsReplaced(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("run/control.sock");
    ControlSocket.createFolder(socket);
    Files.writeString(socket, "");
    try (ControlServer _ = ControlServer.listen(socket, json, (_, _) -> Reply.done())) {
      assertThat(ControlClient.ask(socket, Request.of("stop", null), json, LIMIT, _ -> {}))
          .isEqualTo(Reply.done());
    }
  }

  @Test
  void oneThatDoesNotAnswerIsGivenUp(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("run/control.sock");
    CountDownLatch end = new CountDownLatch(1);
    try (ControlServer _ = ControlServer.listen(socket, json, (_, _) -> afterwards(end))) {
      assertThatExceptionOfType(PairException.class)
          .isThrownBy(
              () ->
                  ControlClient.ask(
                      socket, Request.of("status", null), json, Duration.ofMillis(100), _ -> {}));
      end.countDown();
    }
  }

  @Test
  void aFolderThatOthersCanEnterIsNotUsed(@TempDir Path folder) throws Exception {
    Path socket = Files.createDirectory(folder.resolve("open")).resolve("control.sock");
    Files.setPosixFilePermissions(
        folder.resolve("open"), PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> ControlServer.listen(socket, json, (_, _) -> Reply.done()))
        .withMessageContaining("only you can enter");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () -> ControlClient.ask(socket, Request.of("stop", null), json, LIMIT, _ -> {}));
  }

  @Test
  void aLongPathHasItsSocketElsewhere() {
    Path near = Path.of("/home/me/.local/share/mcpist");
    Path far = Path.of("/home/me/" + "long/".repeat(30));

    assertThat(ControlSocket.of(near, Map.of())).isEqualTo(near.resolve("run/control.sock"));
    Path elsewhere = ControlSocket.of(far, Map.of("XDG_RUNTIME_DIR", "/run/user/7"));
    assertThat(elsewhere.toString()).startsWith("/run/user/7/mcpist-");
    assertThat(ControlSocket.of(far, Map.of()).toString()).startsWith("/tmp/mcpist-");
    assertThat(ControlSocket.of(far.resolve("other"), Map.of()))
        .isNotEqualTo(ControlSocket.of(far, Map.of()));
  }

  private static Reply afterwards(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return Reply.done();
  }
}
