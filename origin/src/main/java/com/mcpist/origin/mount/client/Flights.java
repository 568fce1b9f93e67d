package com.mcpist.origin.mount.client;

import com.mcpist.origin.mcp.Budget.Charge;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The requests in flight in one session. They find the request to which a message belongs. A
 * message that names no call goes to the only call in flight. If several calls are in flight,
 * nobody gets the message, since one user would see what is another's. A request that was given up
 * counts as in flight for some time, since the server may still be at work on it.
 */
final class Flights {
  private static final Logger LOG = LoggerFactory.getLogger(Flights.class);

  /** The time within which several changes in a row are told once. */
  private static final Duration SETTLED = Duration.ofMillis(200);

  /**
   * The requests that were given up, and at which the server may still be at work. If there are
   * more, only their time is kept.
   */
  private static final int MOST_GIVEN_UP = 64;

  /**
   * The time after the start in which a server's question for folders is nobody's: it keeps the
   * answer for all calls that come.
   */
  private static final Duration STARTS = Duration.ofSeconds(2);

  /** The replies of a session that are being sent at a time. */
  private static final int MOST_REPLIES = 16;

  /** The characters of the id of a server's request. */
  private static final int LONGEST_ID = 255;

  static final String TOO_MUCH =
      "Its answer has more than 200,000 values, names and brackets, 64 levels, or 64 digits of a"
          + " number, and cannot be passed on. Ask for less at a time.";

  /** The longest time that the server works on a request. */
  private final Duration longest;

  private final Intake intake;
  private final Consumer<String> onListChanged;
  private final Consumer<String> onUpdated;
  private final AtomicLong ids = new AtomicLong();
  private final Semaphore replies = new Semaphore(MOST_REPLIES);
  private final Map<Long, Flight> flying = new ConcurrentHashMap<>();

  /**
   * The times at which requests that were given up count no longer, by id. A newer request has a
   * greater id.
   */
  private final ConcurrentSkipListMap<Long, Long> givenUp = new ConcurrentSkipListMap<>();

  /**
   * The time at which the requests that were dropped from the map count no longer, if there are
   * any.
   */
  private long forgotten;

  private boolean anyForgotten;

  private volatile long begunAt = System.nanoTime();
  private final Set<String> changed = ConcurrentHashMap.newKeySet();

  Flights(
      Duration longest, Intake intake, Consumer<String> onListChanged, Consumer<String> onUpdated) {
    this.longest = longest;
    this.intake = intake;
    this.onListChanged = onListChanged;
    this.onUpdated = onUpdated;
  }

  /** Says that the session has begun just now. */
  void begun() {
    begunAt = System.nanoTime();
  }

  long nextId() {
    return ids.incrementAndGet();
  }

  void begin(long id, Flight flight) {
    flying.put(id, flight);
  }

  /**
   * Ends a request for which nobody waits any more.
   *
   * @param unanswered whether it was sent, and has no answer
   */
  void end(long id, boolean unanswered) {
    Flight flight = flying.get(id);
    if (unanswered && flight != null && flight.mayAsk() && !flight.isAnswered()) {
      giveUp(id);
    }
    flying.remove(id);
    if (flight != null) {
      flight.end();
    }
  }

  private synchronized void giveUp(long id) {
    long now = System.nanoTime();
    givenUp.put(id, now + longest.toNanos());
    dropOld(now);
  }

  private void dropOld(long now) {
    givenUp.values().removeIf(until -> until - now < 0);
    while (givenUp.size() > MOST_GIVEN_UP) {
      var oldest = givenUp.pollFirstEntry();
      if (oldest != null) {
        forgotten = oldest.getValue();
        anyForgotten = true;
      }
    }
    anyForgotten &= forgotten - now >= 0;
  }

  /**
   * Returns how many requests that were given up are kept, at which the server may still be at
   * work.
   */
  int givenUp() {
    return givenUp.size();
  }

  private synchronized boolean isAnyGivenUp() {
    dropOld(System.nanoTime());
    return anyForgotten || !givenUp.isEmpty();
  }

  /** Returns true if the server may be at work on a request for which somebody waits. */
  boolean isAtWork() {
    return flying.values().stream().anyMatch(flight -> flight.isAtWork(longest));
  }

  void broken(MountException why) {
    flying.values().forEach(flight -> flight.offer(new Flight.Event.Broken(why)));
  }

  /**
   * Takes a message, with its charge, to the request to which it belongs.
   *
   * @param stream the request on whose own stream the message came, or null if it came on no such
   *     stream
   * @return whether it answers a request
   */
  boolean take(Intake.Message incoming, @Nullable Flight stream, Flight.Reply reply) {
    ObjectNode message = incoming.json();
    Charge charge = incoming.charge();
    String method = message.path("method").asString("");
    JsonNode id = message.get("id");
    ObjectNode params = Wire.object(message, "params");
    if (method.isEmpty()) {
      return answer(message.path("id").asLong(0), message, charge, charge.bytes());
    }
    if (id != null) {
      if (isId(id)) {
        request(new Flight.Event.Question(id, method, params, reply, charge), stream);
      } else {
        LOG.debug("A request is dropped, since its id is too long or of a wrong type");
        charge.close();
      }
      return false;
    }
    switch (method) {
      case "notifications/progress" ->
          offer(
              flying.get(params.path("progressToken").asLong(0)),
              new Flight.Event.Progress(params, charge),
              charge);
      case "notifications/message" ->
          offer(owner(stream).orElse(null), new Flight.Event.Log(params, charge), charge);
      default -> {
        try (charge) {
          if (method.equals("notifications/resources/updated")) {
            onUpdated.accept(params.path("uri").asString(""));
          } else {
            listChanged(method);
          }
        }
      }
    }
    return false;
  }

  private static boolean isId(JsonNode id) {
    return id.isNumber() || (id.isString() && id.stringValue().length() <= LONGEST_ID);
  }

  private static void offer(@Nullable Flight flight, Flight.Event event, Charge charge) {
    if (flight == null) {
      charge.close();
    } else {
      flight.offer(event);
    }
  }

  private boolean answer(long id, ObjectNode message, Charge charge, long read) {
    givenUp.remove(id);
    Flight flight = flying.get(id);
    offer(flight, new Flight.Event.Answer(message, charge, read), charge);
    return flight != null;
  }

  /**
   * Tells a request that its answer cannot be read.
   *
   * @return whether there is such a request
   */
  boolean unreadable(Intake.TooComplexException answer) {
    long id = answer.id();
    ObjectNode error =
        Wire.error(
            LongNode.valueOf(id), Wire.INTERNAL_ERROR, "The server has answered. " + TOO_MUCH);
    return answer(id, error, intake.nothing(), answer.bytes());
  }

  private void request(Flight.Event.Question asked, @Nullable Flight stream) {
    JsonNode id = asked.id();
    switch (asked.method()) {
      case "elicitation/create", "sampling/createMessage", "roots/list" -> {
        if (!asked.charge().isSmall()) {
          // Its charge lasts until the client answers: large ones would leave no room for answers.
          refuse(asked, "The question is too large: it may take about 64 KiB");
          return;
        }
        boolean starts = stream == null && System.nanoTime() - begunAt < STARTS.toNanos();
        boolean folders = asked.method().equals("roots/list");
        Optional<Flight> owner = folders && starts ? Optional.empty() : owner(stream);
        if (owner.isPresent()) {
          if (!owner.get().offer(asked)) {
            refuse(asked, "This cannot be asked now: other questions wait, or nobody does");
          }
          return;
        }
        if (folders && (starts || (calls().isEmpty() && !isAnyGivenUp()))) {
          ObjectNode none = Wire.object();
          none.putArray("roots");
          reply(asked, Wire.result(id, none));
        } else {
          refuse(
              asked,
              "This cannot be asked now: several calls are in flight, or none, and the question"
                  + " does not say whose it is");
        }
      }
      case "ping" -> reply(asked, Wire.result(id, Wire.object()));
      default ->
          reply(asked, Wire.error(id, Wire.METHOD_NOT_FOUND, "This client does not know it"));
    }
  }

  private void refuse(Flight.Event.Question asked, String why) {
    reply(asked, Wire.error(asked.id(), Wire.INTERNAL_ERROR, why));
  }

  private Optional<Flight> owner(@Nullable Flight stream) {
    if (stream != null) {
      return Optional.of(stream);
    }
    List<Flight> calls = calls();
    return !isAnyGivenUp() && calls.size() == 1 ? Optional.of(calls.getFirst()) : Optional.empty();
  }

  private List<Flight> calls() {
    return flying.values().stream().filter(Flight::mayAsk).toList();
  }

  /**
   * Replies to a request of the server, and closes its charge when the reply is sent. The reply is
   * sent by a thread of its own, since the server may not read before all that it writes is read.
   * The request is dropped if too many replies are being sent: such a server does not read them.
   */
  private void reply(Flight.Event.Question asked, ObjectNode message) {
    if (!replies.tryAcquire()) {
      LOG.debug("A request is dropped, since {} replies are being sent", MOST_REPLIES);
      asked.charge().close();
      return;
    }
    Thread.startVirtualThread(
        () -> {
          try (Charge _ = asked.charge()) {
            send(asked.reply(), message);
          }
        });
  }

  private void send(Flight.Reply reply, ObjectNode message) {
    try {
      reply.send(message);
    } catch (MountException e) {
      LOG.debug("A question has no answer: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      replies.release();
    }
  }

  private void listChanged(String method) {
    String list = method.replaceFirst("^notifications/(.*)/list_changed$", "$1");
    if (Handshake.LISTS.contains(list) && changed.add(list)) {
      Thread.startVirtualThread(
          () -> {
            try {
              Thread.sleep(SETTLED);
              changed.remove(list);
              onListChanged.accept(list);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }
  }
}
