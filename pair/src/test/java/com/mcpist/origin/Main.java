package com.mcpist.origin;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Tells on every path who it is, on connections that are kept; build is what build.txt in its
 * folder says. STAND_IN says what is wrong with it: "fail", it ends at once; "sick", it is never
 * healthy.
 */
public final class Main {
  private static final String STAND_IN = variable("STAND_IN");
  private static volatile boolean draining;

  private Main() {}

  private static String variable(String name) {
    return System.getenv().getOrDefault(name, "");
  }

  public static void main(String[] args) throws IOException {
    if (STAND_IN.equals("fail")) {
      System.err.println("STAND_IN is malformed");
      System.exit(2);
    }
    System.out.println("starts " + build());
    Path socket = Path.of(variable("SOCKET"));
    Files.deleteIfExists(socket);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Phaser connections = new Phaser(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, connections)));
    try {
      while (!draining) {
        SocketChannel client = server.accept();
        connections.register();
        Thread.ofVirtual().start(() -> serve(client, connections));
      }
    } catch (ClosedChannelException _) {
      // It stops, and says no more than that it ends.
    }
  }

  private static String build() {
    try {
      return Files.readString(Path.of("build.txt")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whoever is connected is told to come again. */
  private static void stop(ServerSocketChannel server, Phaser connections) {
    draining = true;
    try {
      server.close();
      connections.awaitAdvanceInterruptibly(connections.arrive(), 500, TimeUnit.MILLISECONDS);
    } catch (IOException | TimeoutException | InterruptedException e) {
      System.out.println("cut off: " + e);
    }
    System.out.println("ends " + build());
  }

  private static void serve(SocketChannel client, Phaser connections) {
    try (client;
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(Channels.newInputStream(client), StandardCharsets.UTF_8))) {
      boolean last = false;
      while (!last && lines.readLine() != null) {
        boolean secret = false;
        for (String line = lines.readLine(); !"".equals(line); line = lines.readLine()) {
          secret |= ("X-Gateway-Secret: " + variable("GATEWAY_SECRET")).equalsIgnoreCase(line);
          last |= "Connection: close".equalsIgnoreCase(line);
        }
        last |= draining;
        client.write(ByteBuffer.wrap(answer(secret, last).getBytes(StandardCharsets.UTF_8)));
      }
    } catch (IOException e) {
      System.out.println("a client went away: " + e.getMessage());
    } finally {
      connections.arriveAndDeregister();
    }
  }

  private static String answer(boolean secret, boolean last) {
    String details =
        ",\"instance\":\"%s\",\"build\":\"%s\",\"release\":\"%s\",\"extra\":\"%s\""
            .formatted(variable("INSTANCE"), build(), variable("RELEASE"), variable("EXTRA"));
    String body = "{\"status\":\"ok\"" + (secret ? details : "") + "}";
    boolean sick = STAND_IN.equals("sick");
    return "HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n%s"
        .formatted(
            sick ? "503 Unavailable" : "200 OK",
            body.length(),
            last ? "close" : "keep-alive",
            body);
  }
}
