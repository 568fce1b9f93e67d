package com.mcpist.origin.http;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.spi.transport.Transport;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A transport for one server whose port other processes of this user may listen on as well, so that
 * a new process of an origin can begin before the old one ends.
 */
final class SharedPort extends NioTransport implements io.vertx.core.transport.Transport {
  /** Much longer than a connection waits to be accepted, or is only half made, on one machine. */
  private static final long LAST_ACCEPTS_MILLIS = 100;

  private final SocketProtocolFamily family;
  private volatile @Nullable ServerSocketChannel channel;

  /**
   * For a server that is yet to listen. Its socket is of the host's own family: where one of both
   * is closed, Linux may give it one more connection in that instant.
   *
   * @throws UnknownHostException when the host has no address
   */
  SharedPort(String host) throws UnknownHostException {
    this.family =
        InetAddress.getByName(host) instanceof Inet6Address
            ? SocketProtocolFamily.INET6
            : SocketProtocolFamily.INET;
  }

  @Override
  public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
    return domainSocket ? super.serverChannelFactory(true) : this::open;
  }

  private ServerChannel open() {
    NioServerSocketChannel opened = new NioServerSocketChannel(SelectorProvider.provider(), family);
    if (!opened.config().setOption(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), true)) {
      var _ = opened.close();
      throw new UnsupportedOperationException("LISTEN_SHARED: this system cannot share a port");
    }
    channel = opened;
    return opened;
  }

  /**
   * Leaves new connections to others, takes in those that wait, and stops to listen. The
   * connections that it has stay. Blocks until that is done, which takes some tenths of a second.
   */
  void stopListening() throws InterruptedException {
    ServerSocketChannel open = channel;
    if (open != null) {
      NewestFirst.ask(open.localAddress());
      TimeUnit.MILLISECONDS.sleep(LAST_ACCEPTS_MILLIS);
      open.close().await();
    }
  }

  @Override
  public String name() {
    return "shared port";
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
  public Transport implementation() {
    return this;
  }
}
