package com.mcpist.origin.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.origin.auth.RefusedException;
import com.mcpist.testkit.Conditions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;

/** Who may hold how much. */
final class BudgetTest {
  private static final long MIB = 1024 * 1024;
  private final Budget budget = new Budget(0, 64 * MIB);

  private Budget.Hold hold(String user, long mib) throws RefusedException {
    return budget.hold(user, List.of(), mib * MIB);
  }

  private void assertRefused(String user, long mib, int status) {
    assertThatThrownBy(() -> hold(user, mib))
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.status()).isEqualTo(status));
  }

  @Test
  void oneUserHasHalfAndTwoAThirdEach() throws Exception {
    hold("ann", 21);
    hold("bob", 20);
    assertRefused("ann", 2, 429);
    assertRefused("bob", 2, 429);
    hold("cyd", 6);
    assertRefused("dan", 4, 503);
  }

  @Test
  void aUserWhoHasAllOfTheShareMaySendWhatIsSmall() throws Exception {
    hold("ann", 31);
    assertRefused("ann", 1, 429);
    budget.hold("ann", List.of(Map.entry("x", "y")), 64 * 1024);
  }

  @Test
  void whatIsGivenBackIsFreeAgain() throws Exception {
    Budget.Hold held = hold("ann", 31);
    held.give(20 * MIB);
    hold("ann", 10).close();
    held.close();
    held.close();
    hold("ann", 31);
  }

  @Test
  void anAnswerWaitsForRoom() throws Exception {
    Budget.Hold first = hold("ann", 24);
    Budget.Hold second = hold("bob", 16);
    FutureTask<Void> answer =
        new FutureTask<>(
            () -> {
              second.result(JsonNodeFactory.instance.stringNode("x".repeat(2_500_000)));
              return null;
            });
    Thread waiting = Thread.ofVirtual().start(answer);
    Conditions.await("it waits", () -> waiting.getState() == Thread.State.TIMED_WAITING);
    first.close();
    answer.get();
    assertThat(budget.held()).isGreaterThan(32 * MIB);
  }

  @Test
  void whatCannotBeUndoneIsHeldWhetherThereIsRoomOrNot() throws Exception {
    Budget.Hold acted = hold("ann", 31);
    acted.keep(JsonNodeFactory.instance.stringNode("x".repeat(2_500_000)));
    assertThat(budget.held()).isGreaterThan(48 * MIB);
    acted.close();
    assertThat(budget.held()).isZero();
  }

  @Test
  void aStreamThatIsHeldOpenKeepsItsHead() throws Exception {
    Budget.Hold stream = hold("ann", 1);
    stream.keepHead();
    assertThat(budget.held()).isLessThan(64 * 1024).isPositive();
    stream.close();
    assertThat(budget.held()).isZero();
  }
}
