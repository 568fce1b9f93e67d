package com.mcpist.database;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import javax.net.SocketFactory;

/**
 * Makes the connections to a PostgreSQL server on a Unix socket. pgjdbc creates this factory by its
 * name, with the path of the socket.
 */
public final class UnixSocketFactory extends SocketFactory {
  private final UnixDomainSocketAddress address;

  /** Called by pgjdbc with its option {@code socketFactoryArg}. */
  public UnixSocketFactory(String path) {
    this.address = UnixDomainSocketAddress.of(path);
  }

  @Override
  public Socket createSocket() throws IOException {
    return new UnixSocket(address);
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw onlyUnconnected();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    throw onlyUnconnected();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw onlyUnconnected();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
    throw onlyUnconnected();
  }

  private static UnsupportedOperationException onlyUnconnected() {
    return new UnsupportedOperationException("A Unix socket has no host and no port");
  }
}
