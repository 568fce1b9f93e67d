package com.mcpist.edge.listen;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.transport.Transport;
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

  /**
   * Vert.x asks a transport for a server's channel without telling its address, but for one thing:
   * whether it is a Unix domain socket. The edge has no such sockets, so that kind of address
   * stands for this socket.
   */
  private static final SocketAddress SERVER_ADDRESS =
      SocketAddress.domainSocketAddress("the listening socket");

  private final InetSocketAddress address;
  private final boolean inherited;
  private final AcceptingChannel accepting;

  private ListeningSocket(ServerSocketChannel channel, boolean inherited) throws IOException {
    this.address = (InetSocketAddress) channel.getLocalAddress();
    this.inherited = inherited;
    this.accepting = new AcceptingChannel(channel, inherited);
  }

  /**
   * Takes the inherited socket, or else listens on this address, on any free port for 0.
   *
   * @throws java.net.BindException where the address is taken or not this machine's
   */
  public static ListeningSocket open(String host, int port) throws IOException {
    return System.inheritedChannel() instanceof ServerSocketChannel given
            && given.getLocalAddress() instanceof InetSocketAddress
        ? new ListeningSocket(given, true)
        : bind(host, port);
  }

  /** Listens on this address, whatever is inherited; fails as {@link #open}. */
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
    return SERVER_ADDRESS;
  }

  /** Begins to accept, once all servers listen: a connection before that would find nobody. */
  public void startAccepting() {
    accepting.config().setAutoRead(true);
  }

  /**
   * Accepts no more. A socket of this process's own is closed with that; may be called again.
   * Completes when each connection that was accepted is with its server.
   */
  public Future<Void> stopAccepting() {
    Promise<Void> stopped = Promise.promise();
    accepting.close().addListener(closed -> stopped.complete());
    return stopped.future();
  }

  /** The transport of the JDK, with one server channel that exists already. */
  private static final class SocketTransport extends NioTransport implements Transport {
    private final AcceptingChannel listening;

    SocketTransport(AcceptingChannel listening) {
      this.listening = listening;
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean given) {
      return given ? () -> listening : super.serverChannelFactory(false);
    }

    @Override
    public java.net.SocketAddress convert(SocketAddress address) {
      return SERVER_ADDRESS.equals(address) ? listening.localAddress() : super.convert(address);
    }

    @Override
    public void configure(TcpConfig options, boolean given, ServerBootstrap bootstrap) {
      super.configure(options, false, bootstrap); // Its connections are TCP's.
    }

    @Override
    public boolean supportsDomainSockets() {
      return true;
    }

    @Override
    public String name() {
      return "socket";
    }

    @Override
    public boolean available() {
      return true;
    }

    @Override
    public @Nullable Throwable unavailabilityCause() {
      return null;
    }

    @Override
    public io.vertx.core.spi.transport.Transport implementation() {
      return this;
    }
  }

  /** Netty's channel over a socket that listens already. It accepts nothing until it is told to. */
  private static final class AcceptingChannel extends NioServerSocketChannel {
    private final boolean inherited;
    private volatile boolean bound;
    private volatile boolean closed;

    AcceptingChannel(ServerSocketChannel channel, boolean inherited) {
      super(channel);
      this.inherited = inherited;
      config().setAutoRead(false);
    }

    @Override
    protected void doBind(java.net.SocketAddress address) {
      bound = true;
    }

    // Netty starts to read from a channel that is active as soon as it is registered, which would
    // be before its handlers are there.
    @Override
    public boolean isActive() {
      return bound && super.isActive();
    }

    @Override
    public boolean isOpen() {
      return !closed && super.isOpen();
    }

    /**
     * To close an inherited channel makes the JDK close standard output and error as well, and then
     * nothing of what the last calls log would be seen. So it is only not looked at any more: the
     * system closes it with the process, and others hold it anyway.
     */
    @Override
    protected void doClose() throws Exception {
      closed = true;
      if (inherited) {
        doDeregister();
      } else {
        super.doClose();
      }
    }
  }
}
