package com.mcpist.origin.mount.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Claim;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import com.mcpist.origin.mount.client.Calls.Recorder;
import com.mcpist.origin.mount.client.MountException.Kind;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** Tests that a request is sent only while the claim of its call holds, over both transports. */
final class ClaimedRequestsTest {
  private static final String DONE = "{\"content\":[{\"type\":\"text\",\"text\":\"done\"}]}";
  private static final String DISCOVERED =
      "{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}}}";

  /** A claim that says by a test's rule whether it holds, given how often it was asked before. */
  private static final class TestClaim implements Claim {
    private final IntPredicate holds;
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger renewals = new AtomicInteger();

    TestClaim(IntPredicate holds) {
      this.holds = holds;
    }

    @Override
    public void renew() {
      renewals.incrementAndGet();
    }

    @Override
    public boolean holds() {
      return holds.test(asked.getAndIncrement());
    }
  }

  private static final Claim ENDED =
      new Claim() {
        @Override
        public void renew() throws AttemptFailedException {
          throw new AttemptFailedException("It has ended");
        }

        @Override
        public boolean holds() {
          return true;
        }
      };

  private static Recorder under(Claim claim) {
    Recorder recorder = new Recorder();
    recorder.claim = claim;
    return recorder;
  }

  /** Returns a call of more bytes than one piece of any transport has. */
  private static ObjectNode largeCall() {
    ObjectNode params = Calls.JSON.createObjectNode().put("name", "echo");
    params.putObject("arguments").put("text", "x".repeat(300_000));
    return params;
  }

  private static void assertNotSent(Calls calls, ObjectNode params, Claim claim) {
    assertThatThrownBy(() -> calls.server.request("tools/call", params, under(claim), Calls.LIMIT))
        .asInstanceOf(InstanceOfAssertFactories.type(MountException.class))
        .returns(Kind.NOT_SENT, MountException::kind);
  }

  private static ObjectNode smallCall() {
    return Calls.JSON.createObjectNode().put("name", "echo");
  }

  @Test
  void aProgramDoesNotHearOfACallWhoseClaimHasEnded() throws Exception {
    try (Calls calls = Calls.program()) {
      assertNotSent(calls, smallCall(), ENDED);

      assertThat(calls.text("heard")).doesNotContain("\"echo\"");
    }
  }

  @Test
  void aClaimThatEndsBeforeAProgramsTurnIsRenewedAgain() throws Exception {
    TestClaim claim = new TestClaim(asked -> asked >= 2);
    try (Calls calls = Calls.program()) {
      calls.server.request("tools/call", smallCall(), under(claim), Calls.LIMIT);

      assertThat(claim.renewals).hasValue(3);
      assertThat(calls.text("heard").split("\"echo\"", -1)).hasSize(2);
    }
  }

  /** The process of the origin stood still in the middle of the request: nothing was run. */
  @Test
  void aRequestWhoseClaimEndsInTheMiddleBreaksOffAndIsSentAgain() throws Exception {
    TestClaim claim = new TestClaim(asked -> asked != 1);
    try (Calls calls = Calls.program()) {
      calls.server.hello(Calls.LIMIT);
      long first = calls.server.status().pid();

      calls.server.request("tools/call", largeCall(), under(claim), Calls.LIMIT);

      assertThat(claim.renewals).hasValue(2);
      assertThat(calls.server.status().pid()).isEqualTo(first);
      assertThat(calls.text("heard").lines().filter(line -> line.contains("\"echo\"")))
          .extracting(ProgramServer::isWhole)
          .containsExactly(false, true);
    }
  }

  /** The last byte is what makes a message, and is sent after the last look. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5})
  void aRequestWhoseClaimEndsBeforeItsLastByteBreaksOffAndIsSentAgain(int look) throws Exception {
    TestClaim claim = new TestClaim(asked -> asked != look);
    try (Calls calls = Calls.program()) {
      calls.server.request(
          "tools/call", look == 1 ? smallCall() : largeCall(), under(claim), Calls.LIMIT);

      assertThat(claim.renewals).hasValue(2);
      assertThat(calls.text("heard").lines().filter(line -> line.contains("\"echo\"")))
          .extracting(ProgramServer::isWhole)
          .containsExactly(false, true);
    }
  }

  /** Each piece ends with a character, so that a program can decode what it has. */
  @Test
  void aRequestThatBreaksOffEndsWithACharacter() throws Exception {
    ObjectNode params = Calls.JSON.createObjectNode().put("name", "echo");
    params.putObject("arguments").put("text", "字".repeat(100_000));
    TestClaim claim = new TestClaim(asked -> asked != 1);
    try (Calls calls = Calls.program()) {
      calls.server.request("tools/call", params, under(claim), Calls.LIMIT);

      assertThat(calls.text("heard").lines().filter(line -> line.endsWith("字"))).hasSize(1);
    }
  }

  /** A server of the newest revision, which has no session. */
  private static FaultServer server() {
    FaultServer server = FaultServer.start();
    server.handle(
        request -> {
          ObjectNode message = (ObjectNode) Calls.JSON.readTree(request.body());
          boolean discovers = message.path("method").asString().equals("server/discover");
          return Behaviour.answer(
              200,
              "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":%s}"
                  .formatted(message.path("id"), discovers ? DISCOVERED : DONE));
        });
    return server;
  }

  private static Calls calls(FaultServer server) throws MountException {
    ObjectNode entry = Calls.JSON.createObjectNode().put("url", server.url() + "/mcp");
    return Calls.of(entry, Map.of());
  }

  private static long heard(FaultServer server) {
    return server.requests().stream().filter(r -> r.text().contains("tools/call")).count();
  }

  @Test
  void aServerOverHttpDoesNotHearOfACallWhoseClaimHasEnded() throws Exception {
    try (FaultServer server = server();
        Calls calls = calls(server)) {
      assertNotSent(calls, smallCall(), ENDED);

      assertThat(heard(server)).isZero();
    }
  }

  @Test
  void aClaimThatEndsBeforeTheBodyIsSentIsRenewedAgain() throws Exception {
    TestClaim claim = new TestClaim(asked -> asked >= 2);
    try (FaultServer server = server();
        Calls calls = calls(server)) {
      ObjectNode result =
          calls.server.request("tools/call", smallCall(), under(claim), Calls.LIMIT);

      assertThat(Calls.text(result)).isEqualTo("done");
      assertThat(claim.renewals).hasValue(3);
      assertThat(heard(server)).isOne();
    }
  }

  @Test
  void aBodyThatBreaksOffInTheMiddleIsNoRequestAndIsSentAgain() throws Exception {
    TestClaim claim = new TestClaim(asked -> asked != 1);
    try (FaultServer server = server();
        Calls calls = calls(server)) {
      ObjectNode result =
          calls.server.request("tools/call", largeCall(), under(claim), Calls.LIMIT);

      assertThat(Calls.text(result)).isEqualTo("done");
      assertThat(claim.renewals).hasValue(2);
      assertThat(heard(server)).isOne();
    }
  }
}
