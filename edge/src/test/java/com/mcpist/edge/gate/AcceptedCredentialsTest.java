package com.mcpist.edge.gate;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.gate.auth.Verdict.Caller;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AcceptedCredentialsTest {
  private long nanos = 11;
  private final AcceptedCredentials accepted = new AcceptedCredentials(() -> nanos);

  private static Caller caller(String user, String credential) {
    return new Caller(user, false, credential);
  }

  @Test
  void aCredentialIsAcceptedByAnAnswerAndRefusedByOne() {
    Caller alice = caller("alice", "a1");
    for (int status : new int[] {400, 401, 403, 404, 429}) {
      accepted.answered(alice, status);
      assertThat(accepted.has("a1")).isFalse();
    }
    for (int refusal : new int[] {401, 403}) {
      accepted.answered(alice, 202);
      accepted.answered(alice, 404);
      assertThat(accepted.has("a1")).isTrue();
      assertThat(accepted.has("a2")).as("another of the same user").isFalse();
      accepted.answered(alice, refusal);
      assertThat(accepted.has("a1")).isFalse();
    }
  }

  @Test
  void whoIsNotAskedHasNoCredential() {
    accepted.answered(Caller.LOCAL, 200);
    assertThat(accepted.has(Caller.LOCAL.credential())).isFalse();
  }

  @Test
  void anAnswerCountsForTenMinutes() {
    accepted.answered(caller("alice", "a1"), 200);
    nanos += Duration.ofMinutes(9).toNanos();
    accepted.answered(caller("alice", "a1"), 200);
    nanos += Duration.ofMinutes(9).toNanos();
    assertThat(accepted.has("a1")).isTrue();
    nanos += Duration.ofMinutes(1).toNanos();
    assertThat(accepted.has("a1")).isFalse();
  }

  @Test
  void aUserWithANewTokenForEachCallTakesNoRoomOfOthers() {
    accepted.answered(caller("bob", "b"), 200);
    for (int i = 0; i < 100_000; i++) {
      accepted.answered(caller("alice", "a" + i), 200);
    }
    assertThat(accepted.has("b")).isTrue();
    assertThat(accepted.has("a99999")).isTrue();
    int kept = AcceptedCredentials.MOST_OF_A_USER;
    assertThat(accepted.has("a" + (100_000 - kept))).isTrue();
    assertThat(accepted.has("a" + (100_000 - kept - 1))).isFalse();
    accepted.answered(caller("alice", "a99999"), 200);
    assertThat(accepted.has("a" + (100_000 - kept))).as("one that was known before").isTrue();
  }
}
