package com.mcpist.drill.link;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

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
  private final ServerSocket listener;
  private final InetSocketAddress target;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final Faults faults = new Faults();

  private FaultProxy(ServerSocket listener, InetSocketAddress target) {
    this.listener = listener;
    this.target = target;
  }

  /**
   * Opens a link to {@code target} on a free port of the loopback.
   *
   * @throws IOException when no port can be had
   */
  public static FaultProxy open(InetSocketAddress target) throws IOException {
    ServerSocket listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    FaultProxy proxy = new FaultProxy(listener, target);
    Thread.ofVirtual().name("link-" + proxy.port()).start(proxy::accept);
    return proxy;
  }

  /** Where it listens, on the loopback. */
  public int port() {
    return listener.getLocalPort();
  }

  /** From now on nothing passes, neither bytes nor the ends of connections. */
  public void cut() {
    faults.cut();
  }

  /**
   * Lets everything pass again, first what was held back by a cut, and ends {@link
   * #resetResponsesAfter}.
   */
  public void mend() {
    faults.mend();
  }

  /** Resets every connection that is open, at both of its ends, also while the link is cut. */
  public void reset() {
    for (Link link : links) {
      link.reset();
    }
    faults.wake();
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
    faults.resetResponsesAfter(bytes);
  }

  /** The number of connections that are open. */
  public int connections() {
    return links.size();
  }

  /** Ends it, and every connection with it. */
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
    Link link = new Link(client, new Socket(), faults);
    links.add(link);
    try {
      if (listener.isClosed()) {
        link.reset(); // close() may have looked before the link was there.
      }
      link.run(target);
    } finally {
      links.remove(link);
    }
  }
}
