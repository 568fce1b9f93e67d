package com.mcpist.cli.connect;

import java.io.IOException;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The server at a URL, and what a host and it have agreed on. */
final class Remote {
  static {
    // That class would send a request again by itself, even one that was cancelled.
    System.setProperty("sun.net.http.retryPost", "false");
  }

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);

  /** Without a byte; an edge sends some each second. */
  private static final Duration SILENCE_LIMIT = Duration.ofSeconds(30);

  private static final String INITIALIZED =
      "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}";

  private static final Pattern PLAIN = Pattern.compile("[!-~](?:[ -~]*[!-~])?");

  private final URI url;
  private final @Nullable String key;
  private final PrintStream log;
  private final AtomicBoolean away = new AtomicBoolean();
  private volatile String version = "";
  private volatile String session = "";
  private volatile @Nullable Message initialize;

  Remote(URI url, @Nullable String key, PrintStream log) {
    this.url = url;
    this.key = key;
    this.log = log;
  }

  /** A connection on which nothing has been sent yet. */
  HttpURLConnection open(String method) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
    connection.setConnectTimeout((int) CONNECT_LIMIT.toMillis());
    connection.setReadTimeout((int) SILENCE_LIMIT.toMillis());
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    connection.setRequestMethod(method);
    connection.setRequestProperty("User-Agent", "mcpist-connect");
    set(connection, "Authorization", key == null ? "" : "Bearer " + key);
    set(connection, "MCP-Protocol-Version", version);
    set(connection, "Mcp-Session-Id", session);
    return connection;
  }

  /** A connection for this message, with the headers that repeat a part of it. */
  HttpURLConnection open(Message message) throws IOException {
    String method = message.get("method");
    if (method.equals("initialize")) {
      version = "";
      session = "";
      initialize = message;
    }
    if (!message.get(Message.VERSION).isEmpty()) {
      version = message.get(Message.VERSION);
    }
    HttpURLConnection connection = open("POST");
    connection.setDoOutput(true);
    connection.setRequestProperty("Content-Type", "application/json");
    connection.setRequestProperty("Accept", "application/json, text/event-stream");
    set(connection, "Mcp-Method", method);
    switch (method) {
      case "tools/call", "prompts/get" -> set(connection, "Mcp-Name", message.get("params.name"));
      case "resources/read" -> set(connection, "Mcp-Name", message.get("params.uri"));
      default -> {}
    }
    return connection;
  }

  private static void set(HttpURLConnection connection, String name, String value) {
    if (value.isEmpty()) {
      return;
    }
    boolean plain = PLAIN.matcher(value).matches() && !value.startsWith("=?base64?");
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    connection.setRequestProperty(
        name, plain ? value : "=?base64?" + Base64.getEncoder().encodeToString(bytes) + "?=");
  }

  /** What the answer to an initialize agrees on. */
  void agree(HttpURLConnection connection, Message answer) {
    String agreed = answer.get("result.protocolVersion");
    if (!agreed.isEmpty()) {
      version = agreed;
      String given = connection.getHeaderField("Mcp-Session-Id");
      session = given == null ? "" : given;
    }
  }

  /**
   * Begins a session anew, as the host did, where the one of this connection is over. One at a
   * time: whoever waited has the one that is new.
   *
   * @return whether it had one, so that what was refused may be sent again
   */
  synchronized boolean renew(HttpURLConnection refused) throws IOException {
    String lost = refused.getRequestProperty("Mcp-Session-Id");
    Message first = initialize;
    if (lost == null || first == null) {
      return false;
    }
    if (lost.equals(session)) {
      try {
        new Exchange(this, first, _ -> {}).attempt(open(first));
        Message told = Message.of(INITIALIZED.getBytes(StandardCharsets.UTF_8));
        new Exchange(this, told, _ -> {}).attempt(open(told));
      } finally {
        session = session.isEmpty() ? lost : session;
      }
    }
    return true;
  }

  /** Whether the host speaks a revision that begins with initialize. */
  boolean hasSessions() {
    return initialize != null && !version.isEmpty();
  }

  /** Something that is tried again. */
  void failed(String why) {
    if (away.compareAndSet(false, true)) {
      say("%s cannot be reached: %s. Trying again.".formatted(url, why));
    }
  }

  /** It is there, whatever it says. */
  void answered() {
    if (away.compareAndSet(true, false)) {
      say(url + " answers.");
    }
  }

  void say(String text) {
    log.println("mcpist: " + text);
  }
}
