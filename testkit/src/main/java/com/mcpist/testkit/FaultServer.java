package com.mcpist.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * An HTTP/1.1 server on loopback that does to each request what the test says: first what {@link
 * #next} has queued, then what {@link #always} or {@link #handle} has set. Connections are kept
 * alive, as those of a real origin.
 */
public final class FaultServer implements AutoCloseable {

  private final int port;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<HttpMessage> requests = new CopyOnWriteArrayList<>();
  private final Queue<Behaviour> queued = new ConcurrentLinkedQueue<>();
  private final AtomicInteger accepted = new AtomicInteger();
  private volatile Function<HttpMessage, Behaviour> handler;
  private volatile String onExpect = "HTTP/1.1 100 Continue\r\n\r\n";
  private ServerSocket listener;
  private Thread accepting;

  /** The socket that keeps the port while nobody listens there; unbound at other times. */
  private Socket place = new Socket();

  private FaultServer(ServerSocket listener, Function<HttpMessage, Behaviour> handler) {
    this.listener = listener;
    this.handler = handler;
    this.port = listener.getLocalPort();
    this.accepting = accept(listener);
  }

  /** Listens on a free port, and answers 200 with nothing until told otherwise. */
  public static FaultServer start() {
    return start(0, request -> Behaviour.status(200));
  }

  /**
   * Listens on the port given, as a server does that is started again, and does this to requests
   * from the first one on.
   */
  public static FaultServer start(int port, Function<HttpMessage, Behaviour> behaviours) {
    return new FaultServer(bind(port), behaviours);
  }

  private static ServerSocket bind(int port) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return port;
  }

  /** As {@code http://127.0.0.1:49152}, without a slash at the end. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** What is done with the next requests, in this order, one each. */
  public FaultServer next(Behaviour... behaviours) {
    queued.addAll(List.of(behaviours));
    return this;
  }

  /** What is done with every request for which nothing is queued. */
  public FaultServer always(Behaviour behaviour) {
    return handle(request -> behaviour);
  }

  /**
   * As {@link #always}, but it depends on the request. It is called on the connection's own thread
   * and may block.
   */
  public FaultServer handle(Function<HttpMessage, Behaviour> behaviours) {
    handler = behaviours;
    return this;
  }

  /** What is sent to a request that asks before it sends its body, as it is; may be empty. */
  public FaultServer onExpect(String response) {
    onExpect = response;
    return this;
  }

  /** The requests that were read whole, in order of arrival. */
  public List<HttpMessage> requests() {
    return List.copyOf(requests);
  }

  /** How many connections were ever accepted. */
  public int connections() {
    return accepted.get();
  }

  /** How many connections are open now. */
  public int openConnections() {
    return open.size();
  }

  /**
   * Closes the port and resets all connections, as a process that is killed: once this returns,
   * connections are refused. Until {@link #listen()} no other program can take the port: a socket
   * that does not listen is bound to it.
   */
  public void refuse() throws IOException {
    end();
    Socket bound = new Socket();
    bound.setReuseAddress(true);
    bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    place = bound;
  }

  private void end() throws IOException {
    stopListening();
    for (Socket socket : open) {
      Wire.end(socket, Behaviour.Ending.RESET);
    }
    place.close();
  }

  /**
   * Closes the port and keeps the connections, as a process that is being replaced: another server
   * can listen there once this returns.
   */
  public void stopListening() throws IOException {
    listener.close();
    // A socket that a thread is accepting on is closed by that thread, on its way out. Until then
    // the port takes connections, and resets them.
    join(accepting);
  }

  /** Listens on the same port again after {@link #refuse()}. */
  public void listen() {
    try {
      place.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    listener = bind(port);
    accepting = accept(listener);
  }

  @Override
  public void close() throws IOException {
    end();
  }

  private Thread accept(ServerSocket current) {
    return Thread.ofVirtual()
        .name("fault-server-" + port)
        .start(
            () -> {
              while (!current.isClosed()) {
                try {
                  Socket socket = current.accept();
                  accepted.incrementAndGet();
                  open.add(socket);
                  Thread.ofVirtual().start(() -> serve(socket));
                } catch (IOException closed) {
                  // refuse() closes it under this thread; the loop's condition sees that.
                }
              }
            });
  }

  private static void join(Thread thread) throws InterruptedIOException {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("waiting for the port to close");
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      boolean goesOn = true;
      while (goesOn) {
        Optional<HttpMessage> request =
            HttpMessage.read(
                in,
                HttpMessage.Unframed.EMPTY,
                () -> socket.getOutputStream().write(onExpect.getBytes(StandardCharsets.UTF_8)));
        if (request.isEmpty()) {
          return;
        }
        requests.add(request.get());
        Behaviour behaviour = queued.poll();
        goesOn = Wire.play(socket, behaviour == null ? handler.apply(request.get()) : behaviour);
      }
    } catch (IOException gone) {
      // The client went away or the behaviour cut the connection: neither is an error of this
      // server.
    } finally {
      open.remove(socket);
    }
  }
}
