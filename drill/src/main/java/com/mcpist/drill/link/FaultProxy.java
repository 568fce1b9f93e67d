package com.mcpist.drill.link;

import module java.base;

import org.jspecify.annotations.Nullable;

/**
 * A link that can be broken: a proxy on a port of loopback or on a Unix socket, which on command
 * lets nothing pass, as a network that drops packets does, or resets its connections, at once or in
 * the middle of a response.
 *
 * <p>What a proxy cannot do: while the link is cut a new connection is still accepted, since the
 * kernel does that, and is silent after that, where on a network its first packet would vanish.
 * What was under way when the link was cut arrives once it is mended, as TCP's retransmissions do.
 * A Unix socket has no resets, so there a connection ends in its place.
 *
 * <p>All methods may be called from any thread.
 */
public final class FaultProxy implements AutoCloseable {
  private static final long NEVER = Long.MAX_VALUE;
  private static final int BUFFER_BYTES = 16 * 1024;

  /** No response to a request that has passed since resets were asked for. */
  private static final long NOT_COUNTED = -1;

  private final ServerSocketChannel listener;
  private final SocketAddress address;
  private final SocketAddress target;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();

  private volatile boolean cut;

  /** After how many bytes of a response. */
  private volatile long resetAfter = NEVER;

  private FaultProxy(ServerSocketChannel listener, SocketAddress target) throws IOException {
    this.listener = listener;
    this.address = listener.getLocalAddress();
    this.target = target;
  }

  /** Opens a link to a TCP server or a Unix socket, on a port of loopback that is free. */
  public static FaultProxy open(SocketAddress target) throws IOException {
    return open(
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
        target);
  }

  /** Opens a link to a Unix socket, on another Unix socket that does not exist yet. */
  public static FaultProxy open(Path target, Path link) throws IOException {
    return open(
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(link)),
        UnixDomainSocketAddress.of(target));
  }

  private static FaultProxy open(ServerSocketChannel listener, SocketAddress target)
      throws IOException {
    FaultProxy proxy = new FaultProxy(listener, target);
    Thread.ofVirtual().name("link " + proxy.address).start(proxy::accept);
    return proxy;
  }

  /** Returns the port of a link that has one. */
  public int port() {
    return ((InetSocketAddress) address).getPort();
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
      if (address instanceof UnixDomainSocketAddress socket) {
        Files.deleteIfExists(socket.getPath());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    reset();
  }

  private void accept() {
    while (listener.isOpen()) {
      try {
        SocketChannel client = listener.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException _) {
        // Only a closed listener ends the loop: a connection that failed in the queue does not.
      }
    }
  }

  private void serve(SocketChannel client) {
    Link link = new Link(client);
    links.add(link);
    try {
      if (!listener.isOpen()) {
        link.reset(); // close() may have looked before the link was there.
      }
      link.run();
    } finally {
      links.remove(link);
    }
  }

  /** One connection that passes a proxy: two sockets that belong together, and what passes them. */
  private final class Link {
    private final SocketChannel client;
    private volatile @Nullable SocketChannel server;

    /** Bytes of the response so far. The two directions of an exchange take turns with it. */
    private volatile long responded = NOT_COUNTED;

    private volatile boolean over;

    Link(SocketChannel client) {
      this.client = client;
    }

    /** Carries the connection until it ends. A target that refuses is a reset to the client. */
    void run() {
      try {
        sendAtOnce(client);
        awaitWhole(() -> over);
        SocketChannel connected = SocketChannel.open(target);
        server = connected;
        if (over) {
          reset(); // It was asked for before the connection was there.
        }
        sendAtOnce(connected);
        Thread responses = Thread.ofVirtual().start(() -> carry(() -> responses(connected)));
        carry(() -> requests(connected));
        responses.join();
        close(connected);
      } catch (IOException _) {
        reset();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        reset();
      }
    }

    /** After an orderly end of both directions: what was written may still be on its way. */
    private void close(SocketChannel connected) throws IOException {
      over = true;
      client.close();
      connected.close();
    }

    void reset() {
      over = true;
      abort(client);
      SocketChannel connected = server;
      if (connected != null) {
        abort(connected);
      }
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

    private void requests(SocketChannel connected) throws IOException, InterruptedException {
      ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
      while (read(client, bytes)) {
        responded = resetAfter != NEVER ? 0 : NOT_COUNTED;
        write(connected, bytes);
      }
      connected.shutdownOutput();
    }

    private void responses(SocketChannel connected) throws IOException, InterruptedException {
      ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
      while (read(connected, bytes)) {
        int passing = passing(bytes.remaining());
        boolean cutShort = passing < bytes.remaining();
        write(client, bytes.limit(passing));
        if (cutShort) {
          reset();
          return;
        }
      }
      client.shutdownOutput();
    }

    private static void write(SocketChannel to, ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        to.write(bytes);
      }
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

    /**
     * Reads what comes, and keeps it for as long as the link is cut. Returns false at the end of
     * the connection.
     */
    private boolean read(SocketChannel from, ByteBuffer bytes)
        throws IOException, InterruptedException {
      int read = from.read(bytes.clear());
      bytes.flip();
      awaitWhole(() -> over);
      return read >= 0;
    }

    private static boolean isTcp(SocketChannel channel) {
      return channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY);
    }

    private static void sendAtOnce(SocketChannel channel) throws IOException {
      if (isTcp(channel)) {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
    }

    /** Closes a connection. Without lingering, closing one of TCP sends a reset. */
    private static void abort(SocketChannel channel) {
      try (channel) {
        if (isTcp(channel)) {
          channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
      } catch (IOException _) {
        // It is closed already: there is nothing to reset.
      }
    }
  }
}
