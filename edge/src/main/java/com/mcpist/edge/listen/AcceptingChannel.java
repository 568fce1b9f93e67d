package com.mcpist.edge.listen;

import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.List;

/** Netty's channel over a socket that listens already. It accepts nothing until it is told to. */
final class AcceptingChannel extends NioServerSocketChannel {
  /** What Linux says of a socket that does not listen any more: EINVAL, accept(2). */
  private static final String NOT_LISTENING = "Invalid argument";

  /** Netty's sign for the end of a channel. */
  private static final int CLOSED = -1;

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

  /** A socket that its holder has shut down, as at the end of the whole pair, is a closed one. */
  @Override
  protected int doReadMessages(List<Object> accepted) throws Exception {
    try {
      return super.doReadMessages(accepted);
    } catch (IOException e) {
      if (inherited && String.valueOf(e.getMessage()).contains(NOT_LISTENING)) {
        return CLOSED;
      }
      throw e;
    }
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
