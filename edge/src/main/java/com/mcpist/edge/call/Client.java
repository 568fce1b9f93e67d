package com.mcpist.edge.call;

import com.mcpist.edge.gate.Gate;
import com.mcpist.edge.gate.Gate.Entry;
import com.mcpist.edge.gate.Rejection;
import com.mcpist.edge.gate.Rejection.Refusal;
import com.mcpist.edge.gate.Route;
import com.mcpist.edge.listen.ProxyServer.ClientConnection;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.status.Page;
import com.mcpist.edge.status.Visitor;
import com.mcpist.edge.wire.CallError;
import com.mcpist.edge.wire.HeaderHygiene;
import com.mcpist.edge.wire.Payload;
import com.mcpist.edge.wire.Payload.Message;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The client that has made a request, and what it has been sent. */
final class Client implements Visitor {
  private static final String JSON = "application/json";
  private static final CharSequence SERVED_BY = HttpHeaders.createOptimized("X-Served-By");
  private static final CharSequence ATTEMPTS = HttpHeaders.createOptimized("X-Attempts");
  private static final CharSequence CLOSE = HttpHeaders.createOptimized("close");
  private static final String RETRY_SECONDS = "1";

  /**
   * The head of an origin's answer. {@code attempts} is the number of attempts, this one included.
   * {@code session} is the id of the call's session as the client knows it; null if there is none.
   */
  record Head(HttpClientResponse response, Origin origin, int attempts, @Nullable String session) {}

  private final ClientConnection connection;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Gate gate;
  private Entry.@Nullable Open entry;
  private @Nullable Sending sending;
  private boolean gone;
  private boolean reset;
  private boolean closes;
  private boolean spacesOnly;
  private Runnable onGone = () -> {};
  private Runnable onRoom = () -> {};

  Client(ClientConnection connection, HttpServerRequest request, Gate gate) {
    this.connection = connection;
    this.request = request;
    this.gate = gate;
    this.response = request.response();
    response.closeHandler(closed -> leave());
    response.exceptionHandler(
        broken -> {
          reset |= broken instanceof IOException;
          leave();
        });
  }

  private void leave() {
    if (!gone && !response.ended()) {
      gone = true;
      onGone.run();
    }
  }

  @Override
  public HttpServerRequest request() {
    return request;
  }

  /** Notes that the gate has let the request in. */
  void enters(Entry.Open open) {
    if (open.account() == Gate.Account.USER) {
      connection.belongsTo(open.caller().userId());
    }
    entry = open;
  }

  /** Notes that the request is whole, and is not turned away. */
  void taken() {
    connection.taken();
  }

  /** Notes the status with which an origin answers the request. */
  void originAnswered(int status) {
    Entry.Open open = entry;
    if (open != null && gate.answered(request, open, status)) {
      enters(new Entry.Open(open.caller(), Gate.Account.USER));
    }
  }

  /** Returns true if the connection was closed before the response was whole. */
  boolean gone() {
    return gone;
  }

  /** Returns true if the connection was not closed in order. */
  boolean wasReset() {
    return reset;
  }

  /** Sets what runs when the client goes away: {@code Call.clientGone}. */
  @Override
  public void onGone(Runnable task) {
    onGone = task;
  }

  /** Sets what runs before the client is cut off because its edge stops. */
  void onStop(Runnable task) {
    connection.onStop(task);
  }

  /** Sets the sending that is told whether the last byte was sent. */
  void carries(Sending task) {
    sending = task;
  }

  @Override
  public void onRoom(Runnable task) {
    onRoom = task;
  }

  boolean hasBegun() {
    return response.headWritten();
  }

  /** Sends an origin's whole answer; completes when the client has been sent all of it. */
  Future<Void> answer(Head head, Buffer body) {
    int status = head.response().statusCode();
    boolean readable = status == 429 && answersRequest(body);
    // A readable 429 is sent as 200, as the edge's own refusals are.
    put(head, readable ? 200 : status);
    return end(body);
  }

  private static boolean answersRequest(Buffer body) {
    return Payload.read(body.getBytes()).messages().stream().anyMatch(Message::isResponse);
  }

  /**
   * Returns true if the client has the head of a JSON answer and so far only the spaces with which
   * a slow answer begins. Any JSON may then follow.
   */
  boolean hasSpacesOnly() {
    return spacesOnly;
  }

  /**
   * Sends an origin's head and the beginning of its JSON answer. Returns false if the next piece
   * should wait, as {@link #write} does.
   */
  boolean begin(Head head, Buffer beginning) {
    @Nullable String type = head.response().getHeader(HttpHeaders.CONTENT_TYPE);
    begin(head);
    spacesOnly = type != null && type.startsWith(JSON);
    return passOn(beginning);
  }

  /** Sends a further piece of an answer that was begun with its beginning. */
  boolean passOn(Buffer piece) {
    for (int i = 0; spacesOnly && i < piece.length(); i++) {
      spacesOnly = piece.getByte(i) == ' ';
    }
    return write(piece);
  }

  /** Sends an origin's head; the body follows piece by piece. */
  void begin(Head head) {
    put(head, head.response().statusCode());
    sayIfItCloses();
    response.setChunked(true);
    response.writeHead();
  }

  @Override
  public void stream() {
    HeaderHygiene.putSecurity(response.headers());
    response.putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream");
    sayIfItCloses();
    response.setChunked(true);
    response.writeHead();
  }

  @Override
  public void send(Page page) {
    response.setStatusCode(page.status());
    HeaderHygiene.putSecurity(response.headers());
    page.headers().forEach(response::putHeader);
    end(Buffer.buffer(page.body()));
  }

  private void put(Head head, int status) {
    response.setStatusCode(status);
    HeaderHygiene.toClient(head.response().headers(), response.headers());
    if (head.session() != null && response.headers().contains(CallHeaders.SESSION_ID)) {
      response.putHeader(CallHeaders.SESSION_ID, head.session());
    }
    if (status == 401) {
      // Only the edge knows the name under which its clients know the server.
      gate.challengeOfOrigin().ifPresent(value -> response.putHeader("WWW-Authenticate", value));
    }
    response.putHeader(SERVED_BY, head.origin().name());
    response.putHeader(ATTEMPTS, Integer.toString(head.attempts()));
  }

  /** Sends a piece of the body. Returns false if the next piece should wait until there is room. */
  @Override
  public boolean write(Buffer piece) {
    if (gone) {
      return true;
    }
    response.write(piece);
    if (!response.writeQueueFull()) {
      return true;
    }
    connection.writing();
    response.drainHandler(
        drained -> {
          connection.written();
          onRoom.run();
        });
    return false;
  }

  @Override
  public void end() {
    end(Buffer.buffer());
  }

  private Future<Void> end(Buffer last) {
    if (gone) {
      return Future.succeededFuture();
    }
    if (!response.headWritten()) {
      sayIfItCloses();
    }
    connection.writing();
    if (sending != null) {
      // A client whose answer is sent piece by piece may already have all that it waits for.
      connection.leaving(sending, !response.headWritten());
    }
    return response
        .end(last)
        .andThen(
            sent -> {
              connection.responseEnded();
              settle(sent.succeeded());
              if (closes) {
                connection.close();
              }
            });
  }

  private void settle(boolean sent) {
    Sending settled = sending;
    if (settled != null && sent) {
      settled.flushed();
      connection.answered(settled);
    } else if (settled != null) {
      settled.lost();
    }
  }

  /**
   * Tells the client that the connection closes after this response, if the connection drains. A
   * client that is not told may send its next request on this connection, so only a client that was
   * told finds the connection closed. A client whose head was sent before the drain is told with
   * its next response.
   */
  private void sayIfItCloses() {
    if (connection.draining()) {
      closes = true;
      response.putHeader(HttpHeaders.CONNECTION, CLOSE);
    }
  }

  /** Breaks off a body that cannot be made whole, so that the client sees that it is not. */
  @Override
  public void abort() {
    connection.cut();
  }

  void error(CallError error, Payload request, int attempts) {
    if (response.headWritten()) {
      // The client has the head and spaces so far.
      end(Buffer.buffer(error.answer(request)));
      return;
    }
    response.setStatusCode(request.requests().isEmpty() ? 503 : 200);
    response.putHeader(ATTEMPTS, Integer.toString(attempts));
    if (error.mayBeSentAgain(request)) {
      response.putHeader(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
    }
    json(error.answer(request));
  }

  void health(boolean healthy) {
    response.setStatusCode(healthy ? 200 : 503);
    json(healthy ? "{\"status\":\"ok\"}" : "{\"status\":\"unhealthy\"}");
  }

  /** Sends the protected resource's metadata, which pages of any site may read. */
  void metadata(String json) {
    response
        .putHeader(HttpHeaders.CACHE_CONTROL, "max-age=3600")
        .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    json(json);
  }

  /** Sends a refusal. {@code read} is the request's body, if the body has been read. */
  void reject(
      Refusal refusal,
      Route route,
      boolean bodyLeft,
      Payload read,
      String id,
      boolean keepsCalls,
      Instant now) {
    Rejection rejection = refusal.rejection();
    response.setStatusCode(rejection.status(read));
    refusal.headers().forEach(response::putHeader);
    if (rejection == Rejection.WRONG_METHOD) {
      response.putHeader(HttpHeaders.ALLOW, Route.allowed(request.uri()));
    }
    boolean broken = bodyLeft || rejection.closes();
    if (broken) {
      response.putHeader(HttpHeaders.CONNECTION, CLOSE);
      connection.endsWithThis();
    }
    @Nullable String key = CallHeaders.key(request.headers());
    Future<Void> sent =
        json(
            route == Route.MCP
                ? rejection.answer(read, id, key, keepsCalls, now)
                : rejection.plain(id));
    if (broken) {
      sent.onComplete(done -> connection.close());
    }
  }

  private Future<Void> json(String body) {
    response.putHeader(HttpHeaders.CONTENT_TYPE, JSON);
    HeaderHygiene.putSecurity(response.headers());
    return end(Buffer.buffer(body));
  }
}
