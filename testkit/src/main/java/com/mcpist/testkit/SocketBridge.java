package com.mcpist.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * A Unix socket whose connections lead to a server on a port of loopback. The stand-ins of programs
 * listen on ports, and the programs of a pair on Unix sockets.
 */
public final class SocketBridge implements AutoCloseable {
  private final ServerSocketChannel listener;
  private final int port;
  private final Thread accepting;

  private SocketBridge(ServerSocketChannel listener, int port) {
    this.listener = listener;
    this.port = port;
    this.accepting = Thread.ofVirtual().name("bridge").unstarted(this::accept);
  }

  /** Listens on a Unix socket that does not exist yet. */
  public static SocketBridge open(Path socket, int port) {
    try {
      ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      SocketBridge bridge =
          new SocketBridge(listener.bind(UnixDomainSocketAddress.of(socket)), port);
      bridge.accepting.start();
      return bridge;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() {
    while (listener.isOpen()) {
      try {
        SocketChannel client = listener.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException _) {
        // The bridge is closed, which the condition of the loop sees.
      }
    }
  }

  private void serve(SocketChannel client) {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
      InputStream requests = Channels.newInputStream(client);
      OutputStream responses = Channels.newOutputStream(client);
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  requests.transferTo(server.getOutputStream());
                  server.shutdownOutput();
                } catch (IOException _) {
                  // The server has closed the connection, which ends the other direction.
                }
              });
      server.getInputStream().transferTo(responses);
    } catch (IOException _) {
      // A server that refuses or resets a connection is one of the cases under test.
    }
  }

  /** Returns when connections are refused. */
  @Override
  public void close() {
    try {
      listener.close();
      accepting.join(); // The system closes the socket when no thread waits in it any more.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
