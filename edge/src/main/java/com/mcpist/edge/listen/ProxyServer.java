package com.mcpist.edge.listen;

import com.mcpist.edge.gate.RateLimits;
import com.mcpist.edge.time.TimeLimits;
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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Serves MCP clients, on as many event loops as there are processors. */
public final class ProxyServer {
  private static final int CHUNK_BYTES = 64 * 1024;

  /** The time before the cut in which clients that wait are told that there is no answer. */
  private static final long LAST_WORDS_MILLIS = 2_000;

  /**
   * The shortest limit of {@link #drain} that leaves the whole of that time. An origin is told of a
   * call without an answer before its client is, which may take a second of it.
   */
  public static final Duration SHORTEST_LIMIT = Duration.ofMillis(LAST_WORDS_MILLIS * 3 / 2);

  /** What becomes of the requests of one event loop's clients; called on that loop only. */
  public interface Handler {
    /** A request's head has come, or what is none; nothing is read on until this returns. */
    void handle(ClientConnection connection, HttpServerRequest request);
  }

  private final Vertx vertx;
  private final ListeningSocket socket;
  private final ClientLimits limits;
  private final RateLimits addresses;
  private final Queue<Listener> listeners = new ConcurrentLinkedQueue<>();
  private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  /** Does not accept yet; {@code vertx}: the socket's own. */
  public ProxyServer(
      Vertx vertx, ListeningSocket socket, ClientLimits limits, RateLimits addresses) {
    this.vertx = vertx;
    this.socket = socket;
    this.limits = limits;
    this.addresses = addresses;
  }

  /** Starts to accept; {@code handlers}: makes one for each event loop, on it. */
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
   * Stops: accepts no more connections, lets the calls in flight finish, tells clients to connect
   * anew. May be called again: the shorter grace counts, and the longer limit.
   *
   * @param grace how long a client may be idle and still be told with its next response; with a
   *     socket of its own, the same again for clients that connected last and have sent nothing
   * @param limit after the grace, when what is left is cut
   * @return completes when the last connection is closed
   */
  public Future<Void> drain(Duration grace, Duration limit) {
    draining = true;
    // Who is told to come again waits in a socket that others hold, and is refused by one that is
    // closed: that one is closed last.
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
   * Where there are too many connections with this one, closes the one that has had no request for
   * longest: whoever only holds connections keeps nobody out. False: all have a request.
   */
  private boolean makeRoomFor(ClientConnection newcomer) {
    if (open.size() <= limits.maxConnections()) {
      return true;
    }
    Runnable another =
        () -> {
          if (!makeRoomFor(newcomer)) {
            newcomer.giveWay(() -> {}); // Unless it has a request by now, which is not cut off.
          }
        };
    for (Optional<ClientConnection> idle = longestIdleBut(newcomer);
        idle.isPresent();
        idle = longestIdleBut(newcomer)) {
      if (idle.get().giveWay(another)) {
        return true;
      }
    }
    return false;
  }

  private Optional<ClientConnection> longestIdleBut(ClientConnection newcomer) {
    long now = System.nanoTime();
    return open.stream()
        .filter(each -> each != newcomer && each.idles())
        .max(Comparator.comparingLong(each -> each.idleNanos(now)));
  }

  /** A client's connection, and how long it may take over what it is doing. */
  public final class ClientConnection implements TimeLimits.Limited {
    private final Listener loop;
    private final HttpConnection connection;
    private final String peer;
    private final AtomicBoolean givesWay = new AtomicBoolean();

    /** A client that has had an answer for longer has read it, however its connection ends. */
    private static final long UNREAD_MILLIS = 1_000;

    /**
     * The task for the client that waits for an answer, which runs before the connection is cut
     * off. One response is served at a time, so there is one task at most.
     */
    private @Nullable Runnable onStop;

    private volatile State state = State.WAITING;
    private volatile long idleSinceNanos = System.nanoTime();
    private long since;
    private int requests;
    private boolean served;
    private @Nullable String user;
    private boolean ends;
    private @Nullable Answer leaving;
    private boolean leavesWhole;
    private @Nullable Answer last;
    private long answeredAt;

    /** The last thing that a client was sent. */
    public interface Answer {
      /**
       * The next system call takes its last byte: whatever ends this process, its client has it.
       */
      void leaves();

      /** That call did not take all of it. */
      void stays();

      /** Its client has it, as its next request shows, or an orderly end. */
      void arrived();

      /** The connection was reset before the client showed that it has it. */
      void lost();
    }

    private enum State {
      /** For the next request's head. */
      WAITING,
      /** With a request; the request has limits of its own. */
      BUSY,
      /** For the client to read what it has been sent. */
      WRITING
    }

    private ClientConnection(Listener loop, HttpConnection connection) {
      this.loop = loop;
      this.connection = connection;
      this.peer = connection.remoteAddress().hostAddress();
      this.since = loop.time.now();
    }

    /** A call on it counts for this user alone; so does the connection, where it may. */
    public void belongsTo(String userId) {
      boolean open = loop.connections.containsKey(connection);
      if (open && user == null && addresses.moved(peer, userId)) {
        user = userId;
      }
    }

    /** Whether its client is to be told to connect anew. */
    public boolean draining() {
      return draining;
    }

    private void requestBegun() {
      settle(false);
      // A pipelined request begins after the previous response has ended. A client that always has
      // two requests on the way never has none, so the end of a response is not enough.
      onStop = null;
      requests++;
      state = State.BUSY;
    }

    /**
     * Sets the task that runs on this connection's event loop shortly before the connection is cut
     * off because the edge stops. The next request's task replaces it.
     */
    public void onStop(Runnable task) {
      onStop = task;
    }

    /** What is left of its bytes is no request, whatever it looks like. */
    public void endsWithThis() {
      ends = true;
    }

    /** Bytes were handed to the connection that the client must make room for. */
    public void writing() {
      state = State.WRITING;
      since = loop.time.now();
    }

    /** They are on their way, and more may follow. */
    public void written() {
      state = State.BUSY;
    }

    public void responseEnded() {
      requests--;
      idleSinceNanos = System.nanoTime();
      // Of requests that were sent together the next one may have begun before this is told.
      if (requests == 0) {
        onStop = null;
      }
      state = requests == 0 ? State.WAITING : State.BUSY;
      since = loop.time.now();
      served = true;
    }

    /**
     * The next end of a response is this one's. {@code whole}: nothing of it was sent before. Then
     * the loop first reads what came with the origin's answer: its client may have gone.
     */
    public void leaving(Answer answer, boolean whole) {
      leaving = answer;
      leavesWhole = whole;
    }

    /** Between what makes responses and what makes bytes of them. */
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

      /** From here, not because its client has gone. */
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
     * All bytes of an answer were handed to the system; of pipelined ones the last is waited for.
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

    /** Whether it has no request, and has not been asked to give way; from any thread. */
    private boolean idles() {
      return state == State.WAITING && !givesWay.get();
    }

    /** For how long it has had none, where it has none; from any thread, by no loop's clock. */
    private long idleNanos(long now) {
      return now - idleSinceNanos;
    }

    /**
     * Closes it so that another one has room, or runs {@code busy} where it has had a request
     * meanwhile; from any thread. False: somebody else has asked that of it.
     */
    private boolean giveWay(Runnable busy) {
      if (!givesWay.compareAndSet(false, true)) {
        return false;
      }
      loop.context.runOnContext(
          _ -> {
            if (state == State.WAITING) {
              close();
            } else {
              givesWay.set(false);
              busy.run();
            }
          });
      return true;
    }

    private boolean unused() {
      return state == State.WAITING && !served;
    }

    @Override
    public void check(long now) {
      if (now - since > limit()) {
        cut();
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

    /** Closes it without what its client has not read yet, behind which a close would wait. */
    public void cut() {
      var _ = ((HttpServerConnection) connection).channelHandlerContext().close();
    }
  }

  /** One event loop's server: who is connected. Used on that loop only, but for {@link #run}. */
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
      // Without a handler each client that goes as it likes would be logged as an error.
      connection.exceptionHandler(broken -> client.settle(broken instanceof IOException));
      connection.closeHandler(closed -> closed(connection, client));
      open.add(client);
      if (addresses.opened(client.peer) || !makeRoomFor(client)) {
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

    /** Does something on this loop; from any thread. */
    Future<Void> run(Function<Listener, Future<Void>> action) {
      Promise<Void> done = Promise.promise();
      context.runOnContext(_ -> action.apply(this).onComplete(done));
      return done.future();
    }

    /**
     * Lets clients at work learn from their next response that they must connect anew; a client
     * that stays idle is not waited for longer than {@code grace}. {@code limit} is what {@link
     * #shutdown} leaves to calls in flight.
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

    /** Waits for the first requests of the connections accepted last; no more are accepted. */
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

    /** Ends what is left: idle connections at once, calls in flight after the longest limit. */
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
