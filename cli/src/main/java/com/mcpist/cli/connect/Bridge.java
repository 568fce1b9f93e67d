package com.mcpist.cli.connect;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.core.JacksonException;

/** Passes the messages of a host on its standard input to a server, and back. */
final class Bridge {
  private static final String INITIALIZED = "notifications/initialized";
  private static final byte[] UNREADABLE =
      "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"Parse error\"}}"
          .getBytes(StandardCharsets.UTF_8);

  private final Remote remote;
  private final PrintStream host;
  private final Duration limit;
  private final Map<Thread, Message> running = new ConcurrentHashMap<>();

  /** {@code limit}: how long a message is sent again. */
  Bridge(Remote remote, PrintStream host, Duration limit) {
    this.remote = remote;
    this.host = host;
    this.limit = limit;
  }

  /** Until the input has ended and what it asked for is answered. */
  void run(InputStream in) throws IOException, InterruptedException {
    Lines lines = new Lines(new BufferedInputStream(in));
    for (var line = lines.next(); line.isPresent(); line = lines.next()) {
      try {
        if (line.get().length > 0) {
          forward(Message.of(line.get()));
        }
      } catch (JacksonException _) {
        write(Message.of(UNREADABLE));
      }
    }
    for (var exchange : running.entrySet()) {
      if (exchange.getValue().has(Exchange.LISTEN) || exchange.getValue().has(INITIALIZED)) {
        exchange.getKey().interrupt();
      }
      exchange.getKey().join();
    }
  }

  private void forward(Message message) {
    if (message.has("notifications/cancelled")) {
      String id = message.get("params.requestId");
      running.forEach(
          (thread, asked) -> {
            if (asked.asked().contains(id)) {
              thread.interrupt();
            }
          });
      if (!remote.hasSessions()) {
        return; // The end of its request's connection has said it.
      }
    }
    Exchange exchange = new Exchange(remote, message, this::write);
    Thread thread =
        Thread.ofVirtual()
            .unstarted(
                () -> {
                  exchange.run(limit);
                  if (message.has(INITIALIZED) && remote.hasSessions()) {
                    stream();
                  }
                  running.remove(Thread.currentThread());
                });
    running.put(thread, message);
    thread.start();
  }

  /** What the server says by itself, where it has a stream for that. */
  private void stream() {
    Pauses pauses = new Pauses(null);
    do {
      try {
        HttpURLConnection connection = remote.open("GET");
        connection.setRequestProperty("Accept", "text/event-stream");
        int status = connection.getResponseCode();
        if (status / 100 == 4 && !(status == 404 && remote.renew(connection))) {
          return;
        }
        try (InputStream in = new BufferedInputStream(connection.getInputStream())) {
          pauses = new Pauses(null);
          Lines lines = new Lines(in);
          for (Optional<byte[]> data = lines.data(); data.isPresent(); data = lines.data()) {
            write(Message.of(data.get()));
          }
        }
      } catch (IOException | JacksonException _) {
        // It is opened again.
      }
    } while (pauses.await(Duration.ZERO));
  }

  private void write(Message message) {
    host.writeBytes(message.line());
    host.flush();
  }
}
