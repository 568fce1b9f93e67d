package com.mcpist.origin.alert;

import com.mcpist.origin.mcp.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Where alerts go. Its address has a token in it: nothing here says it, and it prints without. */
record Webhook(String name, Form type, URI url) {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

  enum Form {
    SLACK,
    DISCORD,
    NTFY,
    JSON
  }

  /** Follows no redirect: that would take what is told to somebody else. */
  private static final class Client {
    static final HttpClient SHARED =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
  }

  /** What became of a message, as people read it. */
  record Answer(boolean taken, String told) {}

  /** Empty where it is no address that may be told anything. */
  static Optional<URI> url(String address) {
    try {
      URI url = URI.create(address);
      String scheme = String.valueOf(url.getScheme());
      boolean good =
          url.getHost() != null
              && url.getRawUserInfo() == null
              && (scheme.equals("https")
                  || (scheme.equals("http") && LOOPBACK.contains(url.getHost())));
      return good ? Optional.of(url) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Posts events, as {@link AlertText} has them, within the limit. */
  Answer post(String service, List<ObjectNode> events, Duration limit) throws InterruptedException {
    HttpRequest request = request(service, events).timeout(limit).build();
    try {
      HttpResponse<InputStream> response =
          Client.SHARED.send(request, BodyHandlers.ofInputStream());
      response.body().close();
      int status = response.statusCode();
      return new Answer(status / 100 == 2, "HTTP " + status);
    } catch (IOException e) {
      return new Answer(
          false,
          switch (e) {
            case HttpTimeoutException _ -> "no answer within " + limit.toSeconds() + " s";
            case ConnectException _ -> "no connection";
            case SSLException _ -> "no TLS connection";
            default -> "the connection broke";
          });
    }
  }

  private HttpRequest.Builder request(String service, List<ObjectNode> events) {
    HttpRequest.Builder request = HttpRequest.newBuilder(url);
    if (type == Form.NTFY) {
      boolean bad = events.stream().anyMatch(AlertText::bad);
      return request
          .header("Title", service)
          .header("Priority", bad ? "high" : "default")
          .header("Tags", bad ? "rotating_light" : "white_check_mark")
          .POST(BodyPublishers.ofString(AlertText.lines(events)));
    }
    String text = service + ": " + AlertText.lines(events);
    String body =
        switch (type) {
          case SLACK -> Json.object().put("text", escaped(text)).toString();
          case DISCORD -> discord(text);
          default -> list(events);
        };
    return request.header("Content-Type", "application/json").POST(BodyPublishers.ofString(body));
  }

  /** Slack gives these three a meaning. */
  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** Nobody is called by a name in it. */
  private static String discord(String text) {
    ObjectNode body = Json.object().put("content", text);
    body.putObject("allowed_mentions").putArray("parse");
    return body.toString();
  }

  private static String list(List<ObjectNode> events) {
    ArrayNode list = JsonMapper.shared().createArrayNode();
    events.forEach(event -> list.add(event.deepCopy().without("running")));
    return list.toString();
  }

  @Override
  public String toString() {
    return "Webhook[" + name + "]";
  }
}
