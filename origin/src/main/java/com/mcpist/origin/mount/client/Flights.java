package com.mcpist.origin.mount.client;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The requests in flight in one session, and which of them a message belongs to. What a server says
 * without naming a call goes to the only one in flight. Where there are several nobody gets it: one
 * user would see what is another's. A request that was given up counts for some time still, since
 * the server may be at work on it.
 */
final class Flights {
  private static final Logger LOG = LoggerFactory.getLogger(Flights.class);

  /** Several changes in a row are told once. */
  private static final Duration SETTLED = Duration.ofMillis(200);

  /** Servers ask for folders after their start, for whatever comes, and keep the answer. */
  private static final Duration STARTS = Duration.ofSeconds(2);

  private final Duration givenUpCounts;
  private final Consumer<String> onListChanged;
  private final Consumer<String> onUpdated;
  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, Flight> flying = new ConcurrentHashMap<>();
  private final Map<Long, Long> givenUp = new ConcurrentHashMap<>();
  private volatile long begunAt = System.nanoTime();
  private final Set<String> changed = ConcurrentHashMap.newKeySet();

  Flights(Duration givenUpCounts, Consumer<String> onListChanged, Consumer<String> onUpdated) {
    this.givenUpCounts = givenUpCounts;
    this.onListChanged = onListChanged;
    this.onUpdated = onUpdated;
  }

  /** The session has begun just now. */
  void begun() {
    begunAt = System.nanoTime();
  }

  long nextId() {
    return ids.incrementAndGet();
  }

  void begin(long id, Flight flight) {
    flying.put(id, flight);
  }

  /** Nobody waits for it any more; it may have been sent without an answer. */
  void end(long id, boolean unanswered) {
    Flight flight = flying.get(id);
    if (unanswered && flight != null && flight.mayAsk() && !flight.isAnswered()) {
      givenUp.put(id, System.nanoTime() + givenUpCounts.toNanos());
    }
    flying.remove(id);
  }

  void broken(MountException why) {
    flying.values().forEach(flight -> flight.offer(new Flight.Event.Broken(why)));
  }

  /**
   * Takes a message to whom it belongs.
   *
   * @param stream the request on whose own stream it came; null: none of its own
   * @return whether it answers a request
   */
  boolean take(ObjectNode message, @Nullable Flight stream, Flight.Reply reply) {
    String method = message.path("method").asString("");
    JsonNode id = message.get("id");
    ObjectNode params = Wire.object(message, "params");
    if (method.isEmpty()) {
      return answer(message);
    }
    if (id != null) {
      request(method, id, params, stream, reply);
      return false;
    }
    switch (method) {
      case "notifications/progress" -> {
        Flight flight = flying.get(params.path("progressToken").asLong(0));
        if (flight != null) {
          flight.offer(new Flight.Event.Progress(params));
        }
      }
      case "notifications/message" ->
          owner(stream).ifPresent(flight -> flight.offer(new Flight.Event.Log(params)));
      case "notifications/resources/updated" -> onUpdated.accept(params.path("uri").asString(""));
      default -> listChanged(method);
    }
    return false;
  }

  private boolean answer(ObjectNode message) {
    long id = message.path("id").asLong(0);
    givenUp.remove(id);
    Flight flight = flying.get(id);
    if (flight != null) {
      flight.offer(new Flight.Event.Answer(message));
    }
    return flight != null;
  }

  private void request(
      String method, JsonNode id, ObjectNode params, @Nullable Flight stream, Flight.Reply reply) {
    switch (method) {
      case "ping" -> reply(reply, Wire.result(id, Wire.object()));
      case "elicitation/create", "sampling/createMessage", "roots/list" -> {
        boolean starts = stream == null && System.nanoTime() - begunAt < STARTS.toNanos();
        boolean folders = method.equals("roots/list");
        Optional<Flight> owner = folders && starts ? Optional.empty() : owner(stream);
        if (owner.isPresent()) {
          owner.get().offer(new Flight.Event.Question(id, method, params, reply));
        } else if (folders && (starts || (calls().isEmpty() && givenUp.isEmpty()))) {
          ObjectNode none = Wire.object();
          none.putArray("roots");
          reply(reply, Wire.result(id, none));
        } else {
          reply(
              reply,
              Wire.error(
                  id,
                  Wire.INTERNAL_ERROR,
                  "This cannot be asked now: several calls are in flight, or none, and the question"
                      + " does not say whose it is"));
        }
      }
      default ->
          reply(reply, Wire.error(id, Wire.METHOD_NOT_FOUND, "This client does not know it"));
    }
  }

  private Optional<Flight> owner(@Nullable Flight stream) {
    if (stream != null) {
      return Optional.of(stream);
    }
    givenUp.values().removeIf(until -> until - System.nanoTime() < 0);
    List<Flight> calls = calls();
    return givenUp.isEmpty() && calls.size() == 1
        ? Optional.of(calls.getFirst())
        : Optional.empty();
  }

  private List<Flight> calls() {
    return flying.values().stream().filter(Flight::mayAsk).toList();
  }

  /** By a thread of its own: the server may not read before all that it writes is read. */
  private static void reply(Flight.Reply reply, ObjectNode message) {
    Thread.startVirtualThread(
        () -> {
          try {
            reply.send(message);
          } catch (MountException e) {
            LOG.debug("A question has no answer: {}", e.getMessage());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
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
