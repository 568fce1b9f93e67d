package com.mcpist.edge.call;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import com.fasterxml.uuid.UUIDClock;
import com.mcpist.edge.event.Failovers;
import com.mcpist.edge.gate.Gate;
import com.mcpist.edge.gate.HostNames;
import com.mcpist.edge.gate.Rejection;
import com.mcpist.edge.gate.Rejection.Refusal;
import com.mcpist.edge.gate.RequestCheck;
import com.mcpist.edge.gate.Route;
import com.mcpist.edge.gate.auth.Verdict.Caller;
import com.mcpist.edge.listen.ProxyServer;
import com.mcpist.edge.listen.ProxyServer.ClientConnection;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.status.StatusPage;
import com.mcpist.edge.time.MonotonicClock;
import com.mcpist.edge.time.TimeLimits;
import com.mcpist.edge.trace.Traces;
import com.mcpist.edge.wire.Addresses;
import com.mcpist.edge.wire.Payload;
import io.prometheus.metrics.model.registry.Collector;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** All calls of an edge. {@link OnLoop#handle} decides what becomes of a request. */
public final class Calls {
  private static final int MAX_FORM_BYTES = 4 * 1024;
  private static final long MAX_DROPPED_BYTES = 16L * 1024 * 1024;
  private static final long MAX_DROPPING_MILLIS = 2_000;
  private static final int WINDOWS = 6;
  private static final long SLOWED_MILLIS = 1_000;
  private static final int SLOWEST_BYTES_PER_MILLI = 16;
  private static final Refusal HELD =
      new Refusal(Rejection.RATE_LIMITED, Map.of("Retry-After", "1"));
  private static final Refusal TOO_LARGE = Refusal.of(Rejection.BODY_TOO_LARGE);

  private final ProxyConfig config;
  private final RequestCheck check;
  private final Gate gate;
  private final Origins origins;
  private final Supplier<String> gatewaySecret;
  private final HeldBody.Budget budget;
  private final CallMetrics metrics;
  private final MonotonicClock clock;
  private final Addresses addresses;
  private final Quarantine quarantine;
  private final Undelivered undelivered;
  private final StatusPage statusPage;
  private final @Nullable Webhooks webhooks;
  private final Traces traces;
  private final Sessions sessions = new Sessions();

  /**
   * Creates the calls of an edge. {@code gatewaySecret} gives the value of X-Gateway-Secret, and is
   * asked for it at every attempt. {@code webhooks} is null if the edge takes no events.
   */
  public Calls(
      ProxyConfig config,
      HostNames names,
      Gate gate,
      Origins origins,
      Supplier<String> gatewaySecret,
      MonotonicClock clock,
      Addresses addresses,
      Undelivered undelivered,
      Failovers failovers,
      StatusPage statusPage,
      @Nullable Webhooks webhooks,
      Traces traces) {
    this.config = config;
    this.check = new RequestCheck(config.maxBodyBytes(), names);
    this.gate = gate;
    this.origins = origins;
    this.gatewaySecret = gatewaySecret;
    this.clock = clock;
    this.addresses = addresses;
    this.quarantine = new Quarantine(clock);
    this.undelivered = undelivered;
    this.statusPage = statusPage;
    this.webhooks = webhooks;
    this.traces = traces;
    this.metrics = new CallMetrics(failovers);
    this.budget =
        new HeldBody.Budget(config.replayBufferBytes(), config.maxBodyBytes(), gate.keys());
  }

  /**
   * The state of an edge's calls. {@code clockSkewMillis} is the time by which this machine's clock
   * is ahead of the database's; null if unknown.
   */
  public record Status(
      CallCounts calls, List<Quarantine.Entry> quarantined, @Nullable Long clockSkewMillis) {}

  /**
   * Returns how calls have ended, and the calls that are quarantined, the newest first. May be
   * called from any thread.
   */
  public Status status() {
    return new Status(metrics.counts(), quarantine.newest(), clock.skewMillis());
  }

  /**
   * Returns how long attempts at an origin took; the latest are those of the last 5 minutes. May be
   * called from any thread.
   */
  public AttemptTimes attempts(String origin) {
    return metrics.attempts(origin);
  }

  /** Moves the window of {@link #attempts}. Must be called once a minute. */
  public void minutePassed() {
    metrics.minutePassed();
  }

  /** Returns the collectors of the number of calls, of their durations and of how they ended. */
  public List<Collector> collectors() {
    return metrics.collectors(undelivered::count);
  }

  /** Returns the handler of the calls of one event loop. Must be called on that loop. */
  public ProxyServer.Handler onLoop(Context context, TimeLimits time) {
    return new OnLoop(context, time)::handle;
  }

  private final class OnLoop {
    /**
     * The generator of call ids. It uses the database's clock, because the origins use that clock
     * to reckon how old a call is.
     */
    private final NoArgGenerator ids =
        Generators.timeBasedEpochRandomGenerator(
            null,
            new UUIDClock() {
              @Override
              public long currentTimeMillis() {
                return clock.millis();
              }
            });

    private final Context context;
    private final TimeLimits time;
    private final Means means;

    OnLoop(Context context, TimeLimits time) {
      this.context = context;
      this.time = time;
      Vertx vertx = context.owner();
      Upstream upstream = new Upstream(vertx, config, addresses);
      ToolCatalog catalog =
          new ToolCatalog(config, time, clock, origins, upstream, gatewaySecret, this::newId);
      this.means =
          new Means(
              vertx,
              context,
              config,
              time,
              origins,
              upstream,
              gatewaySecret,
              catalog,
              metrics,
              clock,
              quarantine,
              traces,
              sessions);
    }

    /**
     * Returns a new id, which cannot be guessed, since anyone who knows the id can ask for the
     * call's result.
     */
    private String newId() {
      return ids.generate().toString();
    }

    void handle(ClientConnection connection, HttpServerRequest request) {
      Client client = new Client(connection, request, gate);
      if (request.decoderResult().isFailure()) {
        Rejection rejection = Rejection.of(request.decoderResult().cause());
        Refusal refusal = gate.address(request).orElseGet(() -> Refusal.of(rejection));
        reject(client, Route.NOT_FOUND, refusal, true, Payload.UNREADABLE);
      } else {
        new Intake(this, client, route(request)).begin();
      }
    }

    private Route route(HttpServerRequest request) {
      boolean off = webhooks == null && Route.path(request.uri()).equals(Route.WEBHOOK_PATH);
      return off ? Route.NOT_FOUND : Route.of(request.method(), request.uri());
    }

    private void accepted(Client client, Route route, Caller caller, HeldBody body) {
      if (route == Route.METADATA) {
        gate.metadata()
            .ifPresentOrElse(
                client::metadata,
                () -> refused(client, route, Refusal.of(Rejection.NOT_FOUND), false, body));
      } else if (route == Route.STATUS) {
        statusPage
            .answer(client, body.bytes())
            .ifPresentOrElse(refusal -> refused(client, route, refusal, false, body), body::letGo);
      } else if (route == Route.WEBHOOK && webhooks != null) {
        webhooks
            .pass(client.request().headers(), body.bytes())
            .onSuccess(
                page ->
                    context.runOnContext(
                        _ -> {
                          body.letGo();
                          client.send(page);
                        }));
      } else {
        Runnable released =
            route == Route.MCP ? quarantine.begin(caller.userId()) : Quarantine.NOTHING;
        if (released == null) {
          refused(client, route, HELD, false, body);
          return;
        }
        CallHeaders headers = new CallHeaders(client.request().headers(), route, caller, newId());
        new Call(means, undelivered, client, route, headers, body, released).start();
      }
    }

    /** Turns a request away. {@code bodyLeft} is true if more of its body is on the connection. */
    private void refused(
        Client client, Route route, Refusal refusal, boolean bodyLeft, HeldBody body) {
      Payload read = bodyLeft ? Payload.UNREADABLE : Payload.read(body.bytes().getBytes());
      body.letGo();
      reject(client, route, refusal, bodyLeft, read);
    }

    private void reject(
        Client client, Route route, Refusal refusal, boolean bodyLeft, Payload read) {
      client.reject(refusal, route, bodyLeft, read, newId(), origins.keepCalls(), clock.instant());
      if (route != Route.HEALTH && route != Route.STATUS && route != Route.WEBHOOK) {
        metrics.refused(refusal);
      }
    }
  }

  /** The way in which the bytes of a request are treated. */
  private sealed interface Reading {
    /**
     * Nothing is read, because the caller is not known yet, or because the request has been taken
     * in.
     */
    record None() implements Reading {}

    record Holding(Caller caller) implements Reading {}

    /** The bytes are dropped and take no room, since they do not belong in such a request. */
    record Ignoring(Caller caller) implements Reading {}

    record Refusing(Refusal refusal) implements Reading {}
  }

  /**
   * Takes in one request: judges its head, finds out who the caller is, and waits until the body is
   * whole. A request that is turned away is read to its end first, within limits. Most clients look
   * for a response only after they have sent everything. A connection that is closed before that
   * would show them a broken connection instead of the reason.
   */
  private final class Intake implements TimeLimits.Limited {
    private final OnLoop loop;
    private final Client client;
    private final HttpServerRequest request;
    private final Route route;
    private HeldBody body = budget.body("", Caller.LOCAL);
    private Reading reading = new Reading.None();
    private long begun;
    private long windowBegun;
    private int cameBefore;
    private long dropped;

    /**
     * True if the body of a refused request is kept, as a small body is. The client waits for an
     * answer with the id that is in the body.
     */
    private boolean keeps;

    Intake(OnLoop loop, Client client, Route route) {
      this.loop = loop;
      this.client = client;
      this.request = client.request();
      this.route = route;
      this.begun = loop.time.now();
    }

    void begin() {
      Optional<Refusal> refusal = judgeHead();
      if (refusal.isPresent()) {
        refuse(refusal.get());
      } else if (route == Route.MCP) {
        enter();
      } else if (holds() && declared() > most()) {
        refuse(TOO_LARGE);
      } else if (holds()) {
        body = budget.body(gate.addressOf(request), Caller.LOCAL);
        read(new Reading.Holding(Caller.LOCAL));
      } else {
        read(new Reading.Ignoring(Caller.LOCAL));
      }
    }

    /** Returns true if a body is taken in from any caller. */
    private boolean holds() {
      return route == Route.STATUS || route == Route.WEBHOOK;
    }

    private int most() {
      return switch (route) {
        case STATUS -> MAX_FORM_BYTES;
        case WEBHOOK -> RequestCheck.MAX_EVENT_BYTES;
        default -> config.maxBodyBytes();
      };
    }

    /**
     * Returns the reason to turn the request away, as far as its head tells. A request counts for
     * its address, unless it is a call, which the gate counts.
     */
    private Optional<Refusal> judgeHead() {
      Optional<Refusal> malformed =
          check.rejection(route, request.version(), request.headers()).map(Refusal::of);
      if (malformed.isEmpty() && route == Route.MCP) {
        return Optional.empty();
      }
      Optional<Refusal> crowded = gate.address(request);
      return malformed
          .filter(refusal -> refusal.rejection().closes() || crowded.isEmpty())
          .or(() -> crowded);
    }

    private void enter() {
      Future<Gate.Entry> entry = gate.enter(request);
      if (entry.isComplete()) {
        entered(entry.result());
        return;
      }
      // The gate verifies a signature, or asks an issuer for a key. Nothing is read meanwhile.
      request.pause();
      entry.onComplete(found -> loop.context.runOnContext(_ -> enteredLate(found.result())));
    }

    private void enteredLate(Gate.Entry entry) {
      if (!client.gone()) {
        begun = loop.time.now();
        entered(entry);
        request.resume();
      }
    }

    private void entered(Gate.Entry entry) {
      switch (entry) {
        case Gate.Entry.Closed(Refusal refusal) -> {
          body = budget.refused(gate.addressOf(request));
          keeps = refusal.rejection().forNow() && request.method().equals(HttpMethod.POST);
          refuse(refusal);
        }
        case Gate.Entry.Open open -> {
          Caller caller = open.caller();
          client.enters(open);
          body = budget.body(gate.addressOf(request), caller);
          // Some servers would take the body of a GET for the next request.
          read(
              request.method().equals(HttpMethod.GET)
                  ? new Reading.Ignoring(caller)
                  : new Reading.Holding(caller));
        }
      }
    }

    private void refuse(Refusal refusal) {
      if (asksFirst() || refusal.rejection().closes() || declared() > MAX_DROPPED_BYTES) {
        endRefused(refusal, true);
      } else {
        read(new Reading.Refusing(refusal));
      }
    }

    private void read(Reading first) {
      reading = first;
      windowBegun = begun;
      loop.time.watch(this);
      request.exceptionHandler(broken -> leave());
      request.endHandler(ended -> whole());
      request.handler(this::take);
      if (asksFirst()) {
        request.response().writeContinue();
      }
    }

    private boolean asksFirst() {
      return request.headers().contains(HttpHeaders.EXPECT);
    }

    private long declared() {
      return RequestCheck.bodyBytes(request.headers());
    }

    private void take(Buffer piece) {
      switch (reading) {
        case Reading.None() -> {}
        case Reading.Holding(Caller caller) -> hold(caller, piece);
        case Reading.Ignoring _ -> drop(piece, TOO_LARGE);
        case Reading.Refusing(Refusal refusal) -> {
          keep(piece);
          drop(piece, refusal);
        }
      }
    }

    private void hold(Caller caller, Buffer piece) {
      int length = body.length() + piece.length();
      Optional<Refusal> refusal =
          length > most() ? Optional.of(TOO_LARGE) : gate.body(caller, body.length(), length);
      if (refusal.isPresent()) {
        dropFor(refusal.get());
        return;
      }
      switch (body.add(piece, Math.toIntExact(Math.max(0, declared())))) {
        case TAKEN -> {}
        case NOT_FOR_HOLDER -> dropFor(Refusal.of(Rejection.RATE_LIMITED));
        case NONE -> dropFor(Refusal.of(Rejection.OVERLOADED));
      }
    }

    private void keep(Buffer piece) {
      keeps =
          keeps
              && body.length() + piece.length() <= HeldBody.SMALL_BYTES
              && body.add(piece, 0) == HeldBody.Room.TAKEN;
      if (!keeps) {
        body.letGo();
      }
    }

    private void dropFor(Refusal refusal) {
      body.letGo();
      reading = new Reading.Refusing(refusal);
    }

    private void drop(Buffer piece, Refusal ifTooLong) {
      dropped += piece.length();
      if (dropped > MAX_DROPPED_BYTES) {
        endRefused(ifTooLong, true);
      }
    }

    private void whole() {
      switch (reading) {
        case Reading.None() -> {}
        case Reading.Holding(Caller caller) -> endAccepted(caller);
        case Reading.Ignoring(Caller caller) -> endAccepted(caller);
        case Reading.Refusing(Refusal refusal) -> endRefused(refusal, false);
      }
    }

    @Override
    public void check(long now) {
      if (reading instanceof Reading.Refusing(Refusal refusal)) {
        if (now - begun > MAX_DROPPING_MILLIS) {
          endRefused(refusal, true);
        }
      } else if (now - begun > config.clients().bodyMillis() || stalls(now)) {
        endRefused(Refusal.of(Rejection.SLOW_BODY), true);
      }
    }

    /**
     * Returns true if a body that takes much room comes too slowly, measured by windows of time.
     */
    private boolean stalls(long now) {
      if (body.isSmall()) {
        windowBegun = now;
        cameBefore = body.length();
        return false;
      }
      long window = now - windowBegun;
      if (window < config.clients().bodyMillis() / WINDOWS) {
        return false;
      }
      int came = body.length() - cameBefore;
      windowBegun = now;
      cameBefore = body.length();
      return came < window * SLOWEST_BYTES_PER_MILLI;
    }

    private void endAccepted(Caller caller) {
      over();
      client.taken();
      loop.accepted(client, route, caller, body);
    }

    /**
     * Ends a request that is turned away. A 429 is sent late, because a client that calls again at
     * once takes the processors from others. The delay varies, because connections that were
     * refused together would otherwise all send together again.
     */
    private void endRefused(Refusal refusal, boolean bodyLeft) {
      over();
      if (refusal.rejection() == Rejection.RATE_LIMITED) {
        loop.means
            .vertx()
            .timer(
                SLOWED_MILLIS + ThreadLocalRandom.current().nextLong(SLOWED_MILLIS),
                TimeUnit.MILLISECONDS)
            .onSuccess(_ -> loop.refused(client, route, refusal, bodyLeft, body));
      } else {
        loop.refused(client, route, refusal, bodyLeft, body);
      }
    }

    private void leave() {
      if (!(reading instanceof Reading.None)) {
        over();
        body.letGo();
      }
    }

    private void over() {
      reading = new Reading.None();
      loop.time.unwatch(this);
    }
  }
}
