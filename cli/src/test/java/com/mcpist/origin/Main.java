package com.mcpist.origin;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Answers /health, with the gateway secret also who it is, and /environment with the names of its
 * variables and what of them is public. STAND_IN says what is wrong with it: "fail", it ends at
 * once; "sick", it is never healthy; "wait for FILE", it does not listen before that is there.
 */
public final class Main {
  private static final Map<String, String> ENVIRONMENT = new TreeMap<>(System.getenv());
  private static final String WAIT = "wait for ";

  private Main() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    String wrong = ENVIRONMENT.getOrDefault("STAND_IN", "");
    if (wrong.equals("fail")) {
      System.err.println("STAND_IN is malformed");
      System.exit(2);
    }
    System.out.println(ENVIRONMENT.getOrDefault("LOG_PREFIX", "") + " origin starts");
    while (wrong.startsWith(WAIT) && Files.notExists(Path.of(wrong.substring(WAIT.length())))) {
      Thread.sleep(10);
    }
    ServerSocketChannel server = listen();
    Thread.ofPlatform().start(() -> serve(server));
  }

  /** Listens on a Unix socket, as an origin of a pair does, or on a port. */
  private static ServerSocketChannel listen() throws IOException {
    if (!ENVIRONMENT.containsKey("SOCKET")) {
      int port = Integer.parseInt(ENVIRONMENT.get("PORT"));
      return ServerSocketChannel.open(StandardProtocolFamily.INET)
          .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }
    Path socket = Path.of(ENVIRONMENT.get("SOCKET"));
    Files.deleteIfExists(socket);
    return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(socket));
  }

  private static void serve(ServerSocketChannel server) {
    while (true) {
      try (SocketChannel client = server.accept()) {
        ByteBuffer request = ByteBuffer.allocate(8192);
        client.read(request);
        String body =
            body(new String(request.array(), 0, request.position(), StandardCharsets.UTF_8));
        String answer =
            "HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                .formatted(
                    "sick".equals(ENVIRONMENT.get("STAND_IN")) ? "503 Unavailable" : "200 OK",
                    body.length(),
                    body);
        client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
      } catch (IOException e) {
        System.out.println("a client went away: " + e.getMessage());
      }
    }
  }

  private static String body(String request) {
    if (request.startsWith("GET /environment ")) {
      return String.join(",", ENVIRONMENT.keySet())
          + ";"
          + ENVIRONMENT.get("ENVIRONMENT")
          + ";"
          + ENVIRONMENT.get("MIGRATION_DATABASE_URL");
    }
    String secret = "X-Gateway-Secret: " + ENVIRONMENT.get("GATEWAY_SECRET");
    return request.contains(secret)
        ? "{\"status\":\"ok\",\"problems\":[\"it rains\"],\"instance\":\"%s\",\"release\":\"%s\",\"digest\":\"%s\"}"
            .formatted(
                ENVIRONMENT.get("INSTANCE"),
                ENVIRONMENT.get("RELEASE"),
                ENVIRONMENT.get("IMAGE_DIGEST"))
        : "{\"status\":\"ok\"}";
  }
}
