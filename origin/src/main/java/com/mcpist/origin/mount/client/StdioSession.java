package com.mcpist.origin.mount.client;

import com.mcpist.origin.mount.client.MountException.Kind;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** A session over standard input and output: the life of one process. */
final class StdioSession implements Session, StdioProcess.Owner {
  /** For what is told without an answer, and for a sign of life. */
  private static final Duration NOTICE_LIMIT = Duration.ofSeconds(10);

  private final Duration timeout;
  private final Flights flights;
  private final Consumer<String> onEnd;
  private final StdioProcess process;
  private final Hello hello;
  private volatile String problem = "";
  private volatile boolean over;

  /** Starts the process, and waits for its hello until the deadline. */
  StdioSession(
      StdioProcess.Command command,
      Intake intake,
      Duration timeout,
      Consumer<String> onListChanged,
      Consumer<String> onUpdated,
      Consumer<String> onEnd,
      long deadline)
      throws MountException, InterruptedException {
    this.timeout = timeout;
    this.flights = new Flights(timeout, intake, onListChanged, onUpdated);
    this.onEnd = onEnd;
    this.process = StdioProcess.start(command, intake, this);
    try {
      this.hello = agree(deadline);
    } catch (MountException e) {
      process.fail("it does not speak MCP: " + e.getMessage());
      throw MountException.notSent(problem);
    } catch (InterruptedException e) {
      process.close();
      throw e;
    }
  }

  /** initialize comes first: every server answers it, and some end at what they do not know. */
  private Hello agree(long deadline) throws MountException, InterruptedException {
    Handshake.Sender sender = (method, params) -> exchange(method, params, Flight.NOBODY, deadline);
    try {
      Hello older = Handshake.initialize(sender);
      flights.begun();
      process.write(Wire.notification("notifications/initialized"), deadline);
      return older;
    } catch (MountException refused) {
      if (refused.kind() != Kind.ANSWERED) {
        throw refused;
      }
      try {
        Hello modern = Handshake.discover(sender);
        if (Handshake.offersChanges(modern)) {
          // It is answered at the end only, to nobody.
          process.write(
              Wire.request(flights.nextId(), Handshake.LISTEN, Handshake.listen()), deadline);
        }
        return modern;
      } catch (MountException e) {
        throw e.kind() == Kind.ANSWERED ? refused : e;
      }
    }
  }

  @Override
  public Hello hello() {
    return hello;
  }

  @Override
  public ObjectNode request(String method, ObjectNode params, Listener listener, long deadline)
      throws MountException, InterruptedException {
    return exchange(method, params, listener, deadline);
  }

  private ObjectNode exchange(String method, ObjectNode params, Listener listener, long deadline)
      throws MountException, InterruptedException {
    long id = flights.nextId();
    Flight flight = new Flight(method, listener);
    flights.begin(id, flight);
    boolean mayHaveIt = false;
    try {
      if (over) {
        throw MountException.notSent("it has ended");
      }
      boolean modern = flight.isCall() && hello.modern();
      ObjectNode asked = flight.isCall() ? Handshake.params(params, id, modern) : params;
      try {
        process.write(Wire.request(id, method, asked), listener.claim(), deadline);
        mayHaveIt = true;
      } catch (MountException e) {
        mayHaveIt = e.kind() != Kind.NOT_SENT;
        throw e;
      }
      flight.sent();
      return flight.await(deadline);
    } finally {
      boolean unanswered = mayHaveIt && !flight.isAnswered();
      flights.end(id, unanswered);
      if (unanswered && flight.isCall() && !over) {
        long sentAt = System.nanoTime();
        Thread.startVirtualThread(() -> giveUp(id, sentAt));
      }
    }
  }

  /**
   * Tells the process that nobody waits for a call any more. If the process then says nothing for
   * as long as a call may take, and does not answer a sign either, it hangs, and is ended.
   */
  private void giveUp(long id, long at) {
    try {
      long until = System.nanoTime() + timeout.toNanos();
      cancel(id, until);
      TimeUnit.NANOSECONDS.sleep(until - System.nanoTime());
      if (!over && process.heardAt() - at < 0) {
        String sign = hello.modern() ? Handshake.DISCOVER : "ping";
        ObjectNode params = hello.modern() ? Handshake.modern(Wire.object()) : Wire.object();
        exchange(sign, params, Flight.NOBODY, soon());
      }
    } catch (MountException e) {
      if (!over && e.kind() != Kind.ANSWERED) {
        process.fail("it does not answer any more");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Tells the process that a call is cancelled. The process may read this late, or never, since it
   * may be at work on other calls.
   */
  private void cancel(long id, long until) throws InterruptedException {
    try {
      process.write(Wire.cancelled(id), until);
    } catch (MountException e) {
      // Whether it hangs is found out afterwards.
    }
  }

  private static long soon() {
    return System.nanoTime() + NOTICE_LIMIT.toNanos();
  }

  @Override
  public boolean message(Intake.Message message, StdioProcess from) {
    return flights.take(message, null, (reply, claim) -> from.write(reply, claim, soon()));
  }

  @Override
  public boolean unreadable(Intake.TooComplexException answer) {
    return flights.unreadable(answer);
  }

  @Override
  public boolean isAtWork() {
    return flights.isAtWork();
  }

  @Override
  public void ended(String why) {
    problem = why.isEmpty() ? "it was closed" : MountException.cut(why);
    onEnd.accept(why); // First, so that whoever finds it over gets another one.
    over = true;
    flights.broken(MountException.unknown(problem));
  }

  @Override
  public boolean isOver() {
    return over;
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public long residentBytes() {
    return process.residentBytes();
  }

  @Override
  public void close() {
    process.close();
  }
}
