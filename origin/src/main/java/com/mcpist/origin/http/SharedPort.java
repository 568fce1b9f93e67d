package com.mcpist.origin.http;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.spi.transport.Transport;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * A transport for one server whose port other processes of this user may listen on as well, so that
 * a new process of an origin can begin before the old one ends.
 */
final class SharedPort extends NioTransport implements io.vertx.core.transport.Transport {
  private final InetAddress address;
  private volatile @Nullable SharedChannel channel;

  /**
   * For a server that is yet to listen.
   *
   * @throws UnknownHostException when the host has no address
   */
  SharedPort(String host) throws UnknownHostException {
    this.address = InetAddress.getByName(host);
  }

  @Override
  public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
    return domainSocket ? super.serverChannelFactory(true) : this::open;
  }

  private ServerChannel open() {
    SharedChannel opened = SharedChannel.open(address);
    channel = opened;
    return opened;
  }

  /**
   * Stops to listen, and leaves the connections that it has as they are.
   *
   * @return completes when new connections go to others
   */
  Future<Void> stopListening() {
    SharedChannel open = channel;
    if (open == null) {
      return Future.succeededFuture();
    }
    Promise<Void> stopped = Promise.promise();
    open.close().addListener(closed -> stopped.complete());
    return stopped.future();
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
