package com.mcpist.database;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * A connection to a Unix socket, as pgjdbc needs it. pgjdbc knows only java.net.Socket, of which
 * the JDK has none for Unix sockets: its channels have no limit on the time of a read.
 *
 * <p>One thread at a time may read or write, and any thread may close the socket. An interrupt of a
 * thread that waits closes the socket, as an interrupt of a virtual thread closes a socket of the
 * JDK.
 */
final class UnixSocket extends Socket {
  private final UnixDomainSocketAddress address;
  private final SocketChannel channel;
  private final Selector selector;
  private volatile int timeoutMillis;

  /** Creates a socket that is not connected yet. */
  UnixSocket(UnixDomainSocketAddress address) throws IOException {
    this.address = address;
    this.selector = Selector.open();
    try {
      this.channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    } catch (IOException e) {
      selector.close();
      throw e;
    }
  }

  /**
   * Connects to the address of this socket, and not to the one that is given, which stands for it
   * in pgjdbc's URL. Without blocking, a Unix socket connects at once or not at all.
   */
  @Override
  public void connect(SocketAddress standIn, int timeout) throws IOException {
    try {
      channel.configureBlocking(false);
      if (!channel.connect(address)) {
        throw new ConnectException("Too many connections wait to be accepted");
      }
      channel.register(selector, 0);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  @Override
  public boolean isConnected() {
    return channel.isConnected();
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  /** Closes the socket. A thread that reads or writes gets a SocketException. */
  @Override
  public void close() throws IOException {
    try (selector) {
      channel.close();
    }
  }

  @Override
  public void setSoTimeout(int millis) {
    timeoutMillis = millis;
  }

  @Override
  public int getSoTimeout() {
    return timeoutMillis;
  }

  /** Does nothing, since a Unix socket sends at once. */
  @Override
  public void setTcpNoDelay(boolean on) {}

  /** Does nothing, since the system tells at once that the other side of a Unix socket is gone. */
  @Override
  public void setKeepAlive(boolean on) {}

  @Override
  public InputStream getInputStream() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
      }

      @Override
      public int read(byte[] bytes, int from, int length) throws IOException {
        return receive(ByteBuffer.wrap(bytes, from, length));
      }

      @Override
      public void close() throws IOException {
        UnixSocket.this.close();
      }
    };
  }

  @Override
  public OutputStream getOutputStream() {
    return new OutputStream() {
      @Override
      public void write(int one) throws IOException {
        send(ByteBuffer.wrap(new byte[] {(byte) one}));
      }

      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        send(ByteBuffer.wrap(bytes, from, length));
      }

      @Override
      public void close() throws IOException {
        UnixSocket.this.close();
      }
    };
  }

  private int receive(ByteBuffer bytes) throws IOException {
    if (!bytes.hasRemaining()) {
      return 0;
    }
    int limit = timeoutMillis;
    long end = System.nanoTime() + limit * 1_000_000L;
    int read = channel.read(bytes);
    while (read == 0) {
      // A select with 0 waits for ever.
      long left = limit == 0 ? 0 : (end - System.nanoTime() + 999_999) / 1_000_000;
      if (limit > 0 && left <= 0) {
        throw new SocketTimeoutException("Read timed out");
      }
      await(SelectionKey.OP_READ, left);
      read = channel.read(bytes);
    }
    return read;
  }

  private void send(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        await(SelectionKey.OP_WRITE, 0);
      }
    }
  }

  private void await(int operation, long millis) throws IOException {
    try {
      SelectionKey key = channel.keyFor(selector);
      if (key == null) {
        throw new SocketException("Socket closed");
      }
      key.interestOps(operation);
      selector.select(_ -> {}, millis);
    } catch (ClosedSelectorException | CancelledKeyException _) {
      throw new SocketException("Socket closed"); // Another thread has closed it.
    }
    if (Thread.currentThread().isInterrupted()) {
      close();
      throw new SocketException("Closed by interrupt");
    }
  }

  @Override
  public String toString() {
    return "UnixSocket[" + address + "]";
  }
}
