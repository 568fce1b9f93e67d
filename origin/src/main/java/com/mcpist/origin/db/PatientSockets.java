package com.mcpist.origin.db;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.SocketFactory;

/**
 * Sockets to the database, which wait for an answer until {@link #closeSilent} closes them. With a
 * timeout of its own each wait of a virtual thread would set a timer, which wakes one more thread
 * at its begin and at its end. pgjdbc makes an instance by this class's name.
 */
public final class PatientSockets extends SocketFactory {
  private static final Set<Waiting> OPEN = ConcurrentHashMap.newKeySet();

  /** Closes those that have waited so long for a byte. */
  static void closeSilent(Duration limit) throws IOException {
    long now = System.nanoTime();
    for (Waiting socket : OPEN) {
      if (socket.waits && now - socket.since > limit.toNanos()) {
        socket.close();
      }
    }
  }

  @Override
  public Socket createSocket() {
    return new Waiting();
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress from, int fromPort) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) {
    throw new UnsupportedOperationException();
  }

  private static final class Waiting extends Socket {
    private volatile boolean waits;
    private volatile long since;

    Waiting() {
      OPEN.add(this);
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read() throws IOException {
          byte[] one = new byte[1];
          return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
          since = System.nanoTime();
          waits = true;
          try {
            return super.read(bytes, from, length);
          } finally {
            waits = false;
          }
        }
      };
    }

    @Override
    public void close() throws IOException {
      OPEN.remove(this);
      super.close();
    }
  }
}
