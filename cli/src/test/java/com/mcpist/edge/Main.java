package com.mcpist.edge;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Serves /health on the socket that it was given, and the admin listener. */
public final class Main {
  private static final Set<String> DRAINED = ConcurrentHashMap.newKeySet();

  private Main() {}

  private record Origin(String name, String url) {}

  public static void main(String[] args) throws IOException, InterruptedException {
    String config = System.getenv("EDGE_CONFIG");
    System.out.println("edge starts");
    List<Origin> origins = new ArrayList<>();
    Matcher objects = Pattern.compile("\\{[^{}]*\"url\"[^{}]*}").matcher(config);
    while (objects.find()) {
      origins.add(new Origin(text(objects.group(), "name"), text(objects.group(), "url")));
      if (objects.group().contains("\"drained\":true")) {
        DRAINED.add(text(objects.group(), "name"));
      }
    }
    ServerSocketChannel socket = socket(config);
    Thread.ofPlatform().daemon().start(() -> serve(socket));
    String token = "Bearer " + System.getenv("EDGE_ADMIN_TOKEN");
    listen(Path.of(text(config, "adminSocket")), exchange -> admin(exchange, origins, token));
    Thread.currentThread().join();
  }

  /** The one that it was given, or its own. */
  private static ServerSocketChannel socket(String config) throws IOException {
    return System.inheritedChannel() instanceof ServerSocketChannel given
        ? given
        : ServerSocketChannel.open()
            .bind(
                new InetSocketAddress(
                    java.net.InetAddress.getLoopbackAddress(), number(config, "port")));
  }

  private static void serve(ServerSocketChannel socket) {
    String answer =
        "HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{\"status\":\"ok\"}";
    while (true) {
      try (SocketChannel client = socket.accept()) {
        client.read(ByteBuffer.allocate(4096));
        client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
      } catch (IOException e) {
        System.out.println("a client went away: " + e.getMessage());
      }
    }
  }

  private interface Handler {
    void handle(HttpExchange exchange) throws IOException;
  }

  /** Listens on a Unix socket, whose connections lead to the JDK's server on a port. */
  private static void listen(Path socket, Handler handler) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0), 50);
    server.createContext("/", handler::handle);
    server.start();
    ServerSocketChannel listener =
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(socket));
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              while (true) {
                try {
                  SocketChannel client = listener.accept();
                  SocketChannel bridged = SocketChannel.open(server.getAddress());
                  Thread.ofVirtual().start(() -> carry(client, bridged));
                  Thread.ofVirtual().start(() -> carry(bridged, client));
                } catch (IOException e) {
                  System.out.println("a client went away: " + e.getMessage());
                }
              }
            });
  }

  private static void carry(SocketChannel from, SocketChannel to) {
    try (to) {
      ByteBuffer bytes = ByteBuffer.allocate(4096);
      while (from.read(bytes.clear()) >= 0) {
        bytes.flip();
        while (bytes.hasRemaining()) {
          to.write(bytes);
        }
      }
    } catch (IOException e) {
      System.out.println("a client went away: " + e.getMessage());
    }
  }

  private static void admin(HttpExchange exchange, List<Origin> origins, String token)
      throws IOException {
    if (!token.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      answer(exchange, 401, "");
      return;
    }
    if (exchange.getRequestURI().getPath().equals("/retire")) {
      answer(exchange, 202, status(origins));
      System.exit(0);
    }
    String[] path = exchange.getRequestURI().getPath().split("/", -1);
    if (path.length == 4 && path[3].equals("drain")) {
      if (origins.size() == DRAINED.size() + 1) {
        answer(exchange, 409, "");
        return;
      }
      DRAINED.add(path[2]);
    } else if (path.length == 4) {
      DRAINED.remove(path[2]);
    }
    answer(exchange, 200, status(origins));
  }

  private static String status(List<Origin> origins) {
    String active = active(origins);
    List<String> objects = new ArrayList<>();
    for (Origin origin : origins) {
      boolean up = isUp(origin);
      String state = DRAINED.contains(origin.name()) ? "drained" : up ? "healthy" : "unhealthy";
      objects.add(
          "{\"name\":\"%s\",\"url\":\"%s\",\"state\":\"%s\",\"active\":%s,\"release\":%s,\"more\":1,\"lastFailure\":%s}"
              .formatted(
                  origin.name(),
                  origin.url(),
                  state,
                  origin.name().equals(active),
                  up ? "\"r1\"" : null,
                  up
                      ? null
                      : "{\"at\":\"2026-01-01T00:00:00Z\",\"reason\":\"connection refused\"}"));
    }
    return "{\"origins\":[" + String.join(",", objects) + "],\"clockSkewMillis\":61000}";
  }

  private static String active(List<Origin> origins) {
    return origins.stream()
        .filter(origin -> !DRAINED.contains(origin.name()) && isUp(origin))
        .map(Origin::name)
        .findFirst()
        .orElse("");
  }

  private static boolean isUp(Origin origin) {
    Path socket = Path.of(URI.create(origin.url()).getPath());
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      String request = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
      ByteBuffer answer = ByteBuffer.allocate(4096);
      channel.read(answer);
      return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8)
          .startsWith("HTTP/1.1 200");
    } catch (IOException _) {
      return false;
    }
  }

  private static void answer(HttpExchange exchange, int code, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static String text(String object, String key) {
    Matcher matcher = Pattern.compile("\"" + key + "\":\"([^\"]*)\"").matcher(object);
    return matcher.find() ? matcher.group(1) : "";
  }

  private static int number(String object, String key) {
    Matcher matcher = Pattern.compile("\"" + key + "\":(\\d+)").matcher(object);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }
}
