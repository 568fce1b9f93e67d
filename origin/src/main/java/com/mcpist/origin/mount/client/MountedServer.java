package com.mcpist.origin.mount.client;

import com.mcpist.origin.share.Places;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One mounted server, or one user's copy of it. It is started, or connected to, at the first need,
 * and again when it has ended, after a pause that grows. Thread-safe.
 */
public final class MountedServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MountedServer.class);

  private static final Set<String> HERE = Set.of("localhost", "127.0.0.1", "[::1]");

  /** The requests in flight. */
  public static final int MOST_CALLS = 32;

  /**
   * A request stops waiting for a place this long before its time is over, so that its refusal
   * still reaches the client.
   */
  public static final Duration TELLING_REFUSAL = Duration.ofSeconds(1);

  /** A program that is run for the first time may be downloaded first. */
  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  private static final Duration LONGEST_PROCESS_PAUSE = Duration.ofMinutes(1);

  /** An attempt to connect costs little. */
  private static final Duration LONGEST_HTTP_PAUSE = Duration.ofSeconds(1);

  /** A pause that a call waits for. */
  private static final Duration SHORT_PAUSE = Duration.ofSeconds(1);

  private static final Duration TELLING = Duration.ofSeconds(10);

  private final Session.Opener opener;
  private final Duration timeout;
  private final Duration longestPause;
  private final Places places;
  private final Map<String, Set<Consumer<String>>> watched = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private @Nullable Start current;
  private Backoff backoff = Backoff.FRESH;
  private long notBefore = System.nanoTime();
  private String problem = "";
  private int starts;
  private boolean closed;

  /** A session that opens, is open, or did not. */
  private static final class Start {
    final long begun = System.nanoTime();
    final CompletableFuture<Session> session = new CompletableFuture<>();
    volatile @Nullable Thread thread;
  }

  private MountedServer(Session.Opener opener, MountConfig.Entry entry, Duration longestPause) {
    this.opener = opener;
    this.timeout = entry.timeout();
    this.longestPause = longestPause;
    this.places =
        new Places(
            MOST_CALLS,
            // A user's copy is for nobody else.
            entry.perUser() ? (_, _) -> MOST_CALLS : Places.Allowance.FEWER_THAN_FREE);
  }

  /**
   * Starts nothing yet.
   *
   * @param variables what {@link MountConfig.Entry#resolve} returned
   * @param intake the mount's, of all its copies
   * @param onListChanged told {@code tools}, {@code prompts} or {@code resources}, on a thread of
   *     its own
   */
  public static MountedServer of(
      MountConfig.Entry entry,
      Map<String, String> variables,
      Intake intake,
      Consumer<String> onListChanged) {
    Redaction redaction = Redaction.of(References.secrets(variables));
    return switch (entry.server()) {
      case MountConfig.Stdio stdio ->
          new MountedServer(
              (updated, over, deadline) ->
                  new StdioSession(
                      command(entry, stdio, variables, redaction),
                      intake,
                      entry.timeout(),
                      onListChanged,
                      updated,
                      over,
                      deadline),
              entry,
              LONGEST_PROCESS_PAUSE);
      case MountConfig.Http http ->
          new MountedServer(
              (updated, over, deadline) ->
                  new HttpSession(
                      endpoint(http, variables, redaction),
                      intake,
                      entry.timeout(),
                      !entry.perUser(), // A stream for each user would cost more than it tells.
                      onListChanged,
                      updated,
                      over,
                      deadline),
              entry,
              LONGEST_HTTP_PAUSE);
    };
  }

  private static StdioProcess.Command command(
      MountConfig.Entry entry,
      MountConfig.Stdio stdio,
      Map<String, String> variables,
      Redaction redaction) {
    List<String> words = new ArrayList<>(List.of(stdio.command()));
    stdio.args().forEach(argument -> words.add(References.fill(argument, variables)));
    Map<String, String> environment = References.inherited(variables);
    stdio.env().forEach((name, value) -> environment.put(name, References.fill(value, variables)));
    return new StdioProcess.Command(
        entry.name(),
        words,
        environment,
        stdio.cwd().map(Path::of),
        entry.memoryBytes(),
        redaction);
  }

  private static HttpEndpoint endpoint(
      MountConfig.Http http, Map<String, String> variables, Redaction redaction)
      throws MountException {
    Map<String, String> headers = new HashMap<>();
    http.headers().forEach((name, value) -> headers.put(name, References.fill(value, variables)));
    try {
      URI url = new URI(References.fill(http.url(), variables));
      if ("http".equals(url.getScheme())
          && !headers.isEmpty()
          && !HERE.contains(String.valueOf(url.getHost()))) {
        throw MountException.notSent(
            "its url must begin with https://, or be on this machine: its headers are secrets");
      }
      if (("https".equals(url.getScheme()) || "http".equals(url.getScheme()))
          && url.getHost() != null) {
        return new HttpEndpoint(url, headers, redaction);
      }
    } catch (URISyntaxException e) {
      // Said below, without the address.
    }
    throw MountException.notSent("its url is none that starts with https:// or http://");
  }

  /** What the server says of itself; starts it, or connects to it, where needed. */
  public Hello hello(Duration limit) throws MountException, InterruptedException {
    return session(System.nanoTime() + limit.toNanos()).hello();
  }

  /**
   * Sends a request, and waits for its result, for as long as the limit and the entry's timeout
   * allow. The request first waits for a place among those in flight, which the listener's user
   * shares with others. The parameters are left as they are; of their {@code _meta} the progress
   * token is replaced, and what each request of 2026-07-28 must say is added where it is absent.
   *
   * @return the result as the server sent it; under 2026-07-28 it may be {@code input_required}
   */
  public ObjectNode request(String method, ObjectNode params, Listener listener, Duration limit)
      throws MountException, InterruptedException {
    long deadline = deadline(limit);
    try (Places.Turn turn = places.enter(listener.user())) {
      if (!turn.await(deadline - TELLING_REFUSAL.toNanos() - System.nanoTime())) {
        int own = places.held(listener.user());
        throw own > 0
            ? MountException.crowded(
                "its user has %d calls in flight there, as many as there is room for"
                    .formatted(own),
                Duration.ofSeconds(1))
            : MountException.notSent("it has too many calls of others in flight already");
      }
      Session session = session(deadline);
      try {
        return session.request(method, params, listener, deadline);
      } catch (MountException e) {
        if (e.kind() != MountException.Kind.NOT_SENT || !session.isOver()) {
          throw e;
        }
      }
      // Nothing was run, since the session was over: once more in the next one.
      return session(deadline).request(method, params, listener, deadline);
    }
  }

  /**
   * Tells the URI of what has changed of a resource, in all sessions to come, until what is
   * returned is run, once or more. A server of 2026-07-28 is not asked.
   */
  public Runnable watch(String uri, Consumer<String> changed) {
    AtomicBoolean first = new AtomicBoolean();
    watched.compute(
        uri,
        (_, all) -> {
          first.set(all == null);
          Set<Consumer<String>> more = all == null ? ConcurrentHashMap.newKeySet() : all;
          more.add(changed);
          return more;
        });
    if (first.get()) {
      running().ifPresent(session -> tell(session, "resources/subscribe", uri));
    }
    return () -> {
      @Nullable Set<Consumer<String>> left =
          watched.computeIfPresent(
              uri,
              (_, all) -> {
                all.remove(changed);
                return all.isEmpty() ? null : all;
              });
      if (left == null) {
        running().ifPresent(session -> tell(session, "resources/unsubscribe", uri));
      }
    };
  }

  private void updated(String uri) {
    watched.forEach(
        (resource, all) -> {
          if (uri.startsWith(resource)) {
            all.forEach(each -> each.accept(uri));
          }
        });
  }

  private Optional<Session> running() {
    lock.lock();
    try {
      return Optional.ofNullable(current)
          .filter(start -> start.session.state() == CompletableFuture.State.SUCCESS)
          .map(start -> start.session.resultNow());
    } finally {
      lock.unlock();
    }
  }

  private static void tell(Session session, String method, String uri) {
    if (session.hello().modern()) {
      return;
    }
    try {
      ObjectNode params = Wire.object().put("uri", uri);
      var _ = session.request(method, params, Flight.NOBODY, System.nanoTime() + TELLING.toNanos());
    } catch (MountException e) {
      LOG.debug("{} of {}: {}", method, uri, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private long deadline(Duration limit) {
    return System.nanoTime() + Math.min(limit.toNanos(), timeout.toNanos());
  }

  private Session session(long deadline) throws MountException, InterruptedException {
    Start start = started(deadline);
    try {
      return start.session.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw MountException.notSent("it is still starting");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof MountException why
          ? why
          : MountException.notSent("it cannot be started");
    }
  }

  private Start started(long deadline) throws MountException, InterruptedException {
    while (true) {
      long pause;
      lock.lock();
      try {
        if (closed) {
          throw MountException.notSent("it is closed");
        }
        if (current != null) {
          return current;
        }
        pause = notBefore - System.nanoTime();
        if (pause <= 0) {
          return start();
        }
        if (pause > Math.min(SHORT_PAUSE.toNanos(), deadline - System.nanoTime())) {
          throw MountException.notSent(
              "%s. It is started again in %d s".formatted(problem, 1 + pause / 1_000_000_000));
        }
      } finally {
        lock.unlock();
      }
      TimeUnit.NANOSECONDS.sleep(pause);
    }
  }

  private Start start() {
    Start start = new Start();
    current = start;
    starts++;
    start.thread = Thread.ofVirtual().name("mount-start").start(() -> open(start));
    return start;
  }

  private void open(Start start) {
    @Nullable Session opened = null;
    try {
      opened =
          opener.open(
              this::updated, why -> over(start, why), System.nanoTime() + START_LIMIT.toNanos());
      if (!start.session.complete(opened)) {
        opened.close();
      }
      for (String uri : watched.keySet()) {
        tell(opened, "resources/subscribe", uri);
      }
    } catch (MountException e) {
      failed(start, e.getMessage());
    } catch (RuntimeException | Error e) {
      LOG.warn("A mounted server cannot be started", e);
      failed(start, "it cannot be started");
      if (opened != null) {
        opened.close(); // Otherwise its process would go on beside the next one.
      }
    } catch (InterruptedException e) {
      over(start, "");
    }
  }

  private void failed(Start start, String why) {
    over(start, why);
    start.session.completeExceptionally(MountException.notSent(why));
  }

  /** A session is over, or did not begin; an empty text: in good order, or at our wish. */
  private void over(Start start, String why) {
    lock.lock();
    try {
      if (current == start) {
        current = null;
        problem = MountException.cut(why); // It is kept.
        if (!why.isEmpty()) {
          backoff = backoff.after(Duration.ofNanos(System.nanoTime() - start.begun));
          notBefore = System.nanoTime() + backoff.pause(longestPause).toNanos();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  public Status status() {
    Start start;
    String failed;
    int restarts;
    lock.lock();
    try {
      start = current;
      failed = problem;
      restarts = Math.max(0, starts - 1);
    } finally {
      lock.unlock();
    }
    if (start == null) {
      var state = failed.isEmpty() ? Status.State.IDLE : Status.State.FAILED;
      return new Status(state, failed, 0, 0, restarts);
    }
    return start.session.state() == CompletableFuture.State.SUCCESS
        ? running(start.session.resultNow(), restarts)
        : new Status(Status.State.STARTING, "", 0, 0, restarts);
  }

  private static Status running(Session session, int restarts) {
    return new Status(Status.State.RUNNING, "", session.pid(), session.residentBytes(), restarts);
  }

  /** Ends the server's process, with all that it started, or the session; calls in flight end. */
  @Override
  public void close() {
    Start start;
    lock.lock();
    try {
      closed = true;
      start = current;
      current = null;
    } finally {
      lock.unlock();
    }
    if (start == null) {
      return;
    }
    if (start.session.completeExceptionally(MountException.notSent("it is closed"))) {
      abandon(start);
    } else if (start.session.state() == CompletableFuture.State.SUCCESS) {
      start.session.resultNow().close();
    }
  }

  private static void abandon(Start start) {
    Thread thread = start.thread;
    if (thread == null) {
      return;
    }
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
