package com.mcpist.testkit;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A server that passes for PostgreSQL as far as it can, to be given the password. It listens on
 * loopback, and keeps every byte that it is sent.
 */
public final class LyingDatabase implements AutoCloseable {
  /** What it asks for once a client has named its user. */
  public enum Demand {
    CLEARTEXT(3),
    MD5(5),
    /** It lets everybody in, to be given what follows. */
    NOTHING(0);

    private final int code;

    Demand(int code) {
      this.code = code;
    }
  }

  private static final int TLS_REQUEST = 80_877_103;
  private static final int GSS_REQUEST = 80_877_104;
  private static final int SALT = 0x01020304;

  private final ServerSocket server;
  private final Demand demand;
  private final @Nullable SSLContext tls;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private final AtomicInteger clients = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private LyingDatabase(ServerSocket server, Demand demand, @Nullable SSLContext tls) {
    this.server = server;
    this.demand = demand;
    this.tls = tls;
  }

  /** One that says that it has no TLS. */
  public static LyingDatabase withoutTls(Demand demand) {
    return start(demand, null);
  }

  /** One with TLS, and the certificate of this context. */
  public static LyingDatabase withTls(Demand demand, SSLContext tls) {
    return start(demand, tls);
  }

  private static LyingDatabase start(Demand demand, @Nullable SSLContext tls) {
    try {
      ServerSocket server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
      LyingDatabase started = new LyingDatabase(server, demand, tls);
      started.threads.execute(started::accept);
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return server.getLocalPort();
  }

  /** How many have connected. */
  public int clients() {
    return clients.get();
  }

  /** All that it was sent, decrypted, a character for each byte; waits until clients have left. */
  public String received() {
    Conditions.await("the clients have left", () -> ended.get() == clients.get());
    synchronized (received) {
      return received.toString(StandardCharsets.ISO_8859_1);
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        clients.incrementAndGet();
        threads.execute(() -> serve(socket));
      } catch (IOException _) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      converse(socket);
    } catch (IOException _) {
      // The client has left, or has not accepted the certificate.
    } finally {
      ended.incrementAndGet();
    }
  }

  private void converse(Socket socket) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    int length = in.readInt();
    int code = in.readInt();
    while (code == GSS_REQUEST || (code == TLS_REQUEST && tls == null)) {
      out.writeByte('N');
      length = in.readInt();
      code = in.readInt();
    }
    SSLContext context = tls;
    if (code == TLS_REQUEST && context != null) {
      out.writeByte('S');
      SSLSocket encrypted =
          (SSLSocket) context.getSocketFactory().createSocket(socket, null, socket.getPort(), true);
      encrypted.setUseClientMode(false);
      encrypted.startHandshake();
      in = new DataInputStream(encrypted.getInputStream());
      out = new DataOutputStream(encrypted.getOutputStream());
      length = in.readInt();
      in.readInt();
    }
    keep(in.readNBytes(length - 8));
    ask(out);
    // A client that answers has given itself away, and need not wait for more.
    byte[] buffer = new byte[8_192];
    int read = in.read(buffer);
    if (read > 0) {
      keep(Arrays.copyOf(buffer, read));
    }
  }

  private void ask(DataOutputStream out) throws IOException {
    out.writeByte('R');
    out.writeInt(demand == Demand.MD5 ? 12 : 8);
    out.writeInt(demand.code);
    if (demand == Demand.MD5) {
      out.writeInt(SALT);
    }
    if (demand == Demand.NOTHING) {
      out.writeByte('Z');
      out.writeInt(5);
      out.writeByte('I');
    }
    out.flush();
  }

  private void keep(byte[] bytes) {
    synchronized (received) {
      received.writeBytes(bytes);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.shutdownNow();
  }
}
