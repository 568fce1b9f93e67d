package com.mcpist.edge.call;

import com.mcpist.edge.call.Upstream.Answer;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.wire.OwnRequest.UnexpectedException;
import com.mcpist.edge.wire.Payload;
import com.mcpist.edge.wire.Payload.Message;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client's session with an origin that issues sessions. If that origin has gone, or does not know
 * the session any more, a new session is opened in its place from what the client has sent: its
 * initialize, its level of logging and its subscriptions. The client's id names the first origin,
 * so that an edge that knows nothing else finds that origin. Safe for all threads.
 */
final class Session {
  static final String INITIALIZED = "notifications/initialized";

  /** The largest number of bytes that is kept of one session. */
  private static final int MOST_BYTES = 64 * 1024;

  private static final char BETWEEN = '~';
  private static final String INITIALIZE = "initialize";
  private static final String PING =
      "{\"jsonrpc\":\"2.0\",\"id\":\"mcpist-edge\",\"method\":\"ping\"}";

  private final String user;
  private final String id;

  /** The requests that open the session anew, in order; empty if it cannot be opened anew. */
  private final Map<String, Buffer> requests = new LinkedHashMap<>();

  private Place place;
  private @Nullable Place former;
  private boolean gone;
  private @Nullable Future<Place> opening;
  private Runnable whenMoved = () -> {};

  /** The place of a session: an origin, and the id that this origin has given to the session. */
  record Place(String origin, String id) {
    /** Returns the place that the client's id names; null if no edge has given this id. */
    static @Nullable Place of(String clientsId) {
      int end = clientsId.indexOf(BETWEEN);
      return end < 0 ? null : new Place(clientsId.substring(0, end), clientsId.substring(end + 1));
    }
  }

  Session(String user, String id, Place place) {
    this.user = user;
    this.id = id;
    this.place = place;
  }

  /** Returns a session that an origin has opened just now. */
  static Session opened(String user, Place place, Buffer initialize) {
    Session session = new Session(user, place.origin() + BETWEEN + place.id(), place);
    session.keep(INITIALIZE, initialize);
    return session;
  }

  static Buffer initialized() {
    return Buffer.buffer("{\"jsonrpc\":\"2.0\",\"method\":\"" + INITIALIZED + "\"}");
  }

  String user() {
    return user;
  }

  /** Returns the session's id as its client knows it. */
  String id() {
    return id;
  }

  /** Returns the number of bytes of memory that the session takes. */
  synchronized int bytes() {
    return id.length() + requests.values().stream().mapToInt(Buffer::length).sum();
  }

  synchronized boolean canMove() {
    return requests.containsKey(INITIALIZE);
  }

  /** Returns true if the session is at another place than the place where it began. */
  synchronized boolean hasMoved() {
    return former != null;
  }

  /** Returns the origin where the session is, unless that origin is drained or down. */
  Optional<Origin> home(Origins origins) {
    String name = place().origin();
    return origins.inOrder().stream()
        .filter(origin -> origin.name().equals(name) && !origins.isDown(origin))
        .findFirst();
  }

  private synchronized Place place() {
    return place;
  }

  /**
   * Notes that the origin has accepted what the client has sent in the session. Returns true if the
   * session now takes another amount of memory.
   */
  synchronized boolean taken(Payload payload, Buffer body) {
    Message message = payload.messages().isEmpty() ? null : payload.messages().getFirst();
    if (message == null || message.method() == null || payload.batch() || !canMove()) {
      return false;
    }
    switch (message.method()) {
      case "logging/setLevel" -> keep(message.method(), body);
      case "resources/subscribe" -> keep(uri(body), body);
      case "resources/unsubscribe" -> requests.remove(uri(body));
      default -> {
        return false;
      }
    }
    return true;
  }

  private static String uri(Buffer body) {
    return JsonMapper.shared().readTree(body.getBytes()).path("params").path("uri").asString("");
  }

  private synchronized void keep(String what, Buffer body) {
    requests.remove(what);
    if (bytes() + body.length() <= MOST_BYTES) {
      requests.put(what, body.copy());
    }
  }

  /** Notes that an origin does not know the session under this id. */
  synchronized void gone(String idThere) {
    gone |= place.id().equals(idThere);
  }

  /** Runs the task once when the session moves. The client's stream is at the old place. */
  synchronized void whenMoved(Runnable task) {
    whenMoved = task;
  }

  /**
   * Returns the session's place once one of its calls may be sent to this origin. The place may be
   * at another origin, if another call was first. The future fails if the origin does not open the
   * session.
   */
  Future<Place> at(Origin origin, boolean healthy, Ask ask) {
    Promise<Place> opened = Promise.promise();
    synchronized (this) {
      Future<Place> current = opening;
      if (current != null) {
        return current;
      }
      boolean here = place.origin().equals(origin.name());
      if (!canMove() || (here && !gone && healthy)) {
        return Future.succeededFuture(place);
      }
      opening = opened.future();
    }
    isThere(origin, ask)
        .compose(there -> there ? Future.succeededFuture(place()) : open(origin, ask))
        .onComplete(
            found -> {
              synchronized (this) {
                opening = null;
              }
              opened.handle(found);
            });
    return opened.future();
  }

  /** Returns whether an origin that may not be healthy is there and knows the session. */
  private Future<Boolean> isThere(Origin origin, Ask ask) {
    Place now = place();
    synchronized (this) {
      if (gone || !now.origin().equals(origin.name())) {
        return Future.succeededFuture(false);
      }
    }
    return lives(origin, now.id(), ask);
  }

  /** Returns whether the origin still knows the session under this id. */
  static Future<Boolean> lives(Origin origin, String idThere, Ask ask) {
    return ask.post(origin, Buffer.buffer(PING), idThere).map(Answer::isGood);
  }

  private Future<Place> open(Origin origin, Ask ask) {
    List<Buffer> rest;
    Buffer initialize;
    synchronized (this) {
      Map<String, Buffer> all = new LinkedHashMap<>(requests);
      initialize = all.remove(INITIALIZE);
      rest = List.copyOf(all.values());
    }
    if (initialize == null) {
      return Future.failedFuture(new UnexpectedException("its client has ended it"));
    }
    return ask.post(origin, initialize, null)
        .compose(
            answer ->
                answer.isGood() && answer.session() != null
                    ? Future.succeededFuture(new Place(origin.name(), answer.session()))
                    : Future.failedFuture(
                        new UnexpectedException("no session: status " + answer.status())))
        .compose(there -> ask.post(origin, initialized(), there.id()).map(there))
        .compose(
            there -> {
              Future<Place> sent = Future.succeededFuture(there);
              for (Buffer each : rest) {
                sent = sent.compose(_ -> ask.post(origin, each, there.id())).map(there);
              }
              return sent;
            })
        .onSuccess(this::move);
  }

  private void move(Place to) {
    Runnable task;
    synchronized (this) {
      former = place;
      place = to;
      gone = false;
      task = whenMoved;
      whenMoved = () -> {};
    }
    task.run();
  }

  /**
   * Ends the session, because its client does. The session moves no more, and is also ended at the
   * place where it was before.
   */
  void end(Origins origins, Ask ask) {
    Place old;
    synchronized (this) {
      requests.clear();
      old = former;
    }
    if (old != null) {
      origins.inOrder().stream()
          .filter(origin -> origin.name().equals(old.origin()))
          .forEach(origin -> ask.send(origin, HttpMethod.DELETE, Buffer.buffer(), old.id()));
    }
  }

  /**
   * Sends requests to origins for the caller of a call, in the session with this id; null for no
   * session.
   */
  @FunctionalInterface
  interface Ask {
    Future<Answer> send(Origin origin, HttpMethod method, Buffer body, @Nullable String session);

    default Future<Answer> post(Origin origin, Buffer body, @Nullable String session) {
      return send(origin, HttpMethod.POST, body, session);
    }
  }
}
