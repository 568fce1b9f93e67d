package com.mcpist.origin;

import static org.assertj.core.api.Assertions.fail;

import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;

/** The whole origin in this JVM, on a free port, as its environment says. */
public final class RunningOrigin implements AutoCloseable {
  public static final String SECRET = "0123456789abcdef0123456789abcdef";

  private final Origin origin;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private RunningOrigin(Origin origin) {
    this.origin = origin;
  }

  /** Starts it on this database, with these variables beside those that it needs. */
  public static RunningOrigin start(TestDatabase database, Map<String, String> more) {
    return start(database.originUrl(), database.url(), more);
  }

  /**
   * The same.
   *
   * @param url DATABASE_URL
   * @param owner MIGRATION_DATABASE_URL
   */
  public static RunningOrigin start(String url, String owner, Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("ENVIRONMENT", "production-primary");
    environment.put("GATEWAY_SECRET", SECRET);
    environment.put("HOST", "127.0.0.1");
    environment.put("PORT", "0");
    environment.put("DATABASE_URL", url);
    environment.put("MIGRATION_DATABASE_URL", owner);
    try {
      return new RunningOrigin(
          Origin.start(
              OriginConfig.of(environment),
              System.nanoTime(),
              e -> fail("The database must fit", e)));
    } catch (OriginConfig.ConfigException e) {
      throw new AssertionError(e);
    }
  }

  public RunningOrigin awaitHealthy() {
    Conditions.await("it is healthy", () -> send(to("/health").GET()).statusCode() == 200);
    return this;
  }

  /** A request with the gateway secret. */
  public HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + origin.address().port() + path))
        .header("X-Gateway-Secret", SECRET);
  }

  public HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  public int port() {
    return origin.address().port();
  }

  @Override
  public void close() {
    origin.close();
    client.shutdownNow();
    client.close();
  }
}
