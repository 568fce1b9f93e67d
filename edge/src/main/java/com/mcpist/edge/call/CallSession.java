package com.mcpist.edge.call;

import com.mcpist.edge.call.Session.Place;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.wire.OwnRequest.UnexpectedException;
import com.mcpist.edge.wire.Payload;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The session that a call is in, if its origins have sessions. The session decides where the call
 * goes, and the call's answers tell what has become of the session. Used on the call's event loop
 * only.
 */
final class CallSession {
  /**
   * The most sessions that are opened anew for one call. A server that forgets each session at once
   * gets no more.
   */
  private static final int MOST_REOPENED = 3;

  private final Means means;
  private final CallHeaders headers;
  private @Nullable Session session;
  private int reopened;
  private boolean triedAtHomeAgain;

  CallSession(Means means, CallHeaders headers, @Nullable String id) {
    this.means = means;
    this.headers = headers;
    this.session = id == null ? null : means.sessions().find(headers.user(), id);
  }

  boolean exists() {
    return session != null;
  }

  /** Returns the session's id as the client knows it; null if there is no session. */
  @Nullable String id() {
    return session == null ? null : session.id();
  }

  boolean canMove() {
    return session != null && session.canMove();
  }

  /** Ends the session, because its client does. */
  void end() {
    if (session != null) {
      means.sessions().remove(session);
      session.end(means.origins(), this::ask);
    }
  }

  /** Returns the origin where the session is, unless that origin is drained or down. */
  Optional<Origin> home() {
    return session == null ? Optional.empty() : session.home(means.origins());
  }

  /**
   * Returns the session's id at this origin, once the call may be sent there. The future fails if
   * the origin does not open the session. The failure is an UnexpectedException if the origin
   * itself works.
   */
  Future<String> at(Origin origin) {
    Session in = session;
    if (in == null) {
      return Future.failedFuture(new UnexpectedException("there is no session"));
    }
    return in.at(origin, means.origins().isHealthy(origin), this::ask)
        .compose(
            place ->
                place.origin().equals(origin.name()) || !in.canMove()
                    ? Future.succeededFuture(place.id())
                    : Future.failedFuture(new UnexpectedException("another call was first")));
  }

  /** Sends a request that the edge makes for itself in a session of the caller's. */
  private Future<Upstream.Answer> ask(
      Origin origin, HttpMethod method, Buffer content, @Nullable String idThere) {
    long deadline = means.clock().millis() + means.config().attemptMillis();
    String secret = means.gatewaySecret().get();
    return means
        .upstream()
        .ask(origin, method, to -> headers.putForSession(to, deadline, secret, idThere), content);
  }

  /**
   * Fills the header of an attempt. {@code idThere} is null if the attempt is sent in no session.
   */
  void put(MultiMap to, @Nullable String idThere) {
    if (idThere != null) {
      to.set(CallHeaders.SESSION_ID, idThere);
    }
    if (session != null && session.hasMoved()) {
      to.remove(CallHeaders.LAST_EVENT);
    }
  }

  /**
   * Notes that an origin has accepted what was sent. The payload is read only if there is a
   * session, or if the origin opens one. The session of an origin that keeps a ledger is not noted,
   * because its id is valid at all origins.
   */
  void taken(Origin origin, HttpClientResponse head, Supplier<Payload> payload, Buffer body) {
    @Nullable String opened = head.getHeader(CallHeaders.SESSION_ID);
    @Nullable String type = head.getHeader("Content-Type");
    boolean byMcp = opened != null || (type != null && type.startsWith("text/event-stream"));
    if (byMcp && !head.headers().contains(Origins.LEDGER)) {
      // A server may refuse each probe, because the probe is in no session or has no key. Only its
      // answers to calls show that it keeps no ledger. A platform's page has no session's id, and
      // is no event stream.
      means.origins().answeredWithoutLedger(origin);
    }
    if (session != null) {
      if (session.taken(payload.get(), body)) {
        means.sessions().changed(session);
      }
    } else if (opened != null
        && !head.headers().contains(Origins.LEDGER)
        && payload.get().has("initialize")) {
      session = Session.opened(headers.user(), new Place(origin.name(), opened), body);
      means.sessions().add(session);
    }
  }

  /** Returns true if a new session can be opened in case the origin has forgotten this one. */
  boolean mayHaveGone() {
    return canMove() && reopened < MOST_REOPENED;
  }

  /** Returns whether the origin still knows the session under this id. */
  Future<Boolean> lives(Origin origin, String idThere) {
    return Session.lives(origin, idThere, this::ask);
  }

  /**
   * Notes that an origin does not know the session under this id. {@code idThere} is null if the
   * origin was told no id.
   */
  void gone(@Nullable String idThere) {
    if (session != null && idThere != null) {
      session.gone(idThere);
      reopened++;
    }
  }

  /**
   * Returns true, once, if the call is to try once more at the origin where its session is. A ping
   * then shows whether the session has gone together with a connection.
   */
  boolean triesAtHomeAgain() {
    boolean tries = canMove() && !triedAtHomeAgain;
    triedAtHomeAgain |= tries;
    return tries;
  }

  /**
   * Runs the task once on the loop when the session moves. The client's stream is at the old place.
   */
  void whenMoved(Runnable task) {
    if (session != null) {
      session.whenMoved(() -> means.loop().runOnContext(_ -> task.run()));
    }
  }
}
