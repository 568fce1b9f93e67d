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
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The socket that clients connect to. It listens before the edge accepts: connections that come
 * before that wait in the socket.
 *
 * <p>The socket may be inherited. If standard input is a listening socket, as inetd and systemd
 * give it, the edge uses that socket. Other processes hold it too, so it goes on listening when
 * this process stops accepting, and no connection that waits in it is lost.
 */
public final class ListeningSocket {
  /** The largest number of connections that may wait; the system may allow fewer. */
  private static final int BACKLOG = 1024;

  /**
   * The address that stands for this socket. Vert.x asks a transport for a server's channel without
   * telling the address, except for whether it is a Unix domain socket. So the first server of that
   * kind gets this socket, and every later one listens on a Unix socket that is its own.
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
   * Takes the inherited socket, or else listens on this address. Port 0 stands for any free port.
   *
   * @throws java.net.BindException if the address is taken or is not this machine's
   */
  public static ListeningSocket open(String host, int port) throws IOException {
    return System.inheritedChannel() instanceof ServerSocketChannel given
            && given.getLocalAddress() instanceof InetSocketAddress
        ? new ListeningSocket(given, true)
        : bind(host, port);
  }

  /** Listens on this address, whatever is inherited. Fails as {@link #open} does. */
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

  /**
   * Returns true if other processes hold the socket too, so that connections wait when this process
   * does not accept.
   */
  public boolean inherited() {
    return inherited;
  }

  /**
   * Returns a Vert.x whose servers accept from this socket when they listen on {@link
   * #serverAddress}.
   */
  public Vertx vertx(VertxOptions options) {
    return Vertx.builder().with(options).withTransport(new SocketTransport(accepting)).build();
  }

  /**
   * Returns the address that a server of that Vert.x listens on. All servers that listen on it
   * share the connections.
   */
  public SocketAddress serverAddress() {
    return SERVER_ADDRESS;
  }

  /**
   * Begins to accept. Must be called once all servers listen, since a connection before that would
   * find none.
   */
  public void startAccepting() {
    accepting.config().setAutoRead(true);
  }

  /**
   * Stops accepting, which closes a socket of this process's own. May be called again. The future
   * completes when each connection that was accepted is with its server.
   */
  public Future<Void> stopAccepting() {
    Promise<Void> stopped = Promise.promise();
    accepting.close().addListener(closed -> stopped.complete());
    return stopped.future();
  }

  /** The transport of the JDK, with one server channel that exists already. */
  private static final class SocketTransport extends NioTransport implements Transport {
    private final AcceptingChannel listening;
    private final AtomicBoolean taken = new AtomicBoolean();

    SocketTransport(AcceptingChannel listening) {
      this.listening = listening;
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
      return domainSocket && taken.compareAndSet(false, true)
          ? () -> listening
          : super.serverChannelFactory(domainSocket);
    }

    @Override
    public java.net.SocketAddress convert(SocketAddress address) {
      return SERVER_ADDRESS.equals(address) ? listening.localAddress() : super.convert(address);
    }

    @Override
    public void configure(TcpConfig options, boolean domainSocket, ServerBootstrap bootstrap) {
      // This socket's connections are of TCP, whatever its address says. Vert.x configures a server
      // before it asks for the server's channel.
      super.configure(options, domainSocket && taken.get(), bootstrap);
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
     * Closes the channel, if it is not inherited. Closing an inherited channel would make the JDK
     * close standard output and error as well, and the log of the last calls would be lost. So an
     * inherited channel is only deregistered: the system closes it with the process, and other
     * processes hold it anyway.
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
