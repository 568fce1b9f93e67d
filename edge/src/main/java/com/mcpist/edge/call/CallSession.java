package com.mcpist.edge.call;

import com.mcpist.edge.call.Session.Place;
import com.mcpist.edge.pool.Origin;
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
 * The session that a call is in, where its origins have sessions: where the call goes, and what its
 * answers say of the session. Used on the call's event loop only.
 */
final class CallSession {
  /** Of one call: a server that forgets each session at once gets no more. */
  private static final int MOST_REOPENED = 3;

  private static final String LEDGER = "X-Ledger";

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

  /** As the client knows it; null: there is none. */
  @Nullable String id() {
    return session == null ? null : session.id();
  }

  boolean canMove() {
    return session != null && session.canMove();
  }

  /** The client ends it. */
  void end() {
    if (session != null) {
      means.sessions().remove(session);
      session.end(means.origins(), this::ask);
    }
  }

  /** The origin where it is, unless that is drained or down. */
  Optional<Origin> home() {
    return session == null ? Optional.empty() : session.home(means.origins());
  }

  /**
   * Its id at this origin, once the call may be sent there. Fails where the origin does not open
   * it, with UnexpectedException where that is well.
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

  /** A request of the edge's own in a session of the caller's. */
  private Future<Upstream.Answer> ask(
      Origin origin, HttpMethod method, Buffer content, @Nullable String idThere) {
    long deadline = means.clock().millis() + means.config().attemptMillis();
    String secret = means.gatewaySecret().get();
    return means
        .upstream()
        .ask(origin, method, to -> headers.putForSession(to, deadline, secret, idThere), content);
  }

  /** Fills an attempt's header; null: it is sent in no session. */
  void put(MultiMap to, @Nullable String idThere) {
    if (idThere != null) {
      to.set(CallHeaders.SESSION_ID, idThere);
    }
    if (session != null && session.hasMoved()) {
      to.remove(CallHeaders.LAST_EVENT);
    }
  }

  /**
   * An origin takes what has been sent; the payload is read only where there is a session. One that
   * keeps a ledger has none: its id is for all origins.
   */
  void taken(Origin origin, HttpClientResponse head, Supplier<Payload> payload, Buffer body) {
    @Nullable String opened = head.getHeader(CallHeaders.SESSION_ID);
    if (session != null) {
      if (session.taken(payload.get(), body)) {
        means.sessions().changed(session);
      }
    } else if (opened != null
        && !head.headers().contains(LEDGER)
        && payload.get().has("initialize")) {
      session = Session.opened(headers.user(), new Place(origin.name(), opened), body);
      means.sessions().add(session);
    }
  }

  /** Whether a new one can be opened if there is none. */
  boolean mayHaveGone() {
    return canMove() && reopened < MOST_REOPENED;
  }

  /** Whether the origin still knows it under this id. */
  Future<Boolean> lives(Origin origin, String idThere) {
    return Session.lives(origin, idThere, this::ask);
  }

  /** An origin does not know it under this id, null: it was not told. */
  void gone(@Nullable String idThere) {
    if (session != null && idThere != null) {
      session.gone(idThere);
      reopened++;
    }
  }

  /** Whether to try once more where it is: a ping shows whether it has gone with a connection. */
  boolean triesAtHomeAgain() {
    boolean tries = canMove() && !triedAtHomeAgain;
    triedAtHomeAgain |= tries;
    return tries;
  }

  /** Runs this once on the loop when it moves; the client's stream is at the old place. */
  void whenMoved(Runnable task) {
    if (session != null) {
      session.whenMoved(() -> means.loop().runOnContext(_ -> task.run()));
    }
  }
}
