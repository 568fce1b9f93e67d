package com.mcpist.edge.listen;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.spi.transport.Transport;
import org.jspecify.annotations.Nullable;

/**
 * The transport of the JDK, with one server channel that exists already. Vert.x asks for a server's
 * channel without telling its address, but for one thing: whether it is a Unix domain socket. The
 * edge has no such sockets, so that kind of address stands for the channel.
 */
final class SocketTransport implements io.vertx.core.transport.Transport, Transport {
  static final SocketAddress ADDRESS = SocketAddress.domainSocketAddress("the listening socket");

  private static final Transport JDK = io.vertx.core.transport.Transport.NIO.implementation();

  private final AcceptingChannel listening;

  SocketTransport(AcceptingChannel listening) {
    this.listening = listening;
  }

  @Override
  public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean given) {
    return given ? () -> listening : JDK.serverChannelFactory(false);
  }

  @Override
  public java.net.SocketAddress convert(SocketAddress address) {
    return ADDRESS.equals(address) ? listening.localAddress() : JDK.convert(address);
  }

  @Override
  public void configure(TcpConfig options, boolean given, ServerBootstrap bootstrap) {
    JDK.configure(options, false, bootstrap); // Its connections are TCP's.
  }

  @Override
  public void configure(TcpConfig options, boolean domainSocket, Bootstrap bootstrap) {
    JDK.configure(options, domainSocket, bootstrap);
  }

  @Override
  public void configure(DatagramChannel channel, DatagramSocketOptions options) {
    JDK.configure(channel, options);
  }

  @Override
  public IoHandlerFactory ioHandlerFactory() {
    return JDK.ioHandlerFactory();
  }

  @Override
  @SuppressWarnings("deprecation") // The interface asks for it.
  public DatagramChannel datagramChannel(InternetProtocolFamily family) {
    return JDK.datagramChannel(family);
  }

  @Override
  public ChannelFactory<? extends DatagramChannel> datagramChannelFactory() {
    return JDK.datagramChannelFactory();
  }

  @Override
  public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
    return JDK.channelFactory(domainSocket);
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
  public Transport implementation() {
    return this;
  }
}
