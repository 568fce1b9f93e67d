package com.mcpist.edge.proxy;

import com.mcpist.edge.auth.Caller;
import com.mcpist.edge.proxy.rpc.CallError;
import com.mcpist.edge.proxy.rpc.Payload;
import com.mcpist.edge.proxy.rpc.PayloadReader;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client's request, through as many attempts as it takes until its client has an answer. */
final class Call {
  private static final Logger LOG = LoggerFactory.getLogger(Call.class);

  private final EventLoop loop;
  private final Upstream upstream;
  private final ToolCatalog catalog;
  private final Client client;
  private final Route route;
  private final CallHeaders headers;
  private final Search search;
  private Buffer body;
  private @Nullable Payload payload;
  private @Nullable Attempt attempt;
  private @Nullable EventStream stream;
  private boolean passingThrough;
  private boolean delivered;
  private boolean deliveredBefore;
  private int notRun;
  private boolean staleBefore;
  private boolean anew;
  private boolean failed;
  private boolean over;

  Call(
      EventLoop loop,
      Upstream upstream,
      ToolCatalog catalog,
      Client client,
      Route route,
      Caller caller,
      Buffer body) {
    this.loop = loop;
    this.upstream = upstream;
    this.catalog = catalog;
    this.client = client;
    this.route = route;
    this.body = body;
    this.headers = new CallHeaders(client.request().headers(), route, caller, loop.newCallId());
    long wait = route == Route.HEALTH ? 0 : loop.shared().config().waitMillis();
    this.search = new Search(wait, loop.now());
  }

  void start() {
    client.onGone(this::clientGone);
    if (loop.shared().config().replay() == Replay.SAFE) {
      catalog.refresh();
    }
    step();
  }

  private void step() {
    if (over) {
      return;
    }
    Origins origins = loop.shared().origins();
    switch (search.next(origins.choose(search.tried()), origins.inOrder(), loop.now())) {
      case Search.Step.Attempt(Origin origin) -> {
        attempt = new Attempt(loop, this, origin, search.attempts());
        attempt.start(upstream, anew);
      }
      case Search.Step.Pause pause -> loop.pause(pause, this::step);
      case Search.Step.GiveUp() -> giveUp();
    }
  }

  HttpMethod method() {
    return client.request().method();
  }

  /** The path and the query, as the client sent them. */
  String uri() {
    return route == Route.HEALTH ? Route.HEALTH_PATH : client.request().uri();
  }

  Buffer body() {
    return body;
  }

  /** Whether a 5xx is an answer, and not a failed attempt. */
  boolean takesAnyStatus() {
    return route == Route.HEALTH;
  }

  /** Fills the header of an attempt, which from here on may reach its origin. */
  void putHeaders(MultiMap to, Attempt from) {
    deliveredBefore = delivered;
    delivered = true;
    // To an origin a later attempt is one that was let in before: those that were not do not count.
    int number = from.number() - notRun;
    headers.put(to, number, from.deadline(), loop.shared().gatewaySecret().get());
  }

  /** The messages in the body; read when first asked for, which for most calls is never. */
  Payload payload() {
    if (payload == null) {
      payload = PayloadReader.read(body.getBytes());
    }
    return payload;
  }

  /** What is to become of the body of this response. */
  Receiver receiver(Attempt from, HttpClientResponse head) {
    if (client.gone()) {
      return new Discard();
    }
    if (!EventStream.is(head)) {
      return new HeldAnswer(this, from, head, loop.shared().budget());
    }
    boolean listens = method().equals(HttpMethod.GET) || payload().has("subscriptions/listen");
    if (stream == null) {
      stream = new EventStream(client, listens ? Payload.UNREADABLE : payload(), listens);
      client.begin(head.statusCode(), head.headers(), from.origin(), from.number());
    }
    if (listens) {
      from.listens();
      letGo();
    }
    return stream.attempt(this, from);
  }

  /** A stream that lasts is not sent again: for as long as it does nothing of its body is held. */
  private void letGo() {
    loop.shared().budget().give(body.length());
    body = Buffer.buffer();
    payload = null;
  }

  /** An attempt's whole answer; completes when it is no longer held. */
  Future<Void> answer(Attempt from, HttpClientResponse head, Buffer answer) {
    if (stream == null) {
      return client.answer(head.statusCode(), head.headers(), answer, from.origin(), from.number());
    }
    if (!stream.end(answer)) {
      failed = true;
      stream.end(CallError.outcomeUnknown(headers.callId(), headers.key()));
    }
    return Future.succeededFuture();
  }

  /** An answer is passed on as it comes from here on; what was held is its beginning. */
  void tooLongToHold(Attempt from, HttpClientResponse head, Buffer beginning) {
    if (stream != null) {
      refused(from); // The client reads events, and this cannot become one.
      return;
    }
    passingThrough = true;
    client.begin(head.statusCode(), head.headers(), from.origin(), from.number());
    Receiver rest = new PassThrough(client, from);
    from.handTo(rest);
    rest.take(beginning);
  }

  /** An attempt's answer is longer than an edge takes, as any other attempt's would be. */
  void refused(Attempt from) {
    from.cancel();
    if (stream != null && stream.mayBreakOff()) {
      failed = true;
      client.end();
      finish();
    } else {
      giveUp();
    }
  }

  /** An attempt has reached its deadline at work. */
  void expired() {
    giveUp();
  }

  /** An attempt has failed; it is over. */
  void failed(Attempt from, Failure failure, String detail) {
    attempt = null;
    LOG.debug("Call {}, attempt {} at {}: {}", headers.callId(), from.number(), failure, detail);
    blame(from, failure, detail);
    if (failure == Failure.NOT_RUN) {
      delivered = deliveredBefore;
      notRun++;
    }
    if (from.atWork()) {
      search.cutShort(from.age(), loop.now());
    }
    if (client.gone()) {
      finish();
    } else if (passingThrough) {
      failed = true;
      client.abort();
      finish();
    } else if (stream != null && stream.mayBreakOff()) {
      client.end();
      finish();
    } else {
      sendAgain();
    }
  }

  /**
   * A kept connection may have been closed just when it was used, and a process that was replaced
   * ends: neither says anything of the origin, which may be tried at once, on a new connection.
   */
  private void blame(Attempt from, Failure failure, String detail) {
    boolean stale = failure == Failure.RESET && from.onStaleConnection() && !staleBefore;
    if (stale || (from.ofReplaced() && failure != Failure.NOT_RUN)) {
      staleBefore |= stale;
      anew = true;
      search.forget(from.origin());
    } else if (failure != Failure.HEARTBEAT_LOST && failure != Failure.NOT_RUN) {
      loop.shared().origins().failed(from.origin(), failure, detail);
    }
  }

  private void sendAgain() {
    if (!delivered || loop.shared().config().replay() == Replay.ALL) {
      step();
      return;
    }
    catalog
        .readOnly()
        .onSuccess(
            tools -> {
              if (ReplayPolicy.onlyReads(method(), payload(), tools::contains)) {
                step();
              } else {
                giveUp();
              }
            });
  }

  private void giveUp() {
    if (over) {
      return;
    }
    boolean noEffect = !delivered || ReplayPolicy.onlyReads(method(), payload(), tool -> false);
    CallError error =
        noEffect
            ? CallError.noOrigin(headers.callId(), headers.key())
            : CallError.outcomeUnknown(headers.callId(), headers.key());
    failed = true;
    LOG.warn("Call {}: {} after {} attempts", error.callId(), error.code(), search.attempts());
    if (stream != null) {
      stream.end(error);
    } else if (route == Route.HEALTH) {
      client.unhealthy();
    } else {
      client.error(error, payload(), search.attempts(), noEffect || headers.hasOwnKey());
    }
    finish();
  }

  private void clientGone() {
    Attempt current = attempt;
    if (current == null) {
      finish();
    } else if (headers.closingCancels() || !current.goesOnAlone()) {
      current.cancel();
      finish();
    } else {
      current.handTo(new Discard());
    }
  }

  /** It is over: its body is not needed any more. */
  void finish() {
    if (!over) {
      over = true;
      loop.shared().budget().give(body.length());
      if (route != Route.HEALTH && !client.gone()) {
        loop.shared().calls().answered(failed, search.attempts());
      }
    }
  }
}
