package com.mcpist.origin.mount.client;

import com.mcpist.module.Claim;
import com.mcpist.origin.mcp.MirroredHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Where a server is, and what each request shows it: headers, the revision, the session. */
final class HttpEndpoint {
  /**
   * One for all: it has a thread, and nothing of a server's. It closes a connection that has been
   * idle for 3 s, by a system property in jvm.options: the JDK reads it once for all clients.
   */
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(Duration.ofSeconds(10))
          .executor(Executors.newVirtualThreadPerTaskExecutor())
          .build();

  /** How long a message without an answer may take. */
  private static final Duration NOTICE_LIMIT = Duration.ofSeconds(10);

  /** Longer than any call lasts: the caller of a request has a limit of its own. */
  private static final Duration NO_LIMIT = Duration.ofDays(1);

  /** Tools whose arguments are repeated in headers. */
  private static final int MOST_MIRRORED = 1_000;

  /** The arguments of a tool that are repeated in headers. */
  private static final int MOST_HEADERS = 64;

  /** The characters of the names of a tool, its arguments and its headers. */
  private static final int LONGEST_NAME = 128;

  private static final MirroredHeaders NOT_MIRRORED = new MirroredHeaders(List.of());

  private final URI url;
  private final Map<String, String> headers;
  private final Redaction redaction;
  private final Map<String, MirroredHeaders> mirrored = new ConcurrentHashMap<>();
  private volatile String revision = "";
  private volatile String session = "";

  HttpEndpoint(URI url, Map<String, String> headers, Redaction redaction) {
    this.url = url;
    this.headers = Map.copyOf(headers);
    this.redaction = redaction;
  }

  /** In this revision from now on; empty: in none before the server has named one. */
  void speak(String spoken) {
    revision = spoken;
  }

  boolean isModern() {
    return revision.equals(Hello.MODERN);
  }

  boolean hasSession() {
    return !session.isEmpty();
  }

  /** The answer to initialize may begin a session. */
  void begin(HttpResponse<InputStream> response) {
    if (revision.isEmpty()) {
      session = response.headers().firstValue("Mcp-Session-Id").orElse("");
    }
  }

  /**
   * Learns which arguments of a tool are repeated in headers. A tool is called without such headers
   * if it wants too many of them, or one of its names is too long: the server refuses its calls.
   */
  void learn(ObjectNode list) {
    for (JsonNode tool : list.path("tools")) {
      try {
        String name = tool.path("name").asString("");
        MirroredHeaders wanted = MirroredHeaders.of(tool.path("inputSchema"));
        if (wanted.equals(NOT_MIRRORED)
            || name.length() > LONGEST_NAME
            || !wanted.isWithin(MOST_HEADERS, LONGEST_NAME)) {
          mirrored.remove(name);
        } else {
          if (mirrored.size() >= MOST_MIRRORED) {
            mirrored.clear(); // A server that renames its tools: others are learnt again.
          }
          mirrored.put(name, wanted);
        }
      } catch (IllegalArgumentException e) {
        // Its calls are refused by the server.
      }
    }
  }

  String shown(String text) {
    return redaction.shown(text);
  }

  String shown(Exception e) {
    return shown(String.valueOf(e.getMessage()));
  }

  /** Sends a message that belongs to no claim. */
  HttpResponse<InputStream> send(ObjectNode message)
      throws MountException, IOException, InterruptedException {
    return send(message, Claim.NOT_NEEDED);
  }

  /**
   * Sends a message while the claim holds. If the connection was there only after the end of the
   * lease, the server has not got the message, and the claim is renewed again.
   */
  HttpResponse<InputStream> send(ObjectNode message, Claim claim)
      throws MountException, IOException, InterruptedException {
    return send(message, claim, NO_LIMIT, BodyHandlers.ofInputStream());
  }

  private <T> HttpResponse<T> send(
      ObjectNode message, Claim claim, Duration limit, HttpResponse.BodyHandler<T> handler)
      throws MountException, IOException, InterruptedException {
    byte[] json = Wire.bytes(message);
    while (true) {
      Session.renew(claim);
      ClaimedBody body = new ClaimedBody(json, claim);
      try {
        return CLIENT.send(post(message, body).timeout(limit).build(), handler);
      } catch (IOException e) {
        if (!body.brokeOff()) {
          throw e;
        }
      }
    }
  }

  /** The server's own stream, or where the id is not empty the one that had it, behind that. */
  HttpResponse<InputStream> get(String lastEventId)
      throws MountException, IOException, InterruptedException {
    HttpRequest.Builder request = builder().setHeader("Accept", "text/event-stream").GET();
    if (!lastEventId.isEmpty()) {
      request.setHeader("Last-Event-ID", lastEventId);
    }
    return CLIENT.send(request.build(), BodyHandlers.ofInputStream());
  }

  /** Sends a message that has no answer and belongs to no claim. */
  void tell(ObjectNode message) throws MountException, InterruptedException {
    tell(message, Claim.NOT_NEEDED);
  }

  /** Sends a message that has no answer, while the claim holds. */
  void tell(ObjectNode message, Claim claim) throws MountException, InterruptedException {
    try {
      HttpResponse<Void> response = send(message, claim, NOTICE_LIMIT, BodyHandlers.discarding());
      if (response.statusCode() / 100 != 2) {
        throw MountException.notSent("it answered HTTP " + response.statusCode());
      }
    } catch (IOException e) {
      throw MountException.unknown("its connection broke: " + shown(e));
    }
  }

  private HttpRequest.Builder post(ObjectNode message, HttpRequest.BodyPublisher body)
      throws MountException {
    HttpRequest.Builder request =
        builder()
            .setHeader("Content-Type", "application/json")
            .setHeader("Accept", "application/json, text/event-stream")
            .POST(body);
    String method = message.path("method").asString("");
    if (isModern() && !method.isEmpty()) {
      request.setHeader("Mcp-Method", method);
      String field = method.equals("resources/read") ? "uri" : "name";
      if (Set.of("tools/call", "prompts/get", "resources/read").contains(method)) {
        String name = message.path("params").path(field).asString("");
        request.setHeader("Mcp-Name", MirroredHeaders.encoded(name));
        mirrored
            .getOrDefault(method.equals("tools/call") ? name : "", NOT_MIRRORED)
            .headers(Wire.object(message.path("params"), "arguments"))
            .forEach(request::setHeader);
      }
    }
    return request;
  }

  private HttpRequest.Builder builder() throws MountException {
    HttpRequest.Builder request = HttpRequest.newBuilder(url);
    for (var header : headers.entrySet()) {
      try {
        request.setHeader(header.getKey(), header.getValue());
      } catch (IllegalArgumentException e) {
        // Its own message quotes the value.
        throw MountException.notSent("HTTP does not allow the header " + header.getKey());
      }
    }
    if (!revision.isEmpty()) {
      request.setHeader("MCP-Protocol-Version", revision);
    }
    if (!session.isEmpty()) {
      request.setHeader("Mcp-Session-Id", session);
    }
    return request;
  }

  void endSession(Duration limit) {
    if (!hasSession()) {
      return;
    }
    try {
      HttpRequest goodbye = builder().timeout(limit).DELETE().build();
      HttpResponse<Void> _ = CLIENT.send(goodbye, BodyHandlers.discarding());
    } catch (IOException | MountException e) {
      // The session ends without it some time.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "HttpEndpoint[redacted]";
  }
}
