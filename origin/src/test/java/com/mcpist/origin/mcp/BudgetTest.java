package com.mcpist.origin.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.origin.auth.RefusedException;
import com.mcpist.testkit.Conditions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;

/** Tests how much memory a user and a message may hold. */
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

  private Thread waits(Budget.Charge charge, long mib) {
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    charge.become(mib * MIB);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    return thread;
  }

  private static void awaitWaiting(Thread thread) {
    Conditions.await("it waits", () -> thread.getState() == Thread.State.TIMED_WAITING);
  }

  @Test
  void aMountedServersAnswerWaitsForRoom() throws Exception {
    Budget.Charge first = budget.answer();
    first.become(40 * MIB);
    Budget.Charge second = budget.answer();
    Thread waiting = waits(second, 30);
    awaitWaiting(waiting);

    budget.answer().become(100 * 1024); // A small one does not wait.
    first.close();

    waiting.join();
    assertThat(second.bytes()).isEqualTo(30 * MIB);
  }

  @Test
  void anAnswerThatIsLargerThanTheRoomGetsThroughAloneAndLeavesRoomForSmallRequests()
      throws Exception {
    Budget.Charge large = budget.answer();
    large.become(70 * MIB);
    Budget.Charge other = budget.answer();
    Thread waiting = waits(other, 70);
    awaitWaiting(waiting);
    budget.hold("ann", List.of(), 64 * 1024).close();

    large.close();

    waiting.join();
    other.close();
    assertThat(budget.held()).isZero();
  }

  @Test
  void anAnswerGoesBeyondARoomThatRequestsHave() throws Exception {
    hold("ann", 20);
    hold("bob", 16);
    Budget.Charge answer = budget.answer();
    answer.become(30 * MIB);
    assertThat(budget.held()).isEqualTo(48 * MIB);
    answer.close();
    assertThat(budget.held()).isGreaterThan(36 * MIB).isLessThan(37 * MIB);
  }

  @Test
  void readersThatHaveAPartAndWaitForMoreDoNotBlockEachOther() throws Exception {
    List<Budget.Charge> readers = Stream.generate(budget::reading).limit(8).toList();
    for (Budget.Charge reader : readers) {
      reader.become(4 * MIB);
    }
    List<Thread> waiting = readers.stream().map(reader -> finish(reader, 8)).toList();
    for (Thread thread : waiting) {
      thread.join();
    }
    assertThat(budget.held()).isZero();
  }

  /** Starts a thread that reads on until the charge has so many MiB, and closes it. */
  private Thread finish(Budget.Charge reader, long mib) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try (reader) {
                reader.become(mib * MIB);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  @Test
  void anAnswerIsItsUsersUntilItIsSent() throws Exception {
    Budget.Hold call = budget.hold("ann", List.of(), 0);
    Budget.Charge answer = budget.answer();
    answer.become(28 * MIB);
    call.own(answer);
    call.share();
    assertRefused("ann", 8, 429);

    call.written(1 * MIB);

    assertThat(answer.bytes()).isEqualTo(3 * MIB);
    hold("ann", 8).close();
    call.close();
    assertThat(budget.held()).isZero();
    hold("ann", 30).close();
  }

  @Test
  void aUserWhoDoesNotReadOneLargeAnswerGetsNoOther() throws Exception {
    Budget.Hold unread = budget.hold("ann", List.of(), 0);
    Budget.Charge first = budget.answer();
    first.become(20 * MIB);
    unread.own(first);
    Budget.Hold call = budget.hold("ann", List.of(), 0);
    Budget.Charge second = budget.answer();
    second.become(20 * MIB);
    call.own(second);

    assertThatThrownBy(call::share)
        .isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.status()).isEqualTo(429));
    call.close();
    unread.close();
    assertThat(budget.held()).isZero();
  }

  @Test
  void aPartOfAChargeIsNoMoreThanTheCharge() throws Exception {
    Budget.Charge whole = budget.answer();
    whole.become(10 * MIB);
    Budget.Charge part = whole.split(4 * MIB);
    Budget.Charge rest = whole.split(20 * MIB);
    assertThat(part.bytes() + rest.bytes()).isEqualTo(10 * MIB);
    whole.close();
    assertThat(budget.held()).isEqualTo(10 * MIB);
    part.close();
    rest.close();
    assertThat(budget.held()).isZero();
  }

  @Test
  void aBatchHasOneLargeAnswerAndLetsOthersOn() throws Exception {
    Budget.Hold batch = budget.hold("ann", List.of(), 0);
    Budget.Charge first = budget.answer();
    first.become(36 * MIB);
    batch.own(first);
    assertThat(batch.isFull()).isFalse();
    Budget.Charge second = budget.answer();
    second.become(30 * MIB); // It is the first to wait, and goes beyond after 2 s.
    batch.own(second);
    assertThat(batch.isFull()).isTrue();
    Budget.Charge other = budget.answer();
    Thread waiting = waits(other, 20);

    assertThatThrownBy(batch::share).isInstanceOf(RefusedException.class);
    batch.drop();

    waiting.join();
    other.close();
    batch.close();
    assertThat(budget.held()).isZero();
  }

  @Test
  void aPartGoesBeyondAsTheWholeDid() throws Exception {
    Budget.Charge whole = budget.answer();
    whole.become(70 * MIB);
    Budget.Charge part = whole.split(70 * MIB);
    whole.close();
    Budget.Charge other = budget.answer();
    Thread waiting = waits(other, 70);
    Conditions.await("it waits", () -> waiting.getState() == Thread.State.TIMED_WAITING);

    part.close();

    waiting.join();
    other.close();
    assertThat(budget.held()).isZero();
  }
}
