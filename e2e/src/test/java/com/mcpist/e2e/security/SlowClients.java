package com.mcpist.e2e.security;

import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Connections that have begun a request and do not end it. They are opened early, and each is asked
 * at the end for what became of it, so that the listeners' limits run out at the same time.
 */
final class SlowClients implements AutoCloseable {
  /** How slow. */
  enum Kind {
    /** A head that stops. */
    HEAD,
    /** A head to which a byte is added now and then. */
    DRIPPING_HEAD,
    /** A body that stops. */
    BODY,
    /** A body to which a byte is added now and then. */
    DRIPPING_BODY;

    boolean inBody() {
      return this == BODY || this == DRIPPING_BODY;
    }
  }

  private static final Duration BETWEEN_DRIPS = Duration.ofMillis(700);

  /** One of each kind at each target. */
  private record Place(Target target, Kind kind) {}

  private final Map<Place, RawHttp> clients = new HashMap<>();

  SlowClients(Stage stage) throws IOException {
    for (Target target : Target.values()) {
      for (Kind kind : Kind.values()) {
        clients.put(new Place(target, kind), begin(stage, target, kind));
      }
    }
  }

  private static RawHttp begin(Stage stage, Target target, Kind kind) throws IOException {
    String whole = Requests.call(Requests.letIn(stage));
    int head = whole.indexOf("\r\n\r\n");
    RawHttp client = RawHttp.connect(stage.port(target)).patience(Duration.ofSeconds(60));
    client.send(whole.substring(0, kind.inBody() ? head + 20 : head - 20));
    if (kind == Kind.DRIPPING_HEAD || kind == Kind.DRIPPING_BODY) {
      Thread.startVirtualThread(() -> drip(client));
    }
    return client;
  }

  /** Until the connection is closed, by either side. */
  private static void drip(RawHttp client) {
    try {
      while (true) {
        Thread.sleep(BETWEEN_DRIPS);
        client.send(" ");
      }
    } catch (IOException | UncheckedIOException | InterruptedException closed) {
      // That is what it waits for.
    }
  }

  /** What it was told before it was shut out; empty where that was nothing. */
  Optional<HttpMessage> end(Target target, Kind kind) throws IOException {
    return Objects.requireNonNull(clients.get(new Place(target, kind))).readIfAny();
  }

  @Override
  public void close() throws IOException {
    for (RawHttp client : clients.values()) {
      client.close();
    }
  }
}
