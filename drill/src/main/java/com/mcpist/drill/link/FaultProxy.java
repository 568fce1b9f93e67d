package com.mcpist.drill.link;

import module java.base;

/**
 * A link that can be broken: a TCP proxy on the loopback which on command lets nothing pass, as a
 * network that drops packets does, or resets its connections, at once or in the middle of a
 * response.
 *
 * <p>What a proxy cannot do: while the link is cut a new connection is still accepted, since the
 * kernel does that, and is silent after that, where on a network its first packet would vanish.
 * What was under way when the link was cut arrives once it is mended, as TCP's retransmissions do.
 *
 * <p>All methods may be called from any thread.
 */
public final class FaultProxy implements AutoCloseable {
  private static final long NEVER = Long.MAX_VALUE;
  private static final int BUFFER_BYTES = 16 * 1024;

  /** No response to a request that has passed since resets were asked for. */
  private static final long NOT_COUNTED = -1;

  private final ServerSocket listener;
  private final InetSocketAddress target;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();

  private volatile boolean cut;

  /** After how many bytes of a response. */
  private volatile long resetAfter = NEVER;

  private FaultProxy(ServerSocket listener, InetSocketAddress target) {
    this.listener = listener;
    this.target = target;
  }

  public static FaultProxy open(InetSocketAddress target) throws IOException {
    ServerSocket listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    FaultProxy proxy = new FaultProxy(listener, target);
    Thread.ofVirtual().name("link-" + proxy.port()).start(proxy::accept);
    return proxy;
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** From now on nothing passes, neither bytes nor the ends of connections. */
  public void cut() {
    cut = true;
  }

  /** Lets all pass again, first what a cut held back, and ends {@link #resetResponsesAfter}. */
  public void mend() {
    resetAfter = NEVER;
    cut = false;
    wake();
  }

  /** Resets every connection that is open, at both of its ends, also while the link is cut. */
  public void reset() {
    for (Link link : links) {
      link.reset();
    }
    wake();
  }

  private synchronized void wake() {
    notifyAll();
  }

  /**
   * From now until {@link #mend}, resets a connection in the middle of a response, when this many
   * of its bytes have passed. Only the responses to requests that pass from now on count, so that a
   * stream which goes on meanwhile stays.
   *
   * @param bytes with the response's head; 0: before its first byte
   */
  public void resetResponsesAfter(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("a number of bytes is not negative: " + bytes);
    }
    resetAfter = bytes;
  }

  /** Waits until the link is not cut, or the connection is over. */
  private void awaitWhole(BooleanSupplier over) throws InterruptedException {
    if (!cut) {
      return;
    }
    synchronized (this) {
      while (cut && !over.getAsBoolean()) {
        wait();
      }
    }
  }

  public int connections() {
    return links.size();
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    reset();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException _) {
        // Only a closed listener ends the loop: a connection that failed in the queue does not.
      }
    }
  }

  private void serve(Socket client) {
    Link link = new Link(client);
    links.add(link);
    try {
      if (listener.isClosed()) {
        link.reset(); // close() may have looked before the link was there.
      }
      link.run();
    } finally {
      links.remove(link);
    }
  }

  /** One connection that passes a proxy: two sockets that belong together, and what passes them. */
  private final class Link {
    private final Socket client;
    private final Socket server = new Socket();

    /** Bytes of the response so far. The two directions of an exchange take turns with it. */
    private volatile long responded = NOT_COUNTED;

    private volatile boolean over;

    Link(Socket client) {
      this.client = client;
    }

    /** Carries the connection until it ends. A target that refuses is a reset to the client. */
    void run() {
      try {
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        awaitWhole(() -> over);
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
        try {
          direction.run();
        } catch (IOException _) {
          awaitWhole(() -> over); // The other end does not hear of it while the link is cut.
          reset();
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        reset();
      }
    }

    private void requests() throws IOException, InterruptedException {
      byte[] bytes = new byte[BUFFER_BYTES];
      for (int read = read(client, bytes); read >= 0; read = read(client, bytes)) {
        responded = resetAfter != NEVER ? 0 : NOT_COUNTED;
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
      if (before == NOT_COUNTED || resetAfter == NEVER) {
        return read;
      }
      responded = before + read;
      return Math.clamp(resetAfter - before, 0, read);
    }

    /** Reads what comes, and keeps it for as long as the link is cut. */
    private int read(Socket from, byte[] bytes) throws IOException, InterruptedException {
      int read = from.getInputStream().read(bytes);
      awaitWhole(() -> over);
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
}
