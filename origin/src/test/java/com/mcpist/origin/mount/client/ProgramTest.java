package com.mcpist.origin.mount.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.origin.fixture.Logged;
import com.mcpist.origin.mount.client.Calls.Recorder;
import com.mcpist.origin.mount.client.MountException.Kind;
import com.mcpist.testkit.Conditions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** An origin speaks with a server on standard input and output. */
final class ProgramTest {
  @Test
  void aServerOfAnOldRevisionIsSpokenTo() throws Exception {
    try (Calls calls = Calls.program()) {
      assertThat(calls.server.status().state()).isEqualTo(Status.State.IDLE);

      Hello hello = calls.server.hello(Calls.LIMIT);

      assertThat(hello.revision()).isEqualTo("2025-06-18");
      assertThat(hello.serverInfo().path("name").asString()).isEqualTo("old");
      assertThat(hello.instructions()).isEqualTo("Hi");
      assertThat(calls.server.status().state()).isEqualTo(Status.State.RUNNING);
      // Its own number may be another one, in a namespace.
      assertThat(ProcessHandle.current().children().map(ProcessHandle::pid))
          .contains(calls.server.status().pid());
      // The list of processes may be a moment older than the program.
      Conditions.await(
          "its memory is known", () -> calls.server.status().residentBytes() > 10L << 20);
    }
  }

  @Test
  void aRevisionThatARefusalNamesIsTaken() throws Exception {
    try (Calls calls = Calls.program("oldest")) {
      assertThat(calls.server.hello(Calls.LIMIT).revision()).isEqualTo("2024-11-05");
    }
  }

  @Test
  void aServerOfTheNewestRevisionAloneIsSpokenTo() throws Exception {
    try (Calls calls = Calls.program("modern")) {
      Hello hello = calls.server.hello(Calls.LIMIT);

      assertThat(hello.modern()).isTrue();
      assertThat(hello.serverInfo().path("name").asString()).isEqualTo("new");
      ObjectNode said = calls.result("echo", new Recorder(), Calls.LIMIT);
      assertThat(said.path("_meta").path("io.modelcontextprotocol/protocolVersion").asString())
          .isEqualTo("2026-07-28");
      assertThat(calls.text("heard")).contains("subscriptions/listen", "toolsListChanged");
    }
  }

  @Test
  void whatIsSentAndAnsweredIsUnharmed() throws Exception {
    String arguments =
        "{\"price\":1.10,\"id\":12345678901234567890,\"tiny\":1.0E-400,\"text\":\"日本 \\\"\\n\"}";
    try (Calls calls = Calls.program()) {
      ObjectNode params = Calls.JSON.createObjectNode().put("name", "echo");
      params.set("arguments", Wire.messages(arguments.getBytes(UTF_8)).getFirst());

      ObjectNode result = calls.server.request("tools/call", params, new Recorder(), Calls.LIMIT);

      assertThat(new String(Wire.bytes((ObjectNode) result.path("arguments")), UTF_8))
          .isEqualTo(arguments);
      assertThat(params.has("_meta")).isFalse();
    }
  }

  @Test
  void aLargeResultPasses() throws Exception {
    try (Calls calls = Calls.program()) {
      assertThat(calls.text("large")).hasSize(3_000_000);
    }
  }

  @Test
  void progressGoesToItsOwnCall() throws Exception {
    try (Calls calls = Calls.program()) {
      Recorder one = new Recorder();
      Recorder two = new Recorder();
      CompletableFuture<String> first = calls.begin("progress", one);
      CompletableFuture<String> second = calls.begin("progress", two);
      first.join();
      second.join();

      assertThat(one.progress).extracting(p -> p.path("progress").asInt()).containsExactly(1, 2, 3);
      assertThat(two.progress).extracting(p -> p.path("progress").asInt()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void theOnlyCallInFlightHearsTheLogAndIsAsked() throws Exception {
    try (Calls calls = Calls.program()) {
      Recorder listener = new Recorder();
      calls.result("log", listener, Calls.LIMIT);
      assertThat(listener.logs)
          .extracting(p -> p.path("data").asString())
          .containsExactly("at work");

      String answer = Calls.text(calls.result("ask", listener, Calls.LIMIT));

      assertThat(listener.asked).containsExactly("elicitation/create {\"message\":\"Who?\"}");
      assertThat(answer).contains("\"result\":{\"action\":\"accept\"}");
    }
  }

  @Test
  void whatNamesNoCallGoesToNobodyWhileSeveralAreInFlight() throws Exception {
    try (Calls calls = Calls.program()) {
      Recorder waiting = new Recorder();
      calls.server.hello(Calls.LIMIT);
      CompletableFuture<String> other = calls.begin("silent", waiting);
      Conditions.await("it has been sent", () -> calls.text("heard").contains("silent"));

      Recorder listener = new Recorder();
      calls.result("log", listener, Calls.LIMIT);
      String answer = Calls.text(calls.result("ask", listener, Calls.LIMIT));

      assertThat(listener.logs).isEmpty();
      assertThat(listener.asked).isEmpty();
      assertThat(answer).contains("\"error\"", "several calls are in flight");

      // The server may still be at work on a call that was given up.
      waiting.cancelled = true;
      assertThatThrownBy(other::join).hasRootCauseMessage("the call was cancelled");
      assertThat(Calls.text(calls.result("ask", listener, Calls.LIMIT))).contains("\"error\"");
      assertThat(waiting.asked).isEmpty();
      Conditions.await("it is told", () -> calls.text("heard").contains("notifications/cancelled"));
    }
  }

  @Test
  void aListIsNobodysCall() throws Exception {
    try (Calls calls = Calls.program()) {
      Recorder waiting = new Recorder();
      calls.server.hello(Calls.LIMIT);
      Thread list =
          Thread.startVirtualThread(
              () -> {
                ObjectNode none = Calls.JSON.createObjectNode();
                assertThatThrownBy(
                    () -> calls.server.request("tools/list", none, waiting, Calls.LIMIT));
              });
      Conditions.await("it has been sent", () -> calls.text("heard").contains("tools/list"));

      Recorder listener = new Recorder();
      calls.result("ask", listener, Calls.LIMIT);

      assertThat(listener.asked).hasSize(1);
      waiting.cancelled = true;
      list.join();
      assertThat(waiting.asked).isEmpty();
    }
  }

  @Test
  void aServerThatStartsHearsOfNobodysFolders() throws Exception {
    try (Logged log = Logged.by(ErrorOutput.class);
        Calls calls = Calls.program("roots")) {
      Recorder waiting = new Recorder();
      CompletableFuture<String> first = calls.begin("silent", waiting);

      log.await("\"result\":{\"roots\":[]}");

      assertThat(waiting.asked).isEmpty();
      waiting.cancelled = true;
      assertThatThrownBy(first::join).hasRootCauseMessage("the call was cancelled");
    }
  }

  @Test
  void anExceptionOfWhoIsAskedEndsTheCall() throws Exception {
    try (Calls calls = Calls.program()) {
      Recorder listener =
          new Recorder() {
            @Override
            public ObjectNode ask(String method, ObjectNode params) {
              throw new IllegalStateException("later");
            }
          };

      assertThatThrownBy(() -> calls.result("ask", listener, Calls.LIMIT)).hasMessage("later");

      Conditions.await("it is told", () -> calls.text("heard").contains("notifications/cancelled"));
    }
  }

  @Test
  void changesToListsAreTold() throws Exception {
    try (Calls calls = Calls.program()) {
      calls.text("change");
      calls.text("change");

      Conditions.await("it is told", () -> calls.changed.contains("tools"));
    }
  }

  @Test
  void aServerHasTheEnvironmentOfItsEntryAlone() throws Exception {
    ObjectNode entry = Calls.JSON.createObjectNode();
    entry.putObject("env").put("TOKEN", "Bearer ${SECRET}").put("MODE", "${UNSET:-fast}");
    try (Calls calls = Calls.program(entry)) {
      assertThat(calls.text("env").split(" "))
          .contains("TOKEN", "MODE", "PATH")
          .doesNotContain("SECRET", "OTHER");
    }
  }

  @Test
  void aCallWithoutAnAnswerEndsInTimeAndLeavesOthersAlone() throws Exception {
    try (Calls calls = Calls.program()) {
      calls.server.hello(Calls.LIMIT);

      MountException failure = calls.failure("silent", Duration.ofMillis(300));

      assertThat(failure.kind()).isEqualTo(Kind.UNKNOWN);
      assertThat(failure).hasMessage("it has not answered in time");
      assertThat(calls.text("noise")).isEqualTo("done");
    }
  }
}
