package com.mcpist.edge.event;

import com.mcpist.edge.gate.HostNames;
import com.mcpist.edge.wire.OwnRequest;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tells webhooks that no origin answers, and that one answers again. An origin tells everything
 * else. docs/operations/alerts.md
 */
public final class Alerts {
  private static final Logger LOG = LoggerFactory.getLogger(Alerts.class);
  private static final int CONNECT_MILLIS = 5_000;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration RETRY = Duration.ofSeconds(30);
  private static final OwnRequest REQUEST = new OwnRequest(64 * 1024, Duration.ofSeconds(10));

  /** A webhook. {@code type} is slack, discord, ntfy or json. The address has a token in it. */
  public record Webhook(String name, String type, URI url) {
    /** Returns the webhook; null if its address is missing or is no address, which the log says. */
    public static @Nullable Webhook of(
        String name, String type, String secret, @Nullable String address) {
      try {
        URI url = new URI(address == null ? "" : address.strip());
        boolean https = "https".equals(url.getScheme());
        boolean http = "http".equals(url.getScheme());
        if (url.getHost() != null && (https || (http && HostNames.isLoopback(url.getHost())))) {
          return new Webhook(name, type, url);
        }
      } catch (URISyntaxException _) {
        // The warning below says so, without the address.
      }
      LOG.warn("No alerts to {}: {} is not set, or does not start with https://", name, secret);
      return null;
    }

    @Override
    public String toString() {
      return "Webhook[" + name + "]";
    }
  }

  /** The last thing that a webhook was told. */
  private static final class Told {
    final Webhook webhook;
    boolean down;
    boolean busy;
    Instant next = Instant.MIN;

    Told(Webhook webhook) {
      this.webhook = webhook;
    }
  }

  private final Context context;
  private final HttpClient client;
  private final String service;
  private final List<Told> all;
  private final InstantSource clock;
  private UUID id = UUID.randomUUID();
  private @Nullable Instant since;
  private @Nullable Instant until;

  public Alerts(Vertx vertx, String service, List<Webhook> webhooks, InstantSource clock) {
    this.context = vertx.getOrCreateContext();
    this.client =
        vertx
            .httpClientBuilder()
            .with(new HttpClientOptions().setKeepAlive(false).setConnectTimeout(CONNECT_MILLIS))
            .withConnectHandler(connection -> connection.exceptionHandler(_ -> {}))
            .build();
    this.service = service;
    this.all = webhooks.stream().map(Told::new).toList();
    this.clock = clock;
  }

  /** Looks at how the pool is now. May be called from any thread; does not block. */
  public void look(boolean none) {
    Instant now = clock.instant();
    context.runOnContext(_ -> look(none, now));
  }

  private void look(boolean none, Instant now) {
    if (none && (since == null || until != null)) {
      since = now;
      until = null;
      id = UUID.randomUUID();
    } else if (!none && since != null && until == null) {
      until = now;
    }
    Instant begun = since;
    if (begun == null) {
      return;
    }
    boolean down = none && !now.isBefore(begun.plus(PATIENCE));
    for (Told told : all) {
      if ((none ? down && !told.down : told.down) && !told.busy && !now.isBefore(told.next)) {
        told.busy = true;
        post(told.webhook, begun, until)
            .onComplete(
                answered -> context.runOnContext(_ -> answered(told, down, answered.result())));
      }
    }
  }

  private void answered(Told told, boolean down, @Nullable Integer status) {
    told.busy = false;
    if (status != null && status / 100 == 2) {
      told.down = down;
    } else {
      told.next = clock.instant().plus(RETRY);
      String answer = status == null ? "no answer" : "HTTP " + status;
      LOG.warn("An alert to {} waits: {}", told.webhook.name(), answer);
    }
  }

  /** Posts an alert. No redirect is followed. */
  private Future<Integer> post(Webhook webhook, Instant begun, @Nullable Instant over) {
    RequestOptions options =
        new RequestOptions().setAbsoluteURI(webhook.url().toString()).setMethod(HttpMethod.POST);
    Buffer body = body(webhook.type(), options, begun, over);
    return REQUEST.ask(client, options, body).map(answer -> answer.head().statusCode());
  }

  private Buffer body(String type, RequestOptions options, Instant begun, @Nullable Instant over) {
    String message =
        over == null
            ? "no origin answers"
            : "an origin answers again, after %d s"
                .formatted(Duration.between(begun, over).toSeconds());
    String line =
        "%s %s: %s"
            .formatted(
                (over == null ? begun : over).truncatedTo(ChronoUnit.SECONDS),
                over == null ? "down" : "up",
                message);
    if (type.equals("ntfy")) {
      options
          .putHeader("Title", service)
          .putHeader("Priority", over == null ? "high" : "default")
          .putHeader("Tags", over == null ? "rotating_light" : "white_check_mark");
      return Buffer.buffer(line);
    }
    options.putHeader("Content-Type", "application/json");
    String text = service + ": " + line;
    return Buffer.buffer(
        JsonMapper.shared()
            .writeValueAsString(
                switch (type) {
                  case "slack" -> Map.of("text", text);
                  // No name in the text notifies anybody.
                  case "discord" ->
                      Map.of("content", text, "allowed_mentions", Map.of("parse", List.of()));
                  default -> List.of(event(message, begun, over));
                }));
  }

  private Map<String, @Nullable Object> event(
      String message, Instant begun, @Nullable Instant over) {
    Map<String, @Nullable Object> event = new HashMap<>();
    event.put("id", id.toString());
    event.put("kind", "outage");
    event.put("origin", null);
    event.put("message", message);
    event.put("at", begun.toString());
    event.put("ended", over == null ? null : over.toString());
    event.put("data", Map.of());
    return event;
  }

  public Future<Void> close() {
    return client.close();
  }
}
