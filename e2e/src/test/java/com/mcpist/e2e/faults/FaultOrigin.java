package com.mcpist.e2e.faults;

import com.mcpist.origin.OriginConfig;
import com.mcpist.origin.admin.AdminEndpoint;
import com.mcpist.origin.auth.AcceptedSecrets;
import com.mcpist.origin.auth.Access;
import com.mcpist.origin.auth.ApiKeys;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.db.Database.LoginGate;
import com.mcpist.origin.db.SchemaKeeper;
import com.mcpist.origin.http.DatabaseMonitor;
import com.mcpist.origin.http.HealthSource.OriginHealth;
import com.mcpist.origin.http.OriginServer;
import com.mcpist.origin.ledger.Ledger;
import com.mcpist.origin.ledger.LedgeredToolRunner;
import com.mcpist.origin.mcp.Audit;
import com.mcpist.origin.mcp.McpEndpoint;
import com.mcpist.origin.mcp.McpEndpoint.Admission;
import com.mcpist.origin.mcp.Methods;
import com.mcpist.origin.mcp.RequestState;
import com.mcpist.origin.status.StatusEndpoint;
import com.mcpist.origin.trace.OpenTelemetryTraces;
import com.mcpist.origin.trace.Traces;
import com.mcpist.telemetry.Metrics;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The product's origin with {@link FaultTools} instead of the product's modules: the same
 * environment, and OUTSIDE_URL, where {@link Outside} listens.
 */
public final class FaultOrigin {
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(25);

  private FaultOrigin() {}

  /** Starts, and stops on SIGTERM. */
  public static void main(String[] args) throws Exception {
    OriginConfig config = OriginConfig.of(System.getenv());
    LoginGate gate = new LoginGate();
    Database database = Database.open(config.database(), gate);
    SchemaKeeper schema =
        SchemaKeeper.start(config.database(), gate, e -> Runtime.getRuntime().halt(1));
    DatabaseMonitor monitor =
        new DatabaseMonitor(config.database().url(), gate, database::dropConnections);
    LedgeredToolRunner runner =
        new LedgeredToolRunner(
            database,
            Ledger.Config.of(config.instance(), config.limits(), false),
            () -> schema.version().isPresent());
    OriginHealth.Identity identity =
        new OriginHealth.Identity(config.release(), "", config.environment(), config.instance());
    OriginHealth health =
        new OriginHealth(
            identity,
            monitor,
            schema::version,
            schema::channels,
            schema::problems,
            System.nanoTime());
    List<String> secrets =
        config.gatewaySecrets().stream().map(OriginConfig.Secret::value).toList();
    McpEndpoint mcp =
        new McpEndpoint(
            List.of(new FaultTools(config.environment(), URI.create(System.getenv("OUTSIDE_URL")))),
            runner,
            new Methods.ServerInfo(
                "faults", "Tools that faults happen to", "0.1.0", "For tests only."),
            new RequestState.StateKey(schema::stateKey),
            Admission.unlimited(),
            monitor::now,
            Audit.off(),
            traces(config));
    OriginServer server =
        OriginServer.start(
            new OriginServer.Config(
                config.address(), config.instance(), AcceptedSecrets.of(secrets)),
            Access.byEdge(new ApiKeys(database, () -> schema.version().isPresent())),
            mcp,
            AdminEndpoint.off(),
            StatusEndpoint.off(),
            null,
            health,
            new Metrics("origin", List.of()));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
  }

  private static Traces traces(OriginConfig config) {
    return config.traces().on()
        ? OpenTelemetryTraces.start(
            config.traces(), Map.of("deployment.environment.name", config.environment()))
        : Traces.OFF;
  }

  private static void stop(OriginServer server) {
    server.drain(DRAIN_LIMIT);
    // As the product's: the JVM's own status after SIGTERM is 143.
    Runtime.getRuntime().halt(0);
  }
}
