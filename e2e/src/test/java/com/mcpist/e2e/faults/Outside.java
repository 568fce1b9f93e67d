package com.mcpist.e2e.faults;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * A service outside, on which tools act: it notes what is asked of it, and answers when the test
 * says so.
 */
final class Outside implements AutoCloseable {

  /** Longer than a tool of any test is let wait. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final FaultServer server = FaultServer.start();
  private volatile Predicate<Step> answered = step -> true;

  /**
   * One step of one attempt at a call.
   *
   * @param origin that makes the attempt
   * @param name of the call, as its client gave it
   * @param id the call's key, which is also the Idempotency-Key of the request
   */
  record Step(String origin, String name, String id, int attempt, int number) {
    String path() {
      return "/%s/%s/%s/%d/%d".formatted(origin, name, id, attempt, number);
    }

    static Step of(HttpMessage request) {
      String[] parts = request.target().split("/", -1);
      return new Step(
          parts[1], parts[2], parts[3], Integer.parseInt(parts[4]), Integer.parseInt(parts[5]));
    }
  }

  private Outside() {}

  /** Starts, and answers at once until told otherwise. */
  static Outside start() {
    Outside outside = new Outside();
    outside.server.handle(
        request -> {
          Step step = Step.of(request);
          Conditions.await(step + " is answered", LIMIT, () -> outside.answered.test(step));
          return Behaviour.status(200);
        });
    return outside;
  }

  String url() {
    return server.url();
  }

  /** Lets every step wait until this is so; those that wait already are asked again. */
  void answers(Predicate<Step> when) {
    answered = when;
  }

  /** Lets every step take this long, as real work does. */
  void paced(long nanos) {
    server.handle(
        request -> {
          LockSupport.parkNanos(nanos);
          return Behaviour.status(200);
        });
  }

  /** The steps of a call that were asked for so far, in order. */
  List<Step> steps(String name) {
    return server.requests().stream().map(Step::of).filter(s -> s.name().equals(name)).toList();
  }

  /**
   * Waits until a call has come to this step, and returns it: the latest attempt's, where a busy
   * machine had the edge make more than one.
   */
  Step await(String name, int number) {
    return Conditions.awaitValue(
        name + " comes to step " + number,
        LIMIT,
        () -> steps(name).reversed().stream().filter(s -> s.number() == number).findFirst());
  }

  /** Waits until an attempt at a call, this one or a later one, has come to its first step. */
  void awaitAttempt(String name, int attempt) {
    Conditions.await(
        name + " is attempted again",
        LIMIT,
        () -> steps(name).stream().anyMatch(s -> s.attempt() >= attempt));
  }

  @Override
  public void close() throws IOException {
    answers(step -> true);
    server.close();
  }
}
