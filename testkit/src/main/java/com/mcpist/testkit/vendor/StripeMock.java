package com.mcpist.testkit.vendor;

import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Stripe's own stripe-mock, which refuses what the API would refuse, where it is installed. */
final class StripeMock implements AutoCloseable {
  private final Process process;
  private final URI url;
  private final HttpClient client = HttpClient.newHttpClient();

  private StripeMock(Path program) {
    int port = Ports.free();
    this.url = URI.create("http://127.0.0.1:" + port);
    try {
      this.process =
          new ProcessBuilder(
                  program.toString(),
                  "-http-addr",
                  "127.0.0.1:" + port,
                  "-https-addr", // Else it is one that all would have.
                  "127.0.0.1:" + Ports.free())
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Conditions.await("stripe-mock listens", () -> ask("GET", "/v1/prices", "").statusCode() == 200);
  }

  /** Empty where it is not installed. */
  static Optional<StripeMock> start() {
    String paths = System.getenv().getOrDefault("PATH", "");
    String home =
        System.getenv().getOrDefault("GOBIN", System.getProperty("user.home") + "/go/bin");
    return Stream.concat(Stream.of(paths.split(":", -1)), Stream.of(home))
        .map(folder -> Path.of(folder, "stripe-mock"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(StripeMock::new);
  }

  /** Why it refuses a request. */
  Optional<String> problem(HttpMessage message) {
    try {
      HttpResponse<String> answer = ask(message.method(), message.target(), message.text());
      return answer.statusCode() < 400 ? Optional.empty() : Optional.of(answer.body());
    } catch (IOException e) {
      return Optional.of(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of(e.toString());
    }
  }

  private HttpResponse<String> ask(String method, String target, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + target))
            .header("Authorization", "Bearer sk_test_123")
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/x-www-form-urlencoded");
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @Override
  public void close() {
    client.shutdownNow();
    process.destroy();
    process.onExit().join();
  }
}
