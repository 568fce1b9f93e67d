package com.mcpist.origin.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A wire to the database on which a test counts round trips, and can lose an answer: the server
 * gets the statement, the client never hears of it.
 */
final class PostgresProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger turns = new AtomicInteger();
  private final AtomicReference<String> losing = new AtomicReference<>("");
  private final AtomicInteger lost = new AtomicInteger();

  private PostgresProxy(int target) throws IOException {
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.target = target;
    Thread.ofVirtual().start(this::accept);
  }

  static PostgresProxy to(int port) throws IOException {
    return new PostgresProxy(port);
  }

  /** The same database, through this wire. */
  String url(String direct) {
    return direct.replace(":" + target + "/", ":" + listener.getLocalPort() + "/");
  }

  /**
   * How often a client has spoken after it was answered: the round trips of one client at a time.
   */
  int roundTrips() {
    return turns.get();
  }

  /** Passes on the next statement that has this in it, and then neither its answer nor any more. */
  void loseAnswerTo(String statement) {
    losing.set(statement);
  }

  int answersLost() {
    return lost.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        sockets.add(client);
        sockets.add(server);
        Link link = new Link(client, server);
        Thread.ofVirtual().start(link::clientToServer);
        Thread.ofVirtual().start(link::serverToClient);
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private final class Link {
    private final Socket client;
    private final Socket server;
    private final AtomicBoolean answered = new AtomicBoolean(true);
    private volatile boolean deaf;

    Link(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void clientToServer() {
      byte[] buffer = new byte[1 << 20];
      try {
        int n;
        while ((n = client.getInputStream().read(buffer)) >= 0) {
          if (answered.getAndSet(false)) {
            turns.incrementAndGet();
          }
          String text = new String(buffer, 0, n, StandardCharsets.ISO_8859_1);
          if (losesAnswer(text)) {
            deaf = true;
          }
          server.getOutputStream().write(buffer, 0, n);
        }
      } catch (IOException e) {
        // The other side has ended.
      } finally {
        end();
      }
    }

    private boolean losesAnswer(String text) {
      String statement = losing.get();
      return !statement.isEmpty()
          && text.contains(statement)
          && losing.compareAndSet(statement, "");
    }

    void serverToClient() {
      byte[] buffer = new byte[1 << 16];
      try {
        int n;
        while ((n = server.getInputStream().read(buffer)) >= 0) {
          answered.set(true);
          if (deaf) {
            lost.incrementAndGet();
            return;
          }
          client.getOutputStream().write(buffer, 0, n);
        }
      } catch (IOException e) {
        // The other side has ended.
      } finally {
        end();
      }
    }

    private void end() {
      for (Socket socket : new Socket[] {client, server}) {
        sockets.remove(socket);
        try {
          socket.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
