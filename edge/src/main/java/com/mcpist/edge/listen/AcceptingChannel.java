package com.mcpist.edge.listen;

import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;

/** Netty's channel over a socket that listens already. It accepts nothing until it is told to. */
final class AcceptingChannel extends NioServerSocketChannel {
  private final boolean inherited;
  private volatile boolean bound;
  private volatile boolean closed;

  AcceptingChannel(ServerSocketChannel channel, boolean inherited) {
    super(channel);
    this.inherited = inherited;
    config().setAutoRead(false);
  }

  @Override
  protected void doBind(SocketAddress address) {
    bound = true;
  }

  // Netty starts to read from a channel that is active as soon as it is registered, which would be
  // before its handlers are there.
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
