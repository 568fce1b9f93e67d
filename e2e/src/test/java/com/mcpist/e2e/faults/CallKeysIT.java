package com.mcpist.e2e.faults;

import static com.mcpist.e2e.harness.Pair.PRIMARY;
import static com.mcpist.e2e.harness.Pair.STANDBY;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.McpConnection.Reply;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which requests are the same call: the client's key decides, and nothing else that it sends. */
class CallKeysIT {

  private static CallRig calls;

  private final String name = UUID.randomUUID().toString();
  private final String key = "Idempotency-Key: " + name;

  @BeforeAll
  static void start() throws Exception {
    calls = CallRig.start();
  }

  @AfterAll
  static void stop() throws Exception {
    if (calls != null) {
      calls.close();
    }
  }

  @Test
  void theSameKeyIsTheSameCallWhicheverOriginItComesTo() throws Exception {
    Reply first = through(FaultTools.WRITE, 0, key);
    Reply second = through(FaultTools.WRITE, 0, key);
    Reply third = at(STANDBY, "local", FaultTools.WRITE);

    assertThat(second.result()).isEqualTo(first.result());
    assertThat(third.result()).isEqualTo(first.result());
    assertThat(calls.written(name)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {FaultTools.WRITE, FaultTools.ACT, FaultTools.ACT_AGAIN})
  void theSameKeyWithOtherArgumentsIsRefused(String tool) throws Exception {
    through(tool, 1, key).structured();

    Reply refused = through(tool, 2, key);

    assertThat(refused.result().path("isError").asBoolean()).isTrue();
    assertThat(refused.result().findPath("text").asString()).contains("Idempotency-Key");
    assertThat(calls.outside().steps(name)).hasSize(1);
  }

  @Test
  void theSameKeyFromTwoUsersIsTwoCalls() throws Exception {
    for (String origin : new String[] {PRIMARY, STANDBY, PRIMARY}) {
      for (String user : new String[] {"alice", "bob"}) {
        Reply reply = at(origin, user, FaultTools.WRITE);
        assertThat(reply.structured().path("user").asString()).isEqualTo(user);
      }
    }

    assertThat(calls.written(name)).hasSize(2);
  }

  @Test
  void whatOnlyAnEdgeMaySayIsNotTakenFromAClient() throws Exception {
    String forged =
        """
        X-Call-Id: 01890000-0000-7000-8000-000000000000
        X-Attempt: 7
        X-Deadline: 1
        X-User-Id: alice\
        """;
    Reply first = through(FaultTools.WRITE, 0, forged);
    Reply second = through(FaultTools.WRITE, 0, forged);

    for (Reply each : new Reply[] {first, second}) {
      assertThat(each.structured().path("attempt").asInt()).isEqualTo(1);
      assertThat(each.structured().path("user").asString()).isEqualTo("local");
      assertThat(each.structured().path("id").asString())
          .isNotEmpty()
          .isNotEqualTo("01890000-0000-7000-8000-000000000000");
    }
    assertThat(second.structured().path("id")).isNotEqualTo(first.structured().path("id"));
    assertThat(calls.written(name)).hasSize(2);
  }

  private Reply through(String tool, int steps, String headers) throws Exception {
    return CallRig.call(calls.rig().port(), tool, name, steps, headers);
  }

  // As an edge that has authenticated the user.
  private Reply at(String origin, String user, String tool) throws Exception {
    String headers = key + "\nX-Gateway-Secret: " + EdgeConfig.SECRET + "\nX-User-Id: " + user;
    return CallRig.call(calls.port(origin), tool, name, 0, headers);
  }
}
