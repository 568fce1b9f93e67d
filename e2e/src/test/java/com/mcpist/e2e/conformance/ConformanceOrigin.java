package com.mcpist.e2e.conformance;

import com.mcpist.origin.admin.AdminEndpoint;
import com.mcpist.origin.auth.AcceptedSecrets;
import com.mcpist.origin.auth.Access;
import com.mcpist.origin.http.HealthSource;
import com.mcpist.origin.http.Metrics;
import com.mcpist.origin.http.OriginServer;
import com.mcpist.origin.mcp.McpEndpoint;
import com.mcpist.origin.mcp.McpEndpoint.Admission;
import com.mcpist.origin.mcp.Methods;
import com.mcpist.origin.mcp.RequestState;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;

/**
 * Starts an origin with the fixtures, by the same environment variables as the product's. Prints
 * its port on standard output.
 */
public final class ConformanceOrigin {
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(25);

  private ConformanceOrigin() {}

  /** Starts, and stops on SIGTERM or, when supervised, at the end of standard input. */
  public static void main(String[] args) throws IOException {
    Map<String, String> environment = System.getenv();
    OriginServer server = start(environment);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> server.drain(DRAIN_LIMIT)));
    System.out.println(server.port());
    if (environment.getOrDefault("MCPIST_SUPERVISED", "false").equals("true")) {
      while (System.in.read() >= 0) {
        // What a supervisor writes means nothing; that it can still write does.
      }
      System.exit(0);
    }
  }

  /** Starts with this environment. */
  static OriginServer start(Map<String, String> environment) {
    boolean development = "development".equals(environment.get("ENVIRONMENT"));
    String values = environment.getOrDefault("GATEWAY_SECRET", "");
    if (!development && values.isEmpty()) {
      throw new IllegalArgumentException("GATEWAY_SECRET is needed outside development");
    }
    List<String> secrets = List.of(values.split(",", -1));
    McpEndpoint mcp =
        new McpEndpoint(
            List.of(new ContentFixtures(), new ReadingFixtures(), new RoundFixtures()),
            new DirectRunner(),
            new Methods.ServerInfo(
                "conformance", "Conformance fixtures", "0.1.0", "For tests only."),
            new RequestState.StateKey(
                () -> Optional.of(new SecretKeySpec(new byte[32], "HmacSHA256"))),
            Admission.unlimited(),
            InstantSource.system());
    Access access = Access.development(digest -> Optional.empty());
    OriginServer.Config config =
        new OriginServer.Config(
            environment.getOrDefault("HOST", development ? "127.0.0.1" : "0.0.0.0"),
            Integer.parseInt(environment.getOrDefault("PORT", "8000")),
            "conformance",
            development ? AcceptedSecrets.notRequired() : AcceptedSecrets.of(secrets));
    return OriginServer.start(
        config, access, mcp, AdminEndpoint.off(), new AlwaysHealthy(), new Metrics(List.of()));
  }

  private static final class AlwaysHealthy implements HealthSource {
    @Override
    public HealthSource.Report check() {
      return new HealthSource.Report(true, Fixtures.object().put("release", "conformance"));
    }

    @Override
    public boolean databaseAnswered() {
      return true;
    }
  }
}
