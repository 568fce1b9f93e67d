package com.mcpist.edge.proxy;

import com.mcpist.edge.auth.Caller;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes in one request: judges its head, finds out who asks, and waits until its body is whole. One
 * that is turned away is read to its end first, within limits: most clients look for a response
 * only after they have sent everything, and a connection closed before that would show them a
 * broken one instead of the reason.
 */
final class Intake implements Watched {
  private static final long MAX_DISCARDED_BYTES = 16L * 1024 * 1024;
  private static final long MAX_DISCARDING_MILLIS = 2_000;

  private final EventLoop loop;
  private final Upstream upstream;
  private final ToolCatalog catalog;
  private final Client client;
  private final Route route;
  private long begun;
  private Buffer body = Buffer.buffer();
  private int pieces;
  private long discarded;
  private Caller caller = Caller.LOCAL;
  private @Nullable Refusal refusal;
  private boolean over;

  Intake(EventLoop loop, Upstream upstream, ToolCatalog catalog, Client client) {
    this.loop = loop;
    this.upstream = upstream;
    this.catalog = catalog;
    this.client = client;
    this.route = Route.of(client.request().method(), client.request().uri());
    this.begun = loop.now();
  }

  void begin() {
    Optional<Refusal> atHead = judgeHead();
    if (atHead.isPresent()) {
      refusal = atHead.get();
      receive();
    } else if (route == Route.MCP) {
      enter();
    } else {
      receive();
    }
  }

  private Optional<Refusal> judgeHead() {
    HttpServerRequest request = client.request();
    Shared shared = loop.shared();
    Optional<Refusal> crowded = shared.gate().address(request);
    return RequestCheck.rejection(
            route,
            request.version(),
            request.headers(),
            shared.config().maxBodyBytes(),
            shared.names())
        .map(Refusal::of)
        .filter(malformed -> malformed.rejection().closes() || crowded.isEmpty())
        .or(() -> crowded);
  }

  private void enter() {
    Future<Gate.Entry> entry =
        loop.shared().gate().enter(client.request().uri(), client.request().headers());
    if (entry.isComplete()) {
      entered(entry);
    } else {
      // An issuer is asked for a key: that takes a while, in which nothing is read.
      client.request().pause();
      entry.onComplete(found -> loop.run(() -> enteredLate(found)));
    }
  }

  private void enteredLate(AsyncResult<Gate.Entry> found) {
    if (!client.gone()) {
      begun = loop.now();
      entered(found);
      client.request().resume();
    }
  }

  private void entered(AsyncResult<Gate.Entry> found) {
    switch (found.result()) {
      case Gate.Entry.Open(Caller who) -> caller = who;
      case Gate.Entry.Closed(Refusal why) -> refusal = why;
    }
    receive();
  }

  private void receive() {
    HttpServerRequest request = client.request();
    boolean waitsForContinue = request.headers().contains(HttpHeaders.EXPECT);
    Refusal known = refusal;
    if (known != null && (waitsForContinue || known.rejection().closes() || tooLongToDiscard())) {
      reject(true);
      return;
    }
    loop.watch(this);
    request.exceptionHandler(broken -> leave());
    request.endHandler(ended -> whole());
    request.handler(this::take);
    if (waitsForContinue) {
      request.response().writeContinue();
    }
  }

  private boolean tooLongToDiscard() {
    return declared() > MAX_DISCARDED_BYTES;
  }

  private long declared() {
    return RequestCheck.bodyBytes(client.request().headers());
  }

  private int maxBodyBytes() {
    return loop.shared().config().maxBodyBytes();
  }

  private void take(Buffer piece) {
    if (over) {
      return;
    }
    if (refusal == null && route == Route.MCP) {
      hold(piece);
    } else {
      // Nobody has shown a key for it, or it is a body where none belongs: it takes no room.
      discarded += piece.length();
      if (discarded > MAX_DISCARDED_BYTES) {
        refusal = refusal == null ? Refusal.of(Rejection.BODY_TOO_LARGE) : refusal;
        reject(true);
      }
    }
  }

  private void hold(Buffer piece) {
    if (client.request().method().equals(HttpMethod.GET)) {
      return; // It means nothing, and there are servers that would take it for the next request.
    }
    int length = body.length() + piece.length();
    if (length > maxBodyBytes()) {
      refuse(Rejection.BODY_TOO_LARGE);
    } else if (!loop.shared().budget().take(piece.length(), Math.max(length, declared()))) {
      refuse(Rejection.OVERLOADED);
    } else {
      pieces++;
      // The usual body is one piece, which is then not copied.
      body = pieces == 1 ? piece : (pieces == 2 ? body.copy() : body).appendBuffer(piece);
    }
  }

  private void refuse(Rejection reason) {
    giveBack();
    refusal = Refusal.of(reason);
  }

  private void giveBack() {
    loop.shared().budget().give(body.length());
    body = Buffer.buffer();
  }

  private void whole() {
    if (over) {
      return;
    }
    if (refusal == null && route == Route.METADATA && loop.shared().gate().asks()) {
      answerMetadata();
      return;
    }
    if (refusal != null) {
      reject(false);
      return;
    }
    leaveWatch();
    Buffer whole = body;
    body = Buffer.buffer(); // The request keeps this intake for as long as its response lasts.
    new Call(loop, upstream, catalog, client, route, caller, whole).start();
  }

  private void answerMetadata() {
    giveBack();
    leaveWatch();
    loop.shared()
        .gate()
        .metadata()
        .ifPresentOrElse(
            client::metadata, () -> client.reject(Refusal.of(Rejection.NOT_FOUND), route, false));
  }

  private void reject(boolean bodyLeft) {
    leaveWatch();
    Refusal known = refusal;
    if (known != null) {
      client.reject(known, route, bodyLeft);
      if (known.rejection() == Rejection.OVERLOADED && route != Route.HEALTH) {
        loop.shared().calls().answered(true, 0);
      }
    }
  }

  private void leave() {
    if (!over) {
      leaveWatch();
      giveBack();
    }
  }

  private void leaveWatch() {
    over = true;
    loop.unwatch(this);
  }

  @Override
  public void check(long now) {
    if (refusal != null) {
      if (now - begun > MAX_DISCARDING_MILLIS) {
        reject(true);
      }
    } else if (now - begun > loop.shared().config().clients().bodyMillis()) {
      refuse(Rejection.SLOW_BODY);
      reject(true);
    }
  }
}
