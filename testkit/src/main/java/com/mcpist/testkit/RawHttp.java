package com.mcpist.testkit;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * A connection on which a test sends exactly the bytes it wants to, right or wrong, in as many
 * pieces as it wants to. No library client would send such requests.
 */
public final class RawHttp implements AutoCloseable {

  private static final int CONNECT_MILLIS = 10_000;

  private final Socket socket;
  private final InputStream in;
  private Duration patience = Conditions.LIMIT;
  private long deadlineNanos;

  private RawHttp(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(new Impatient(socket.getInputStream()));
  }

  /** A server that sends a byte now and then must not hold a test for ever: a read has a limit. */
  private final class Impatient extends FilterInputStream {
    private Impatient(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      long left = (deadlineNanos - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new SocketTimeoutException("not whole in " + patience);
      }
      socket.setSoTimeout(Math.toIntExact(left));
      return super.read(bytes, from, length);
    }
  }

  /** Connects to a port of loopback. A read takes {@link Conditions#LIMIT} at most. */
  public static RawHttp connect(int port) {
    return connect(port, InetAddress.getLoopbackAddress());
  }

  /** The same from another address of loopback. */
  public static RawHttp connect(int port, InetAddress from) {
    try {
      Socket socket = new Socket();
      // Of the servers' own address a bind may give the port that a server has just left, and the
      // connection is then one to itself. A connect without a bind takes ports of another kind.
      if (!from.equals(InetAddress.getLoopbackAddress())) {
        socket.bind(new InetSocketAddress(from, 0));
      }
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
      socket.setTcpNoDelay(true);
      return new RawHttp(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends the bytes on a connection of their own, and returns the first response. */
  public static HttpMessage exchange(int port, String request) throws IOException {
    try (RawHttp http = connect(port)) {
      return http.send(request).read();
    }
  }

  /** A JSON POST with the headers given, one a line without the last line break. */
  public static String post(String target, String headers, String json) {
    String more = headers.isEmpty() ? "" : headers.replace("\n", "\r\n") + "\r\n";
    int length = json.getBytes(StandardCharsets.UTF_8).length;
    return "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            .formatted(target)
        + more
        + "Content-Length: %d\r\n\r\n%s".formatted(length, json);
  }

  /** How long one read may take, from its begin to the last byte of what is read. */
  public RawHttp patience(Duration limit) {
    patience = limit;
    return this;
  }

  private void startReading() {
    deadlineNanos = System.nanoTime() + patience.toNanos();
  }

  /** Line breaks are sent as they are in the text. */
  public RawHttp send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  public RawHttp send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /** The next response. */
  public HttpMessage read() throws IOException {
    return readIfAny().orElseThrow(() -> new IOException("closed without a response"));
  }

  /** The next response, or empty when the server closed or reset the connection instead. */
  public Optional<HttpMessage> readIfAny() throws IOException {
    startReading();
    try {
      return HttpMessage.read(in, HttpMessage.Unframed.UNTIL_CLOSE);
    } catch (SocketException reset) {
      return Optional.empty();
    }
  }

  /** One byte, or -1 when the server has closed: for reading a stream as it comes. */
  public int readByte() throws IOException {
    startReading();
    return in.read();
  }

  /**
   * Whether the server closes or resets the connection within the limit; what it sends before is
   * dropped.
   */
  public boolean closesWithin(Duration limit) throws IOException {
    deadlineNanos = System.nanoTime() + limit.toNanos();
    try {
      in.transferTo(OutputStream.nullOutputStream());
      return true;
    } catch (SocketTimeoutException open) {
      return false;
    } catch (SocketException reset) {
      return true;
    }
  }

  /** Ends the sending side only, as a client that has said everything. */
  public RawHttp finish() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /** Resets the connection instead of closing it. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
