package com.mcpist.origin.http;

import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.spi.SelectorProvider;

/** A listening socket on a port that others may listen on too. Who began last gets what comes. */
final class SharedChannel extends NioServerSocketChannel {
  private SharedChannel(SocketProtocolFamily family) {
    super(SelectorProvider.provider(), family);
  }

  /**
   * Of the address's own family: where a socket of both families is closed, Linux may give it one
   * more connection in that instant.
   *
   * @throws UnsupportedOperationException where this system cannot share ports
   */
  static SharedChannel open(InetAddress address) {
    SharedChannel channel =
        new SharedChannel(
            address instanceof Inet6Address
                ? SocketProtocolFamily.INET6
                : SocketProtocolFamily.INET);
    if (!channel
        .config()
        .setOption(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), true)) {
      var _ = channel.close();
      throw new UnsupportedOperationException("LISTEN_SHARED: this system cannot share a port");
    }
    return channel;
  }

  @Override
  protected void doBind(SocketAddress address) throws Exception {
    super.doBind(address);
    NewestFirst.ask((InetSocketAddress) javaChannel().getLocalAddress());
  }
}
