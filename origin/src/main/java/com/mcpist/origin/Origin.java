package com.mcpist.origin;

import com.mcpist.module.Module;
import com.mcpist.origin.admin.AdminEndpoint;
import com.mcpist.origin.admin.Events;
import com.mcpist.origin.admin.Events.Event;
import com.mcpist.origin.alert.Alerts;
import com.mcpist.origin.auth.AcceptedSecrets;
import com.mcpist.origin.auth.Access;
import com.mcpist.origin.auth.ApiKeys;
import com.mcpist.origin.billing.Billing;
import com.mcpist.origin.billing.BillingModule;
import com.mcpist.origin.db.Background;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.db.Database.LoginGate;
import com.mcpist.origin.db.Migrated;
import com.mcpist.origin.db.SchemaKeeper;
import com.mcpist.origin.db.UnusableDatabaseException;
import com.mcpist.origin.http.DatabaseMonitor;
import com.mcpist.origin.http.HealthSource.OriginHealth;
import com.mcpist.origin.http.OriginServer;
import com.mcpist.origin.ledger.Ledger;
import com.mcpist.origin.ledger.LedgeredToolRunner;
import com.mcpist.origin.limits.UserLimits;
import com.mcpist.origin.mcp.Audit;
import com.mcpist.origin.mcp.Json;
import com.mcpist.origin.mcp.McpEndpoint;
import com.mcpist.origin.mcp.McpEndpoint.Admission;
import com.mcpist.origin.mcp.Methods;
import com.mcpist.origin.mcp.RequestState;
import com.mcpist.origin.mount.Mounts;
import com.mcpist.origin.status.StatusEndpoint;
import com.mcpist.origin.trace.OpenTelemetryTraces;
import com.mcpist.origin.trace.Traces;
import com.mcpist.telemetry.Metrics;
import io.vertx.core.net.SocketAddress;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of an origin, put together. */
final class Origin implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Origin.class);
  private static final String INSTRUCTIONS =
      "Remembers things for the person you work for, across conversations. Search the memories when"
          + " something from before could help, and save what will be worth knowing again.";

  private static final Duration UPKEEP = Duration.ofSeconds(30);
  private static final Duration EVENTS = Duration.ofSeconds(1);

  private final OriginServer server;

  /** Closed in the reverse order of their start. */
  private final Deque<AutoCloseable> parts;

  private Origin(OriginServer server, Deque<AutoCloseable> parts) {
    this.server = server;
    this.parts = parts;
  }

  /**
   * It listens when this returns; its database may come later. Unusable is told when the database
   * must not be used: its schema, or the rights of this role. Throws ListenException when it cannot
   * listen, BadModuleException when a module does not start; nothing goes on running then.
   */
  static Origin start(
      OriginConfig config, long startedNanos, Consumer<UnusableDatabaseException> unusable) {
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      OriginServer server = start(config, startedNanos, unusable, parts);
      parts.push(server);
      return new Origin(server, parts);
    } catch (RuntimeException e) {
      closeAll(parts);
      throw e;
    }
  }

  private static OriginServer start(
      OriginConfig config,
      long startedNanos,
      Consumer<UnusableDatabaseException> unusable,
      Deque<AutoCloseable> parts) {
    Traces traces = started(parts, traces(config));
    List<Module> own = Modules.all(Origin.class.getClassLoader(), config.modules());
    LoginGate gate = new LoginGate();
    Database database = started(parts, Database.open(config.database(), gate));
    SchemaKeeper schema =
        started(parts, SchemaKeeper.start(config.database(), own, gate, unusable));
    BooleanSupplier ready = () -> schema.version().isPresent();
    Events events = new Events(database, ready);
    started(parts, new Background("events", EVENTS, keeping(events, schema)));
    DatabaseMonitor monitor =
        started(
            parts,
            new DatabaseMonitor(
                config.database().url(),
                gate,
                database::dropConnections,
                (since, until, why) -> events.add(outage(config, since, until, why))));
    LedgeredToolRunner runner =
        started(
            parts,
            new LedgeredToolRunner(
                database,
                Ledger.Config.of(config.instance(), config.limits(), config.billing().metered()),
                ready));
    OriginServer.Config listens = listening(config);
    Mounts mounts =
        started(
            parts,
            new Mounts(
                config.mounted().config(),
                config.mounted().environment(),
                database,
                listens.budget(),
                ready,
                own));
    Alerts alerts =
        started(
            parts,
            new Alerts(
                config.alerts(),
                events.transactions(),
                ready,
                config.limits(),
                config.databaseRoom()));
    @Nullable Billing billing =
        config.billing().on()
            ? started(parts, new Billing(config.billing(), database, ready, events::add))
            : null;
    OriginHealth health =
        new OriginHealth(
            new OriginHealth.Identity(
                config.release(), config.imageDigest(), config.environment(), config.instance()),
            monitor,
            () -> mounts.known() ? schema.version() : OptionalInt.empty(),
            schema::channels,
            () ->
                Stream.of(
                        schema.problems(),
                        mounts.problems(),
                        alerts.problems(),
                        config.billing().problems())
                    .flatMap(List::stream)
                    .toList(),
            startedNanos);
    ApiKeys keys = started(parts, new ApiKeys(database, ready));
    Admission admission = Admission.unlimited();
    if (config.limits()) {
      UserLimits limits = started(parts, UserLimits.of(database, ready));
      database.countWith(limits);
      admission = limits;
    }
    List<Module> plans =
        billing != null && config.billing().tools()
            ? List.of(new BillingModule(config.billing(), billing))
            : List.of();
    List<Module> modules =
        Stream.of(own, plans, mounts.modules()).<Module>flatMap(List::stream).toList();
    for (Module module : modules) {
      started(
          parts,
          new Background(module.name() + " upkeep", UPKEEP, () -> upkeep(module, database, ready)));
    }
    McpEndpoint mcp =
        new McpEndpoint(
            modules,
            runner,
            new Methods.ServerInfo("mcpist", "MCPist", config.release(), INSTRUCTIONS),
            new RequestState.StateKey(schema::stateKey),
            admission,
            monitor::now,
            new Audit(config.auditFile(), config.instance()),
            traces);
    mounts.start(mcp::changed);
    return OriginServer.start(
        listens,
        config.development() ? Access.development(keys) : Access.byEdge(keys),
        mcp,
        admin(config, events, mounts, alerts, billing),
        StatusEndpoint.of(database, ready, mounts::status),
        billing,
        health,
        new Metrics(
            "origin",
            Stream.of(
                    mcp.collectors(),
                    mounts.collectors(),
                    List.of(database.collector(), monitor.collector(), runner.collector()))
                .flatMap(List::stream)
                .toList()));
  }

  /** No class of OpenTelemetry is loaded where it is off. */
  private static Traces traces(OriginConfig config) {
    return config.traces().on()
        ? OpenTelemetryTraces.start(
            config.traces(),
            Map.of(
                "service.instance.id", config.instance(),
                "service.version", config.release(),
                "deployment.environment.name", config.environment()))
        : Traces.OFF;
  }

  private static void upkeep(Module module, Database database, BooleanSupplier ready)
      throws SQLException {
    boolean more = ready.getAsBoolean();
    while (more) {
      try (Handle handle = database.open()) {
        more = module.upkeep(handle);
        handle.getConnection().commit();
      }
    }
  }

  private static OriginServer.Config listening(OriginConfig config) {
    List<String> secrets =
        config.gatewaySecrets().stream().map(OriginConfig.Secret::value).toList();
    return new OriginServer.Config(
        config.address(),
        config.instance(),
        config.development() ? AcceptedSecrets.notRequired() : AcceptedSecrets.of(secrets));
  }

  /** Writes what happens to this origin into the database. */
  private static Background.Work keeping(Events events, SchemaKeeper schema) {
    AtomicBoolean told = new AtomicBoolean();
    return () -> {
      if (schema.version().isPresent() && told.compareAndSet(false, true)) {
        schema.migrated().forEach(migrated -> events.add(migration(migrated)));
      }
      events.write();
    };
  }

  private static Event migration(Migrated done) {
    return new Event(
        UUID.randomUUID(),
        "migration",
        null,
        done.from() == done.to()
            ? "%s: functions have changed".formatted(done.owner())
            : "%s: schema version %d, before %d".formatted(done.owner(), done.to(), done.from()),
        done.began(),
        done.ended(),
        Json.object().put("from", done.from()).put("to", done.to()));
  }

  private static Event outage(OriginConfig config, Instant since, Instant until, String why) {
    String name = config.environment().isEmpty() ? "an origin" : config.environment();
    return new Event(
        UUID.randomUUID(),
        "database",
        null,
        name + " had no answer from the database",
        since,
        until,
        Json.object().put("cause", why).put("instance", config.instance()));
  }

  private static AdminEndpoint admin(
      OriginConfig config, Events events, Mounts mounts, Alerts alerts, @Nullable Billing billing) {
    List<String> tokens = config.adminTokens().stream().map(OriginConfig.Secret::value).toList();
    return AdminEndpoint.on(
        tokens.isEmpty() ? null : AcceptedSecrets.of(tokens),
        events,
        config.ownSecrets(),
        config.instance(),
        config.limits(),
        mounts,
        alerts::test,
        billing);
  }

  private static <T extends AutoCloseable> T started(Deque<AutoCloseable> parts, T part) {
    parts.push(part);
    return part;
  }

  SocketAddress address() {
    return server.address();
  }

  /** Answers the calls in flight, for as long as the limit, and stops. */
  void stop(Duration limit) {
    server.drain(limit);
    close();
  }

  @Override
  public void close() {
    closeAll(parts);
  }

  private static void closeAll(Deque<AutoCloseable> parts) {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        LOG.warn("A part did not close", e);
      }
    }
  }
}
