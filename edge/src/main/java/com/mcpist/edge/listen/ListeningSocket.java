package com.mcpist.edge.listen;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * The socket that clients connect to. It listens before anybody accepts: connections that come
 * meanwhile wait in it.
 *
 * <p>It may be inherited: where standard input is a listening socket, as inetd and systemd give it,
 * that one is used. Others hold it too, so it goes on listening when this process stops to accept,
 * and no connection that waits in it is lost.
 */
public final class ListeningSocket {
  /** How many connections may wait; the system may allow fewer. */
  private static final int BACKLOG = 1024;

  private final InetSocketAddress address;
  private final boolean inherited;
  private final AcceptingChannel accepting;

  private ListeningSocket(ServerSocketChannel channel, boolean inherited) throws IOException {
    this.address = (InetSocketAddress) channel.getLocalAddress();
    this.inherited = inherited;
    this.accepting = new AcceptingChannel(channel, inherited);
  }

  /**
   * Takes the inherited socket, or else listens on this address.
   *
   * @param port 0: any free one
   * @throws java.net.BindException where the address is taken or not this machine's
   * @throws IOException where it cannot be used for another reason
   */
  public static ListeningSocket open(String host, int port) throws IOException {
    ServerSocketChannel given = given();
    return given == null ? bind(host, port) : new ListeningSocket(given, true);
  }

  private static @Nullable ServerSocketChannel given() throws IOException {
    return System.inheritedChannel() instanceof ServerSocketChannel channel
            && channel.getLocalAddress() instanceof InetSocketAddress
        ? channel
        : null;
  }

  /**
   * Listens on this address, whatever is inherited.
   *
   * @throws IOException as {@link #open}
   */
  public static ListeningSocket bind(String host, int port) throws IOException {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new UnknownHostException(host);
    }
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      return new ListeningSocket(channel.bind(address, BACKLOG), false);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Its address and port. */
  public InetSocketAddress address() {
    return address;
  }

  /** Whether others hold it too, so that connections wait when this process does not accept. */
  public boolean inherited() {
    return inherited;
  }

  /** A Vert.x whose servers accept from this socket when they listen on {@link #serverAddress}. */
  public Vertx vertx(VertxOptions options) {
    return Vertx.builder().with(options).withTransport(new SocketTransport(accepting)).build();
  }

  /** What a server of that Vert.x listens on; all that do so share the connections. */
  public SocketAddress serverAddress() {
    return SocketTransport.ADDRESS;
  }

  /** Begins to accept, once all servers listen: a connection before that would find nobody. */
  public void startAccepting() {
    accepting.config().setAutoRead(true);
  }

  /**
   * Accepts no more. A socket of this process's own is closed with that; may be called again.
   *
   * @return completes when each connection that was accepted is with its server
   */
  public Future<Void> stopAccepting() {
    Promise<Void> stopped = Promise.promise();
    accepting.close().addListener(closed -> stopped.complete());
    return stopped.future();
  }
}
