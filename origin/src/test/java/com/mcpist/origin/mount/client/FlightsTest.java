package com.mcpist.origin.mount.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mcp.Budget.Charge;
import com.mcpist.testkit.Conditions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tests that messages for requests in flight are bounded, and charged until they are dealt with.
 */
final class FlightsTest {
  private static final int MANY = 1_000;

  private final Budget budget = Budget.ofHeap(0);
  private final Flights flights =
      new Flights(Duration.ofMinutes(5), new Intake(budget), list -> {}, uri -> {});
  private final List<ObjectNode> replies = new CopyOnWriteArrayList<>();

  private Flight begin(long id) {
    Flight flight = new Flight("tools/call", new Calls.Recorder());
    flights.begin(id, flight);
    return flight;
  }

  private boolean take(String json) throws InterruptedException {
    return take(json, (reply, _) -> replies.add(reply));
  }

  private boolean take(String json, Flight.Reply reply) throws InterruptedException {
    Charge charge = budget.answer();
    charge.become(2L * json.length());
    ObjectNode message = (ObjectNode) Calls.JSON.readTree(json);
    return flights.take(new Intake.Message(message, charge), null, reply);
  }

  private static String question(int id) {
    return "{\"id\":\"q%d\",\"method\":\"elicitation/create\",\"params\":{}}".formatted(id);
  }

  @Test
  void requestsThatWereGivenUpAreFewAndStillCount() throws Exception {
    for (long id = 1; id <= MANY; id++) {
      begin(id);
      flights.end(id, true);
    }
    assertThat(flights.givenUp()).isLessThanOrEqualTo(64);

    begin(MANY + 1);
    for (long id = 1; id <= MANY; id++) {
      take("{\"id\":%d,\"result\":{}}".formatted(id));
    }
    take(question(1));

    Conditions.await("it is refused", () -> !replies.isEmpty());
    assertThat(replies.getFirst().has("error")).isTrue();
    Conditions.await("nothing is held", () -> budget.held() == 0);
  }

  @Test
  void requestsThatWereGivenUpExpireWithoutAQuestion() {
    Flights soon = new Flights(Duration.ZERO, new Intake(budget), list -> {}, uri -> {});
    for (long id = 1; id <= MANY; id++) {
      soon.begin(id, new Flight("tools/call", new Calls.Recorder()));
      soon.end(id, true);
    }
    assertThat(soon.givenUp()).isLessThanOrEqualTo(1);
  }

  @Test
  void questionsThatWaitAreFewAndTheOthersAreRefused() throws Exception {
    begin(1);
    for (int i = 0; i < MANY; i++) {
      take(question(i));
    }
    Conditions.await("some are refused", () -> !replies.isEmpty());
    assertThat(replies).allMatch(reply -> reply.has("error"));
    assertThat(budget.held()).isPositive();

    flights.end(1, false);

    Conditions.await("nothing is held", () -> budget.held() == 0);
  }

  @Test
  void repliesThatAreBeingSentAreFewAndCharged() throws Exception {
    Semaphore go = new Semaphore(0);
    AtomicInteger sending = new AtomicInteger();
    Flight.Reply blocked =
        (_, _) -> {
          sending.incrementAndGet();
          go.acquire();
        };
    for (String method : List.of("ping", "unknown", "elicitation/create", "roots/list")) {
      String request = "{\"id\":1,\"method\":\"%s\"}".formatted(method);
      for (int i = 0; i < MANY; i++) {
        take(request, blocked);
      }
      Conditions.await("replies are being sent", () -> sending.get() == 16);
      assertThat(budget.held()).isEqualTo(16 * 2L * request.length());

      go.release(16);

      Conditions.await("nothing is held", () -> budget.held() == 0);
      assertThat(sending.getAndSet(0)).isEqualTo(16);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[1]", "true", "null", "LONG"})
  void aRequestWhoseIdIsNoneIsDropped(String id) throws Exception {
    String text = id.equals("LONG") ? "\"" + "x".repeat(256) + "\"" : id;
    take("{\"id\":%s,\"method\":\"ping\"}".formatted(text));
    assertThat(budget.held()).isZero();

    take("{\"id\":\"%s\",\"method\":\"ping\"}".formatted("x".repeat(255)));
    Conditions.await("the other one is answered", () -> !replies.isEmpty());
    assertThat(replies).singleElement().matches(reply -> reply.path("id").isString());
  }

  @Test
  void noticesThatWaitTakeAtMostAMebibyte() throws Exception {
    begin(1);
    String notice =
        "{\"method\":\"notifications/message\",\"params\":{\"data\":\"%s\"}}"
            .formatted("x".repeat(100_000));
    for (int i = 0; i < 50; i++) {
      take(notice);
    }
    assertThat(budget.held()).isPositive().isLessThanOrEqualTo(1024 * 1024);
    flights.end(1, false);
    assertThat(budget.held()).isZero();
  }

  @Test
  void onlyTheFirstAnswerIsKept() throws Exception {
    begin(1);
    for (int i = 0; i < MANY; i++) {
      assertThat(take("{\"id\":1,\"result\":{\"n\":%d}}".formatted(i))).isTrue();
    }
    assertThat(budget.held()).isPositive().isLessThan(100);
    assertThat(take("{\"id\":2,\"result\":{}}")).isFalse();
    flights.end(1, false);
    assertThat(budget.held()).isZero();
  }

  @Test
  void whoWaitsGetsTheChargeWithTheAnswer() throws Exception {
    Charge[] held = new Charge[1];
    Flight flight =
        new Flight(
            "tools/call",
            new Calls.Recorder() {
              @Override
              public void holds(Charge charge) {
                held[0] = charge;
              }
            });
    flights.begin(1, flight);
    take("{\"id\":1,\"result\":{}}");

    assertThat(flight.await(System.nanoTime() + Calls.LIMIT.toNanos()).isEmpty()).isTrue();

    flights.end(1, false);
    assertThat(budget.held()).isPositive();
    held[0].close();
    assertThat(budget.held()).isZero();
  }
}
