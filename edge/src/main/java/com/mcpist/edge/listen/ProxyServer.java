package com.mcpist.edge.listen;

import com.mcpist.edge.gate.RateLimits;
import com.mcpist.edge.time.TimeLimits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Serves MCP clients, on as many event loops as there are processors. */
public final class ProxyServer {
  private static final int CHUNK_BYTES = 64 * 1024;

  /**
   * The size of the send buffer that the kernel keeps for a connection. By default the buffer may
   * grow to 4 MiB, and the kernel accepts more bytes only after the client has read a third of it,
   * so the edge could not tell a slow client from one that has stopped reading.
   */
  private static final int SEND_BUFFER_BYTES = 256 * 1024;

  /** The fewest bytes in a millisecond that a client must read of an answer: 16 KiB a second. */
  private static final int SLOWEST_BYTES_PER_MILLI = 16;

  private static final long UNKNOWN = -1;

  /**
   * The time in milliseconds before the cut in which clients that wait are told that there is no
   * answer.
   */
  private static final long LAST_WORDS_MILLIS = 2_000;

  /**
   * The shortest limit of {@link #drain} that leaves waiting clients the whole time before the cut.
   * An origin is told of a call without an answer before its client is, which may take a second of
   * that time.
   */
  public static final Duration SHORTEST_LIMIT = Duration.ofMillis(LAST_WORDS_MILLIS * 3 / 2);

  /** Handles the requests of one event loop's clients. Called on that loop only. */
  public interface Handler {
    /**
     * Handles a request whose head has come, or bytes that are no head. Nothing is read on until
     * this returns.
     */
    void handle(ClientConnection connection, HttpServerRequest request);
  }

  private final Vertx vertx;
  private final ListeningSocket socket;
  private final ClientLimits limits;
  private final RateLimits addresses;
  private final LongSupplier nanos;
  private final Queue<Listener> listeners = new ConcurrentLinkedQueue<>();
  private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  /**
   * Creates a server that does not accept yet. {@code vertx} must be the socket's own. {@code
   * nanos} is a clock that only goes forward.
   */
  public ProxyServer(
      Vertx vertx,
      ListeningSocket socket,
      ClientLimits limits,
      RateLimits addresses,
      LongSupplier nanos) {
    this.vertx = vertx;
    this.socket = socket;
    this.limits = limits;
    this.addresses = addresses;
    this.nanos = nanos;
  }

  /** Starts to accept. {@code handlers} makes the handler of each event loop, on that loop. */
  public Future<Void> start(long sweepMillis, BiFunction<Context, TimeLimits, Handler> handlers) {
    return vertx
        .deployVerticle(
            () ->
                context -> {
                  Listener loop = new Listener(context, sweepMillis, handlers);
                  listeners.add(loop);
                  return loop.server.listen(socket.serverAddress());
                },
            new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors()))
        .onSuccess(_ -> socket.startAccepting())
        .mapEmpty();
  }

  public int port() {
    return socket.address().getPort();
  }

  /**
   * Drains the connections: accepts no more, lets the calls in flight finish, and tells clients to
   * connect anew. May be called again: the shorter grace counts, and the longer limit.
   *
   * @param grace the time for which a client may be idle and still be told with its next response;
   *     with a socket of its own, the edge waits as long again for clients that connected last and
   *     have sent nothing
   * @param limit the time after the grace at which the connections that are left are cut
   * @return a future that completes when the last connection is closed
   */
  public Future<Void> drain(Duration grace, Duration limit) {
    draining = true;
    // A client that connects anew waits in a socket that other processes hold, and is refused by a
    // socket that is closed. So a socket of the edge's own is closed last.
    Future<Void> quiet =
        socket.inherited()
            ? socket.stopAccepting().compose(_ -> onAll(each -> each.quiet(grace, limit)))
            : onAll(each -> each.quiet(grace, limit))
                .compose(_ -> socket.stopAccepting())
                .compose(_ -> onAll(each -> each.begun(grace)));
    return quiet.compose(_ -> onAll(Listener::shutdown));
  }

  private Future<Void> onAll(Function<Listener, Future<Void>> action) {
    return Future.join(listeners.stream().map(each -> each.run(action)).toList()).mapEmpty();
  }

  /**
   * Counts a new connection and makes room for it if its address, or the edge, has too many. Of an
   * address, only a connection of no user makes way. Returns false if there is no room.
   */
  private boolean admits(ClientConnection newcomer) {
    boolean crowded = addresses.opened(newcomer.peer);
    return (!crowded
            || makeRoom(
                newcomer,
                () -> true,
                each -> each.user == null && each.address.equals(newcomer.address)))
        && makeRoom(newcomer, () -> open.size() > limits.maxConnections(), each -> true);
  }

  /**
   * Makes room for a new connection if {@code full} is true. One of the {@code candidates} is
   * closed that works for nobody, as {@link ClientConnection#giveWay} defines it, so that a client
   * that only holds connections keeps nobody out. Returns false if all of them work.
   */
  private boolean makeRoom(
      ClientConnection newcomer, BooleanSupplier full, Predicate<ClientConnection> candidates) {
    if (!full.getAsBoolean()) {
      return true;
    }
    Runnable another =
        () -> {
          if (!makeRoom(newcomer, full, candidates)) {
            // The newcomer is closed, unless it has a request by now, which is not cut off.
            newcomer.giveWay(() -> {});
          }
        };
    Predicate<ClientConnection> others = candidates.and(each -> each != newcomer);
    for (Optional<ClientConnection> first = firstToGiveWay(others);
        first.isPresent();
        first = firstToGiveWay(others)) {
      if (first.get().giveWay(another)) {
        return true;
      }
    }
    return false;
  }

  private Optional<ClientConnection> firstToGiveWay(Predicate<ClientConnection> candidates) {
    long now = nanos.getAsLong();
    return open.stream()
        .filter(each -> each.mayGiveWay() && candidates.test(each))
        .min(
            Comparator.comparing((ClientConnection each) -> each.accountedFor)
                .thenComparing(each -> each.isFresh(now))
                .thenComparing(each -> each.arriving && !each.isFresh(now))
                .thenComparing(each -> each.nanosSince(now), Comparator.reverseOrder()));
  }

  /** A client's connection, and the time that the client may take over what it is doing. */
  public final class ClientConnection implements TimeLimits.Limited {
    private final Listener loop;
    private final HttpConnection connection;
    private final String peer;
    private final String address;
    private final AtomicBoolean givesWay = new AtomicBoolean();

    /**
     * The time in milliseconds after which a client has read an answer, however its connection
     * ends.
     */
    private static final long UNREAD_MILLIS = 1_000;

    /** The time in which the first request of a new connection, or the rest of one, is expected. */
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    /**
     * The task for the client that waits for an answer, which runs before the connection is cut
     * off. One response is served at a time, so there is one task at most.
     */
    private @Nullable Runnable onStop;

    private volatile State state = State.WAITING;
    private volatile long sinceNanos = nanos.getAsLong();
    private long since;

    /**
     * The number of bytes that waited for the client at {@code since}. It is {@link #UNKNOWN} until
     * the next check counts them, because {@link #writing} is called before the bytes are queued.
     */
    private long leftSince;

    private int requests;
    private volatile boolean served;

    /**
     * True if the connection has a request that is not taken yet: its body is on the way, or it is
     * being refused. So no origin has the request.
     */
    private volatile boolean arriving;

    /**
     * True if a user alone accounts for the calls on the connection. The connection may count for
     * its address, or for nobody, all the same.
     */
    private volatile boolean accountedFor;

    /** The user that the connection counts for; null if it counts for its address. */
    private volatile @Nullable String user;

    private boolean ends;
    private @Nullable Answer leaving;
    private boolean leavesWhole;
    private @Nullable Answer last;
    private long answeredAt;

    /** The last answer that a client was sent. */
    public interface Answer {
      /**
       * Notes that the next system call takes the answer's last byte. Whatever ends this process
       * then, the client has the answer.
       */
      void leaves();

      /** Notes that the system call did not take all of the answer. */
      void stays();

      /** Notes that the client has the answer, as its next request shows, or an orderly end. */
      void arrived();

      /** Notes that the connection was reset before the client showed that it has the answer. */
      void lost();
    }

    private enum State {
      /** The connection waits for the next request's head. */
      WAITING,
      /** The connection has a request, which has limits of its own. */
      BUSY,
      /** The connection waits for the client to read what it has been sent. */
      WRITING
    }

    private ClientConnection(Listener loop, HttpConnection connection) {
      this.loop = loop;
      this.connection = connection;
      this.peer = connection.remoteAddress().hostAddress();
      this.address = RateLimits.peerName(peer);
      this.since = loop.time.now();
    }

    /**
     * Notes that this user alone accounts for a call on the connection. The connection then counts
     * for the user too, if it may.
     */
    public void belongsTo(String userId) {
      accountedFor = true;
      boolean open = loop.connections.containsKey(connection);
      if (open && user == null && addresses.moved(peer, userId)) {
        user = userId;
      }
    }

    /** Returns true if the client is to be told to connect anew. */
    public boolean draining() {
      return draining;
    }

    private void requestBegun() {
      settle(false);
      // The previous response's task ends here. The end of a response clears the task only if no
      // other request is on the way, and a client that pipelines may always have two of them.
      onStop = null;
      requests++;
      arriving = true;
      sinceNanos = nanos.getAsLong();
      state = State.BUSY;
    }

    /** Notes that the request is whole and is not refused, so that an origin may get it. */
    public void taken() {
      arriving = false;
    }

    /**
     * Sets the task that runs on this connection's event loop shortly before the connection is cut
     * off because the edge stops. The next request's task replaces it.
     */
    public void onStop(Runnable task) {
      onStop = task;
    }

    /** Notes that the bytes after this request are no request, whatever they look like. */
    public void endsWithThis() {
      ends = true;
    }

    /** Notes that bytes were handed to the connection for which the client must make room. */
    public void writing() {
      state = State.WRITING;
      since = loop.time.now();
      leftSince = UNKNOWN;
    }

    /** Returns how many bytes wait here until the client makes room for them. */
    private long left() {
      @Nullable ChannelOutboundBuffer out =
          ((HttpServerConnection) connection)
              .channelHandlerContext()
              .channel()
              .unsafe()
              .outboundBuffer();
      if (out == null) {
        return 0; // The connection is closed.
      }
      // The whole of a piece counts as pending until all of it has been taken.
      long taken = out.current() instanceof ByteBuf piece ? piece.readerIndex() : 0;
      return out.totalPendingWriteBytes() - taken;
    }

    /** Notes that the bytes are on their way, and that more may follow. */
    public void written() {
      state = State.BUSY;
    }

    public void responseEnded() {
      requests--;
      sinceNanos = nanos.getAsLong();
      // The next of several requests that were sent together may have begun before this is called.
      if (requests == 0) {
        onStop = null;
        arriving = false;
      }
      state = requests == 0 ? State.WAITING : State.BUSY;
      since = loop.time.now();
      served = true;
    }

    /**
     * Notes that the next end of a response is the end of this answer. {@code whole} is true if
     * nothing of the answer was sent before. The loop then first reads what came together with the
     * origin's answer, since the client may have gone.
     */
    public void leaving(Answer answer, boolean whole) {
      leaving = answer;
      leavesWhole = whole;
    }

    /** Stands between the code that makes responses and the code that makes bytes of them. */
    private final class LastByte extends ChannelOutboundHandlerAdapter {
      private boolean written;
      private @Nullable Answer waiting;

      @Override
      public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        written |= message instanceof LastHttpContent;
        var _ = context.write(message, promise);
      }

      @Override
      public void flush(ChannelHandlerContext context) {
        Answer answer = written ? leaving : null;
        if (answer != null) {
          letGo(context);
          leaving = null;
          written = false;
          waiting = answer;
          if (leavesWhole) {
            context.executor().execute(() -> letGo(context));
          } else {
            letGo(context);
          }
        } else if (waiting == null) {
          context.flush();
        }
      }

      /** Closes the connection from this side, not because its client has gone. */
      @Override
      public void close(ChannelHandlerContext context, ChannelPromise promise) {
        letGo(context);
        var _ = context.close(promise);
      }

      private void letGo(ChannelHandlerContext context) {
        Answer answer = waiting;
        if (answer == null) {
          return;
        }
        waiting = null;
        answer.leaves();
        context.flush();
        ChannelOutboundBuffer left = context.channel().unsafe().outboundBuffer();
        if (left == null || !left.isEmpty()) {
          answer.stays();
        }
      }
    }

    /**
     * Notes that all bytes of an answer were handed to the system. Of pipelined answers, only the
     * last is waited for.
     */
    public void answered(Answer answer) {
      settle(false);
      last = answer;
      answeredAt = loop.time.now();
      if (requests > 0 || !loop.connections.containsKey(connection)) {
        settle(false);
      }
    }

    private void settle(boolean reset) {
      Answer settled = last;
      last = null;
      if (settled != null && reset && loop.time.now() - answeredAt <= UNREAD_MILLIS) {
        settled.lost();
      } else if (settled != null) {
        settled.arrived();
      }
    }

    /**
     * Returns true if the connection works for nobody, and has not been asked to give way. May be
     * called from any thread.
     */
    private boolean mayGiveWay() {
      return worksForNobody() && !givesWay.get();
    }

    /**
     * Returns true if the connection has no request, or is of no user and has one that no origin
     * has.
     */
    private boolean worksForNobody() {
      return state == State.WAITING || (state == State.BUSY && arriving && !accountedFor);
    }

    /**
     * Returns the time in nanoseconds for which the connection has been without a request, or has
     * had its request. May be called from any thread, since the time is by no loop's clock.
     */
    private long nanosSince(long now) {
      return now - sinceNanos;
    }

    /**
     * Closes the connection so that another one has room, or runs {@code busy} if the connection
     * works for somebody by now. May be called from any thread. Returns false if another caller has
     * asked the connection to give way.
     */
    private boolean giveWay(Runnable busy) {
      if (!givesWay.compareAndSet(false, true)) {
        return false;
      }
      loop.context.runOnContext(
          _ -> {
            if (worksForNobody()) {
              close();
            } else {
              givesWay.set(false);
              busy.run();
            }
          });
      return true;
    }

    /**
     * Returns true if the connection is so new that its first request may be on the way, or if its
     * request is so new that the rest may be. Other connections may be accepted before the bytes of
     * this one are read.
     */
    private boolean isFresh(long now) {
      return (unused() || arriving) && nanosSince(now) < FRESH_NANOS;
    }

    private boolean unused() {
      return state == State.WAITING && !served;
    }

    @Override
    public void check(long now) {
      if (state == State.WRITING && leftSince == UNKNOWN) {
        leftSince = left();
      }
      if (now - since > limit()) {
        long left = left();
        if (state == State.WRITING
            && leftSince - left >= limits.writeMillis() * SLOWEST_BYTES_PER_MILLI) {
          // The client reads, although slowly. It gets as much time again.
          since = now;
          leftSince = left;
        } else {
          cut();
        }
      }
    }

    private long limit() {
      return switch (state) {
        case WAITING -> served ? limits.keepAliveMillis() : limits.headMillis();
        case BUSY -> Long.MAX_VALUE;
        case WRITING -> limits.writeMillis();
      };
    }

    public void close() {
      connection.close();
    }

    /**
     * Closes the connection and drops what its client has not read yet. A close in order would wait
     * until the client has read it.
     */
    public void cut() {
      var _ = ((HttpServerConnection) connection).channelHandlerContext().close();
    }
  }

  /**
   * The server of one event loop, and its connections. Used on that loop only, except for {@link
   * #run}.
   */
  private final class Listener {
    private final Context context;
    private final TimeLimits time;
    private final HttpServer server;
    private final Map<HttpConnection, ClientConnection> connections = new HashMap<>();
    private final Promise<Void> quiet = Promise.promise();
    private final Promise<Void> begun = Promise.promise();
    private Duration cutLimit = Duration.ZERO;
    private boolean accepts = true;
    private @Nullable Future<Void> shutdown;

    Listener(Context context, long sweepMillis, BiFunction<Context, TimeLimits, Handler> handlers) {
      this.context = context;
      this.time = new TimeLimits(context.owner(), sweepMillis);
      Handler handler = handlers.apply(context, time);
      this.server =
          context
              .owner()
              .createHttpServer(
                  new HttpServerOptions()
                      .setHttp2ClearTextEnabled(false)
                      .setMaxHeaderSize(limits.maxHeaderBytes())
                      .setMaxChunkSize(CHUNK_BYTES)
                      .setSendBufferSize(SEND_BUFFER_BYTES)
                      .setTcpKeepAlive(true))
              .connectionHandler(this::opened)
              .requestHandler(request -> requested(request, handler))
              .invalidRequestHandler(request -> requested(request, handler));
    }

    private void opened(HttpConnection connection) {
      ChannelHandlerContext channel = ((HttpServerConnection) connection).channelHandlerContext();
      HeadLines.bound(channel.pipeline());
      ClientConnection client = new ClientConnection(this, connection);
      channel.pipeline().addBefore(channel.name(), null, client.new LastByte());
      connections.put(connection, client);
      time.watch(client);
      // A connection without a handler would be logged as an error whenever its client breaks it.
      connection.exceptionHandler(broken -> client.settle(broken instanceof IOException));
      connection.closeHandler(closed -> closed(connection, client));
      open.add(client);
      if (!admits(client)) {
        connection.close();
      }
    }

    private void closed(HttpConnection connection, ClientConnection client) {
      open.remove(client);
      addresses.closed(client.peer, client.user);
      connections.remove(connection);
      client.settle(false);
      time.unwatch(client);
      if (draining && connections.isEmpty()) {
        quiet.tryComplete();
      }
      lookForUnused();
    }

    private void requested(HttpServerRequest request, Handler handler) {
      ClientConnection connection = connections.get(request.connection());
      if (connection != null && !connection.ends) {
        connection.requestBegun();
        lookForUnused();
        handler.handle(connection, request);
      }
    }

    /** Runs an action on this loop. May be called from any thread. */
    Future<Void> run(Function<Listener, Future<Void>> action) {
      Promise<Void> done = Promise.promise();
      context.runOnContext(_ -> action.apply(this).onComplete(done));
      return done.future();
    }

    /**
     * Lets clients at work learn from their next response that they must connect anew. A client
     * that stays idle is not waited for longer than {@code grace}. {@code limit} is the time that
     * {@link #shutdown} leaves to calls in flight.
     */
    Future<Void> quiet(Duration grace, Duration limit) {
      if (limit.compareTo(cutLimit) > 0) {
        cutLimit = limit;
      }
      if (connections.isEmpty()) {
        quiet.tryComplete();
      }
      return atMost(grace, quiet);
    }

    /**
     * Waits for the first requests of the connections accepted last. No more connections are
     * accepted.
     */
    Future<Void> begun(Duration grace) {
      accepts = false;
      lookForUnused();
      return atMost(grace, begun);
    }

    private Future<Void> atMost(Duration time, Promise<Void> done) {
      context
          .owner()
          .timer(Math.max(1, time.toMillis()), TimeUnit.MILLISECONDS)
          .onComplete(_ -> done.tryComplete());
      return done.future();
    }

    private void lookForUnused() {
      if (!accepts && connections.values().stream().noneMatch(ClientConnection::unused)) {
        begun.tryComplete();
      }
    }

    /**
     * Ends the connections that are left: idle ones at once, and calls in flight after the longest
     * limit.
     */
    Future<Void> shutdown() {
      Future<Void> ending = shutdown;
      if (ending == null) {
        long lastWords = Math.min(LAST_WORDS_MILLIS, cutLimit.toMillis() * 2 / 3);
        context
            .owner()
            .timer(Math.max(1, cutLimit.toMillis() - lastWords), TimeUnit.MILLISECONDS)
            .onSuccess(_ -> context.runOnContext(_ -> stopAll()));
        ending = server.shutdown(cutLimit);
        shutdown = ending;
      }
      return ending;
    }

    private void stopAll() {
      for (ClientConnection each : List.copyOf(connections.values())) {
        Runnable task = each.onStop;
        if (task != null) {
          task.run();
        }
      }
    }
  }
}
