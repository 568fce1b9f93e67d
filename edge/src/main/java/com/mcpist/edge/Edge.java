package com.mcpist.edge;

import com.mcpist.edge.admin.AdminServer;
import com.mcpist.edge.admin.SentSecret;
import com.mcpist.edge.call.AttemptTimes;
import com.mcpist.edge.call.Calls;
import com.mcpist.edge.call.Undelivered;
import com.mcpist.edge.call.Webhooks;
import com.mcpist.edge.event.Alerts;
import com.mcpist.edge.event.Events;
import com.mcpist.edge.event.Failovers;
import com.mcpist.edge.gate.AdminToken;
import com.mcpist.edge.gate.Gate;
import com.mcpist.edge.gate.HostNames;
import com.mcpist.edge.gate.LimitSettings;
import com.mcpist.edge.gate.auth.Authentication;
import com.mcpist.edge.listen.ListeningSocket;
import com.mcpist.edge.listen.ProxyServer;
import com.mcpist.edge.monitor.HealthMonitor;
import com.mcpist.edge.monitor.OriginPool;
import com.mcpist.edge.monitor.OriginReport;
import com.mcpist.edge.pool.Observation;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.status.StatusPage;
import com.mcpist.edge.time.MonotonicClock;
import com.mcpist.edge.trace.OpenTelemetryTraces;
import com.mcpist.edge.trace.Traces;
import com.mcpist.edge.wire.Addresses;
import com.mcpist.telemetry.Metrics;
import com.mcpist.telemetry.StaleSocket;
import com.mcpist.telemetry.TraceSettings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

public final class Edge {
  /**
   * The longest time for which connections wait in the socket until the edge knows where to send
   * their calls. It is short, since an edge without an origin has an answer too.
   */
  private static final Duration FIRST_HEALTHY_LIMIT = Duration.ofSeconds(1);

  /**
   * The time for which idle clients can be told that they must reconnect. It is short, since
   * somebody waits for the end.
   */
  private static final Duration IDLE_GRACE = Duration.ofSeconds(1);

  private static final long NAMES_MILLIS = 10_000;

  /**
   * The time in milliseconds between two reports of what goes on. An origin takes an edge that is
   * silent for two minutes for gone.
   */
  private static final long TELL_AGAIN_MILLIS = 30_000;

  private static final long ALERT_MILLIS = 1_000;
  private static final long MINUTE_MILLIS = 60_000;

  private static final String NOBODY_IS_ASKED =
      "EDGE_CONFIG has no auth, and others than this machine reach this address: set auth to"
          + " {\"resource\": \"https://HOST/mcp\", \"keys\": true}, or, if strangers may call every"
          + " tool, to \"none\"";

  private static final String NO_NAMES =
      "EDGE_CONFIG has auth none, and others than this machine reach this address: add"
          + " \"allowedHosts\" with the names by which clients ask, as [\"mcp.example.com\"]; by"
          + " any other name, pages of any site could call every tool";

  private final OriginPool pool;
  private final HealthMonitor monitor;
  private final Undelivered undelivered;
  private final Events events;
  private final Failovers failovers;
  private final Alerts alerts;
  private final MonotonicClock clock = new MonotonicClock();
  private final StatusPage statusPage;
  private final Traces traces;
  private final Calls calls;
  private final ProxyServer proxy;
  private final @Nullable AdminServer admin;
  private final Promise<Void> retired = Promise.promise();

  private Edge(Vertx vertx, ListeningSocket socket, EdgeConfig config, Reach reach, Traces traces) {
    this.traces = traces;
    SentSecret secret = new SentSecret(config.gatewaySecret());
    pool = new OriginPool(vertx, config.origins(), config.pool(), new MonotonicClock());
    Addresses addresses =
        new Addresses(
            vertx,
            config.origins().stream().map(Origin::url).toList(),
            host -> () -> InetAddress.getByName(host).getHostAddress(),
            NAMES_MILLIS);
    config.drained().forEach(name -> pool.observe(new Observation.Drain(name)));
    events = new Events(vertx, pool, secret, addresses);
    failovers = new Failovers(clock, events::add);
    Runnable look = () -> failovers.look(pool::state);
    look.run();
    pool.watch(look);
    vertx.setPeriodic(TELL_AGAIN_MILLIS, _ -> failovers.tellAgain());
    alerts = new Alerts(vertx, config.service(), config.alerts(), clock);
    long looking = vertx.setPeriodic(ALERT_MILLIS, _ -> alerts.look(pool.state().active() == null));
    monitor = new HealthMonitor(vertx, pool, config.monitor(), secret, clock, addresses);
    Gate gate = new Gate(vertx, config.authentication(), reach.limits(), System::nanoTime);
    String token = config.adminToken();
    statusPage =
        new StatusPage(
            vertx,
            new StatusPage.Access(
                token == null ? null : new AdminToken(token), reach.local(), config.publicStatus()),
            pool,
            secret,
            addresses,
            clock,
            this::report);
    pool.watchChanges(statusPage::changed);
    undelivered = Undelivered.start(vertx, config.journal());
    calls =
        new Calls(
            config.proxy(),
            reach.names(),
            gate,
            pool,
            secret,
            clock,
            addresses,
            undelivered,
            failovers,
            statusPage,
            config.billing() ? new Webhooks(vertx, pool, secret, addresses) : null,
            traces);
    vertx.setPeriodic(MINUTE_MILLIS, _ -> calls.minutePassed());
    proxy =
        new ProxyServer(vertx, socket, config.proxy().clients(), gate.limits(), System::nanoTime);
    Duration longestCall = Duration.ofMillis(config.proxy().attemptMillis());
    Runnable retire =
        () -> {
          // The edge that accepts now tells all that happens.
          vertx.cancelTimer(looking);
          failovers.close();
          drain(longestCall, ProxyServer.SHORTEST_LIMIT).onComplete(retired);
        };
    admin =
        config.admin() == null || token == null
            ? null
            : new AdminServer(
                vertx,
                pool,
                monitor::release,
                calls::status,
                new Metrics(
                    "edge",
                    Stream.of(pool.collectors(), calls.collectors())
                        .flatMap(List::stream)
                        .toList()),
                token,
                secret,
                socket.inherited() ? retire : null);
  }

  /**
   * Starts the pool, the monitor and, once an origin is healthy, the listeners.
   *
   * @param vertx the socket's own Vert.x
   * @return a future that fails with a message for the operator if the admin address cannot be
   *     listened on, or if everybody could call without the configuration saying so, or by any
   *     name; nothing is left running then except {@code vertx}
   */
  public static Future<Edge> start(Vertx vertx, ListeningSocket socket, EdgeConfig config) {
    Reach reach = Reach.of(socket.address().getAddress(), config);
    if (config.authentication().equals(new Authentication.Open(false)) && !reach.local()) {
      return Future.failedFuture(new ConfigException(NOBODY_IS_ASKED));
    }
    if (reach.names().allowed().isEmpty()) {
      return Future.failedFuture(new ConfigException(NO_NAMES));
    }
    Traces traces;
    try {
      traces = traces(vertx, config.traces());
    } catch (IllegalArgumentException e) {
      return Future.failedFuture(new ConfigException(String.valueOf(e.getMessage())));
    }
    Edge edge = new Edge(vertx, socket, config, reach, traces);
    return edge.listen(config)
        .map(edge)
        .recover(
            e ->
                edge.monitor
                    .close()
                    .transform(_ -> traces.close())
                    .transform(_ -> Future.failedFuture(e)));
  }

  /** Returns the traces. No class of OpenTelemetry is loaded if they are off. */
  private static Traces traces(Vertx vertx, TraceSettings settings) {
    return settings.on() ? OpenTelemetryTraces.start(vertx, settings) : Traces.OFF;
  }

  private Future<?> listen(EdgeConfig config) {
    Promise<Void> known = Promise.promise();
    pool.awaitHealthy(FIRST_HEALTHY_LIMIT, known::complete);
    return known
        .future()
        .compose(_ -> proxy.start(config.proxy().sweepMillis(), calls::onLoop))
        .compose(_ -> listenToAdmin(config.admin()));
  }

  /** Starts the admin listener last, so that an edge whose admin listener answers also serves. */
  private Future<?> listenToAdmin(@Nullable SocketAddress address) {
    if (admin == null || address == null) {
      return Future.succeededFuture();
    }
    return cleared(address)
        .compose(_ -> admin.listen(address))
        .recover(
            e ->
                proxy
                    .drain(Duration.ZERO, ProxyServer.SHORTEST_LIMIT)
                    .transform(_ -> Future.failedFuture(ListenException.of(address, e))));
  }

  /** Removes the file of a Unix socket that an edge has left which was killed. */
  private static Future<Void> cleared(SocketAddress address) {
    try {
      if (address.isDomainSocket()) {
        StaleSocket.remove(Path.of(address.path()));
      }
      return Future.succeededFuture();
    } catch (IOException e) {
      return Future.failedFuture(e);
    }
  }

  public int port() {
    return proxy.port();
  }

  /**
   * Returns a future that completes when the edge's last client has gone to another edge, which
   * accepts from the same socket.
   */
  public Future<Void> retired() {
    return retired.future();
  }

  /**
   * Accepts nothing new, lets the calls in flight finish, then stops all else, since the calls need
   * the pool until the end. After the limit, the calls that are left are cut.
   */
  public Future<Void> stop(Duration limit) {
    return drain(IDLE_GRACE, limit)
        .transform(_ -> admin == null ? Future.succeededFuture() : admin.close())
        .onComplete(_ -> failovers.close())
        .transform(_ -> events.close())
        .transform(_ -> alerts.close())
        .transform(_ -> monitor.close())
        .transform(_ -> traces.close())
        .onComplete(_ -> undelivered.close());
  }

  private Future<Void> drain(Duration grace, Duration limit) {
    statusPage.close();
    undelivered.retire();
    return proxy.drain(grace, limit);
  }

  /** Returns what only an edge knows, for the status page. */
  private ObjectNode report() {
    ArrayNode origins = OriginReport.of(pool, monitor::release);
    for (JsonNode each : origins) {
      AttemptTimes attempts = calls.attempts(each.path("name").asString());
      ObjectNode origin = (ObjectNode) each;
      origin.remove("url");
      origin
          .put("attempts", attempts.number())
          .put("p50Millis", attempts.p50Millis())
          .put("p99Millis", attempts.p99Millis());
    }
    Instant since = failovers.activeSince();
    ObjectNode report =
        JsonMapper.shared()
            .createObjectNode()
            .put("kind", "java")
            .put("at", clock.instant().toString())
            .put("activeSince", since == null ? null : since.toString());
    report.set("origins", origins);
    report.set("calls", JsonMapper.shared().valueToTree(calls.status().calls()));
    return report;
  }

  /**
   * The clients that can reach an edge, and the settings that follow where its configuration says
   * nothing. The result depends on the arguments alone.
   *
   * @param local true if only the edge's own machine can reach it
   */
  record Reach(boolean local, HostNames names, LimitSettings limits) {

    /**
     * Returns the reach of an edge that listens on this address. An edge with other names than
     * loopback's, or with proxies that it believes, can have clients from other machines than its
     * own.
     */
    static Reach of(InetAddress address, EdgeConfig config) {
      HostNames names = config.proxy().names(address, config.authentication());
      LimitSettings given = config.limits();
      boolean local =
          address.isLoopbackAddress()
              && names.areOfLoopback()
              && (given == null || given.trustedProxies().isEmpty());
      return new Reach(local, names, limits(given, local, config));
    }

    private static LimitSettings limits(
        @Nullable LimitSettings given, boolean local, EdgeConfig config) {
      if (given != null) {
        return given;
      }
      if (local) {
        return LimitSettings.NONE;
      }
      return config.authentication() instanceof Authentication.Required
          ? LimitSettings.DEFAULTS
          : LimitSettings.OF_ADDRESSES;
    }
  }

  /** Thrown when an address cannot be listened on. The message is for the operator. */
  static final class ListenException extends RuntimeException {
    private ListenException(String message) {
      super(message);
    }

    static ListenException of(SocketAddress address, Throwable cause) {
      String why =
          cause instanceof BindException
              ? "the address is in use or not this machine's"
              : "the address cannot be used";
      return new ListenException("cannot listen on %s: %s".formatted(address, why));
    }
  }
}
