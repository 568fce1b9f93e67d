package com.mcpist.e2e.conformance;

import com.mcpist.database.DatabaseUrl;
import com.mcpist.module.Module;
import com.mcpist.origin.admin.AdminEndpoint;
import com.mcpist.origin.auth.AcceptedSecrets;
import com.mcpist.origin.auth.Access;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.db.Database.LoginGate;
import com.mcpist.origin.db.SchemaKeeper;
import com.mcpist.origin.http.HealthSource;
import com.mcpist.origin.http.OriginServer;
import com.mcpist.origin.ledger.Ledger;
import com.mcpist.origin.ledger.LedgeredToolRunner;
import com.mcpist.origin.mcp.Audit;
import com.mcpist.origin.mcp.McpEndpoint;
import com.mcpist.origin.mcp.McpEndpoint.Admission;
import com.mcpist.origin.mcp.Methods;
import com.mcpist.origin.mcp.RequestState;
import com.mcpist.origin.mount.Mounts;
import com.mcpist.origin.mount.client.MountConfig;
import com.mcpist.origin.status.StatusEndpoint;
import com.mcpist.origin.trace.Traces;
import com.mcpist.telemetry.Metrics;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Starts an origin with the fixtures and mounted servers, by the same environment variables as the
 * product's.
 */
public final class ConformanceOrigin {
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(25);

  private ConformanceOrigin() {}

  /** Starts, and stops on SIGTERM or, when supervised, at the end of standard input. */
  public static void main(String[] args) throws IOException {
    Map<String, String> environment = System.getenv();
    Database.Config config =
        new Database.Config(
            DatabaseUrl.parse(variable(environment, "DATABASE_URL")), Optional.empty(), 10, true);
    LoginGate gate = new LoginGate();
    Database database = Database.open(config, gate);
    SchemaKeeper schema = SchemaKeeper.start(config, gate, why -> System.err.println(why));
    BooleanSupplier ready = () -> schema.version().isPresent();
    List<Module> fixtures =
        List.of(new ContentFixtures(), new ReadingFixtures(), new RoundFixtures());
    OriginServer.Config listens =
        new OriginServer.Config(
            SocketAddress.inetSocketAddress(
                Integer.parseInt(variable(environment, "PORT")), variable(environment, "HOST")),
            "conformance",
            AcceptedSecrets.of(List.of(variable(environment, "GATEWAY_SECRET"))));
    Mounts mounts =
        new Mounts(
            MountConfig.parse(variable(environment, "MOUNTS")),
            environment,
            database,
            listens.budget(),
            ready,
            fixtures);
    McpEndpoint mcp =
        new McpEndpoint(
            Stream.concat(fixtures.stream(), mounts.modules().stream()).toList(),
            new LedgeredToolRunner(database, Ledger.Config.of("conformance", false, false), ready),
            new Methods.ServerInfo(
                "conformance", "Conformance fixtures", "0.1.0", "For tests only."),
            new RequestState.StateKey(schema::stateKey),
            Admission.unlimited(),
            InstantSource.system(),
            Audit.off(),
            Traces.OFF);
    mounts.start(mcp::changed);
    OriginServer server =
        OriginServer.start(
            listens,
            Access.development(digest -> Optional.empty()),
            mcp,
            AdminEndpoint.off(),
            StatusEndpoint.off(),
            null,
            new HealthyWithMounts(mounts),
            new Metrics("origin", List.of()));
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.drain(DRAIN_LIMIT);
                  mounts.close();
                }));
    if (environment.getOrDefault("MCPIST_SUPERVISED", "false").equals("true")) {
      while (System.in.read() >= 0) {
        // What a supervisor writes means nothing; that it can still write does.
      }
      System.exit(0);
    }
  }

  private static String variable(Map<String, String> environment, String name) {
    return Objects.requireNonNull(environment.get(name), name);
  }

  private record HealthyWithMounts(Mounts mounts) implements HealthSource {
    @Override
    public HealthSource.Report check() {
      return new HealthSource.Report(
          mounts.known(), Fixtures.object().put("release", "conformance"));
    }

    @Override
    public boolean databaseAnswered() {
      return true;
    }
  }
}
