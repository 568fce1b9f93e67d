package com.mcpist.origin.http;

import com.mcpist.origin.admin.AdminEndpoint;
import com.mcpist.origin.auth.AcceptedSecrets;
import com.mcpist.origin.auth.Access;
import com.mcpist.origin.billing.Billing;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.RecordingRunner;
import com.mcpist.origin.fixture.Requests;
import com.mcpist.origin.fixture.TestModule;
import com.mcpist.origin.fixture.TestStateKey;
import com.mcpist.origin.mcp.Audit;
import com.mcpist.origin.mcp.McpEndpoint;
import com.mcpist.origin.mcp.McpEndpoint.Admission;
import com.mcpist.origin.mcp.Methods;
import com.mcpist.origin.status.StatusEndpoint;
import com.mcpist.origin.trace.Traces;
import com.mcpist.telemetry.Metrics;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A real origin on a free port, and a client that speaks properly to it. */
final class TestOrigin implements AutoCloseable {
  static final String SECRET = "0123456789abcdef0123456789abcdef";
  static final String NEXT_SECRET = "fedcba9876543210fedcba9876543210";

  final TestModule module = new TestModule();
  final RecordingRunner runner = new RecordingRunner();
  final AtomicBoolean healthy = new AtomicBoolean(true);
  final AtomicBoolean database = new AtomicBoolean(true);
  final AtomicReference<Access.KeyUsers> keyUsers =
      new AtomicReference<>(digest -> Optional.empty());
  final AtomicReference<Admission> admission = new AtomicReference<>(Admission.unlimited());
  final OriginServer server;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  TestOrigin() {
    this(Connections.Limits.DEFAULT);
  }

  TestOrigin(Connections.Limits limits) {
    this(limits, AcceptedSecrets.of(List.of(SECRET, NEXT_SECRET)));
  }

  TestOrigin(Connections.Limits limits, AcceptedSecrets accepted) {
    this(limits, accepted, AdminEndpoint.off(), StatusEndpoint.off(), null);
  }

  /** An origin that answers these requests beside those to /mcp. */
  TestOrigin(AdminEndpoint admin, StatusEndpoint status, Billing billing) {
    this(Connections.Limits.DEFAULT, AcceptedSecrets.of(List.of(SECRET)), admin, status, billing);
  }

  private TestOrigin(
      Connections.Limits limits,
      AcceptedSecrets accepted,
      AdminEndpoint admin,
      StatusEndpoint status,
      @Nullable Billing billing) {
    OriginServer.Config config =
        new OriginServer.Config(
            SocketAddress.inetSocketAddress(0, "127.0.0.1"), "instance-1", accepted, limits);
    McpEndpoint mcp =
        new McpEndpoint(
            List.of(module),
            runner,
            new Methods.ServerInfo("test", "Test", "1.0", "Use it."),
            TestStateKey.known(),
            (user, attempt, calls) -> admission.get().enter(user, attempt, calls),
            InstantSource.system(),
            Audit.off(),
            Traces.OFF);
    Access.KeyUsers keys = digest -> keyUsers.get().user(digest);
    this.server =
        OriginServer.start(
            config,
            config.secrets().required() ? Access.byEdge(keys) : Access.development(keys),
            mcp,
            admin,
            status,
            billing,
            new HealthSource() {
              @Override
              public HealthSource.Report check() {
                return new HealthSource.Report(
                    healthy.get(), Definitions.json("{\"release\": \"r1\"}"));
              }

              @Override
              public boolean databaseAnswered() {
                return database.get();
              }

              @Override
              public long clock() {
                return 99;
              }
            },
            new Metrics("origin", mcp.collectors()));
  }

  int port() {
    return server.port();
  }

  HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
        .header("X-Gateway-Secret", SECRET)
        .header("X-User-Id", "local");
  }

  HttpRequest.Builder post(String version, ObjectNode request) {
    HttpRequest.Builder builder =
        to("/mcp")
            .header("Content-Type", "application/json")
            .header("Accept", "application/json, text/event-stream")
            .POST(HttpRequest.BodyPublishers.ofString(request.toString()));
    Map<String, String> headers = Requests.headers(version, request);
    headers.forEach(builder::header);
    return builder;
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<InputStream> open(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
  }

  /** The JSON-RPC response to a request, whether it came as JSON or as the last event. */
  ObjectNode answer(String version, ObjectNode request) throws IOException, InterruptedException {
    return lastMessage(send(post(version, request)));
  }

  static ObjectNode lastMessage(HttpResponse<String> response) {
    List<ObjectNode> messages = messages(response);
    return messages.getLast();
  }

  /** All messages of a response. */
  static List<ObjectNode> messages(HttpResponse<String> response) {
    String type = response.headers().firstValue("Content-Type").orElse("");
    if (!type.equals("text/event-stream")) {
      return List.of(Definitions.json(response.body()));
    }
    return response
        .body()
        .lines()
        .filter(l -> l.startsWith("data: "))
        .map(l -> Definitions.json(l.substring("data: ".length())))
        .toList();
  }

  @Override
  public void close() {
    module.go.release(1000);
    server.close();
    // A test may have left a stream unread, and close() alone would wait for its end.
    client.shutdownNow();
    client.close();
  }
}
