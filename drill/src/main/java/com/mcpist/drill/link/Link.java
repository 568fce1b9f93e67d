package com.mcpist.drill.link;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** One connection that passes a proxy: two sockets that belong together, and what passes them. */
final class Link {
  private static final int BUFFER_BYTES = 16 * 1024;

  /** No response to a request that has passed since resets were asked for. */
  private static final long NOT_COUNTED = -1;

  private final Socket client;
  private final Socket server;
  private final Faults faults;

  /** Bytes of the response so far. The two directions of an exchange take turns with it. */
  private volatile long responded = NOT_COUNTED;

  private volatile boolean over;

  Link(Socket client, Socket server, Faults faults) {
    this.client = client;
    this.server = server;
    this.faults = faults;
  }

  /** Carries the connection until it ends. A target that refuses is a reset to the client. */
  void run(InetSocketAddress target) {
    try {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      faults.awaitWhole(() -> over);
      server.connect(target);
      Thread responses = Thread.ofVirtual().start(() -> carry(this::responses));
      carry(this::requests);
      responses.join();
      close();
    } catch (IOException _) {
      reset();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      reset();
    }
  }

  /** After an orderly end of both directions: what was written may still be on its way. */
  private void close() throws IOException {
    over = true;
    client.close();
    server.close();
  }

  /** Resets both ends. */
  void reset() {
    over = true;
    abort(client);
    abort(server);
  }

  private interface Direction {
    void run() throws IOException, InterruptedException;
  }

  private void carry(Direction direction) {
    try {
      direction.run();
    } catch (IOException _) {
      hideWhileCut();
      reset();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** An end's reset is not heard at the other end while the link is cut. */
  private void hideWhileCut() {
    try {
      faults.awaitWhole(() -> over);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void requests() throws IOException, InterruptedException {
    byte[] bytes = new byte[BUFFER_BYTES];
    for (int read = read(client, bytes); read >= 0; read = read(client, bytes)) {
      responded = faults.resetsResponses() ? 0 : NOT_COUNTED;
      server.getOutputStream().write(bytes, 0, read);
    }
    server.shutdownOutput();
  }

  private void responses() throws IOException, InterruptedException {
    byte[] bytes = new byte[BUFFER_BYTES];
    for (int read = read(server, bytes); read >= 0; read = read(server, bytes)) {
      int passing = passing(read);
      client.getOutputStream().write(bytes, 0, passing);
      if (passing < read) {
        reset();
        return;
      }
    }
    client.shutdownOutput();
  }

  /** How many of the next bytes of a response may pass; fewer than there are: then the reset. */
  private int passing(int read) {
    long before = responded;
    if (before == NOT_COUNTED || !faults.resetsResponses()) {
      return read;
    }
    responded = before + read;
    return Math.clamp(faults.responseLimit() - before, 0, read);
  }

  /** Reads what comes, and keeps it for as long as the link is cut. */
  private int read(Socket from, byte[] bytes) throws IOException, InterruptedException {
    int read = from.getInputStream().read(bytes);
    faults.awaitWhole(() -> over);
    return read;
  }

  /** Without lingering, closing sends a reset instead of an orderly end. */
  private static void abort(Socket socket) {
    try (socket) {
      socket.setSoLinger(true, 0);
    } catch (IOException _) {
      // It is closed already: there is nothing to reset.
    }
  }
}
