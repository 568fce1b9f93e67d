package com.mcpist.edge.call;

import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins.Failure;
import com.mcpist.edge.wire.Payload;
import com.mcpist.edge.wire.Payload.ToolCall;
import com.mcpist.edge.wire.UnnamedCalls;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls whose clients have no answer. An origin is told of each such call, and an equal call of
 * the same caller waits until an origin knows. The calls of an edge that was killed are in its
 * journal. Safe for all threads.
 */
public final class Undelivered {
  private static final Logger LOG = LoggerFactory.getLogger(Undelivered.class);

  /** The time in milliseconds for which a call that is sent again is taken for the same call. */
  private static final long LASTS_MILLIS = 60_000;

  private static final long BEAT_MILLIS = 1_000;

  /** The longest pause between two rounds in which origins are told of one notice. */
  private static final long LONGEST_PAUSE_MILLIS = 4_000;

  /** The values that two sendings of one caller share if they may be the same call. */
  record Alike(String user, int hash) {}

  /** A sending that is not answered yet, on its event loop. */
  interface InFlight {
    Alike alike();

    Context loop();
  }

  private final Map<Alike, Set<InFlight>> sendings = new ConcurrentHashMap<>();
  private final Map<String, Set<Notice>> untold = new ConcurrentHashMap<>();

  private final LongAdder count = new LongAdder();

  /** The journals. The first is this edge's own, to which the edge adds its calls. */
  private final List<Journal> journals = new CopyOnWriteArrayList<>();

  private final Vertx vertx;
  private final @Nullable Path folder;
  private volatile boolean retires;

  private Undelivered(Vertx vertx, @Nullable Path folder) {
    this.vertx = vertx;
    this.folder = folder;
  }

  /**
   * Starts to keep the undelivered calls of an edge. {@code folder} holds the journals; if it is
   * null, the calls that a killed edge had in flight are not known.
   */
  public static Undelivered start(Vertx vertx, @Nullable Path folder) {
    Undelivered undelivered = new Undelivered(vertx, folder);
    if (folder != null) {
      try {
        undelivered.journals.add(Journal.create(folder));
        undelivered.adopt(folder);
        vertx.setPeriodic(BEAT_MILLIS, _ -> undelivered.beatSoon(folder));
      } catch (IOException e) {
        LOG.warn(
            "No journal in {}: if this edge is killed, its calls in flight are lost", folder, e);
      }
    }
    return undelivered;
  }

  private void beatSoon(Path where) {
    vertx.executeBlocking(() -> beat(where));
  }

  /**
   * Prepares for the drain of this edge: releases the journals of killed edges, except for the
   * notices that origins are being told, and adopts none from now on. The edge that accepts
   * connections adopts the journals, since the callers' next calls reach that edge. May be called
   * again.
   */
  public void retire() {
    retires = true;
    Path where = folder;
    if (where != null && !journals.isEmpty()) {
      beatSoon(where);
    }
  }

  private void releaseAdopted() throws IOException {
    for (Journal each : List.copyOf(journals).subList(1, journals.size())) {
      untold.values().forEach(all -> all.forEach(notice -> notice.releaseIfIn(each)));
      journals.remove(each);
      if (each.isEmpty()) {
        each.delete();
      } else {
        each.release();
      }
    }
  }

  private synchronized boolean beat(Path folder) throws IOException {
    journals.getFirst().beat();
    if (retires) {
      releaseAdopted();
      return true;
    }
    for (Journal each : List.copyOf(journals).subList(1, journals.size())) {
      if (isOld(each)) {
        untold.values().forEach(all -> all.forEach(notice -> notice.endIfIn(each)));
      }
      if (each.isEmpty() || isOld(each)) {
        journals.remove(each);
        each.delete();
      }
    }
    adopt(folder);
    return true;
  }

  /** Returns the number of undelivered calls so far. */
  long count() {
    return count.sum();
  }

  /** Removes the journals that nobody needs, when the edge stops. */
  public void close() {
    for (Journal each : journals) {
      try {
        if (each.isEmpty()) {
          each.delete();
        }
      } catch (IOException e) {
        LOG.warn("A journal could not be removed", e);
      }
    }
  }

  private void adopt(Path folder) throws IOException {
    for (Journal journal : Journal.ofTheDead(folder, journals)) {
      journals.add(journal);
      if (!isOld(journal)) {
        journal.entries().forEach(entry -> new Notice(entry.user(), entry, entry::clear).add());
      }
    }
  }

  private static boolean isOld(Journal journal) {
    return System.currentTimeMillis() - journal.aliveAt() > LASTS_MILLIS;
  }

  /** Writes a call down. Returns null if there is no journal, or no room in it. */
  Journal.@Nullable Entry write(Journal.Line line) {
    return journals.isEmpty() ? null : journals.getFirst().add(line);
  }

  void begun(InFlight sending) {
    add(sendings, sending.alike(), sending);
  }

  void ended(InFlight sending) {
    remove(sendings, sending.alike(), sending);
  }

  private static <K, V> void add(Map<K, Set<V>> map, K key, V value) {
    map.compute(
        key,
        (_, known) -> {
          Set<V> all = known == null ? ConcurrentHashMap.newKeySet() : known;
          all.add(value);
          return all;
        });
  }

  private static <K, V> void remove(Map<K, Set<V>> map, K key, V value) {
    map.computeIfPresent(key, (_, all) -> all.remove(value) && all.isEmpty() ? null : all);
  }

  /**
   * Returns the event loops with a call that this one may repeat, and whose client may have gone.
   */
  Set<Context> loopsOfTwins(InFlight sending) {
    Set<InFlight> all = sendings.getOrDefault(sending.alike(), Set.of());
    return all.size() < 2
        ? Set.of()
        : all.stream()
            .filter(each -> !each.equals(sending))
            .map(InFlight::loop)
            .collect(Collectors.toSet());
  }

  /**
   * Returns this caller's notices, and has the notices of killed edges told to the origins from now
   * on. Must be called on the event loop of the caller's call.
   */
  List<Notice> untold(CallHeaders headers, Means means) {
    List<Notice> waiting = List.copyOf(untold.getOrDefault(headers.user(), Set.of()));
    waiting.forEach(each -> each.tellFrom(headers, means));
    return waiting;
  }

  /**
   * Tells the origins of a call whose client has no answer. Must be called on the call's event
   * loop.
   *
   * @param calls the calls of tools in the body that have no client's key
   * @param over run when the origins need not be told any more
   */
  Notice tell(CallHeaders headers, Buffer body, Set<ToolCall> calls, Means means, Runnable over) {
    Notice notice = new Notice(headers.user(), null, over);
    notice.calls = calls;
    notice.add();
    notice.tell(headers.forNotice(), body, means);
    return notice;
  }

  /** The way in which a notice ends. */
  enum End {
    /** An origin has recorded the call. */
    KNOWN,
    /** An origin refuses the notice for good, as it would refuse the call itself. */
    REFUSED,
    /** No origin has taken the notice while it mattered. */
    GIVEN_UP
  }

  /** The notice that the client of a call has no answer. Safe for all threads. */
  final class Notice {
    private final String user;
    private final Journal.@Nullable Entry journaled;
    private final Runnable over;
    private final Promise<End> ended = Promise.promise();
    private final AtomicBoolean begun = new AtomicBoolean();

    /** The calls that the notice is about; null if they are still to be read from the journal. */
    private @Nullable Set<ToolCall> calls;

    private Notice(String user, Journal.@Nullable Entry journaled, Runnable over) {
      this.user = user;
      this.journaled = journaled;
      this.over = over;
    }

    /**
     * Returns a future that completes, on any thread, when calls need not wait for the notice any
     * more. The future never fails.
     */
    Future<End> ended() {
      return ended.future();
    }

    /** Returns true if the origins were not told, though they were to be. */
    boolean hasGivenUp() {
      return ended().isComplete() && ended().result() == End.GIVEN_UP;
    }

    /**
     * Returns true if one of these calls of the same caller may be the call that the notice is
     * about.
     */
    boolean isAbout(Set<ToolCall> others) {
      return !others.isEmpty() && !Collections.disjoint(calls(), others);
    }

    private synchronized Set<ToolCall> calls() {
      Set<ToolCall> known = calls;
      if (known == null) {
        known = journaled == null ? Set.of() : read(journaled);
        calls = known;
      }
      return known;
    }

    private static Set<ToolCall> read(Journal.Entry entry) {
      try {
        Journal.Line line = entry.read();
        return UnnamedCalls.of(Payload.read(line.body().getBytes()), CallHeaders.key(line));
      } catch (IOException | RuntimeException e) {
        // A call that cannot be read is not told to the origins, either.
        return Set.of();
      }
    }

    /** Adds the notice, so that equal calls of its caller wait from now on. */
    private void add() {
      count.increment();
      Undelivered.add(untold, user, this);
    }

    /**
     * Tells the origins of a call of an edge that was killed. The caller's next call brings the
     * authorization.
     */
    private void tellFrom(CallHeaders next, Means means) {
      if (journaled == null) {
        return;
      }
      // The calls are read before the notice ends and is no longer in the journal.
      calls();
      if (!begun.compareAndSet(false, true)) {
        return;
      }
      try {
        Journal.Line line = journaled.read();
        tell(next.insteadFor(line), line.body(), means);
      } catch (IOException | RuntimeException e) {
        LOG.warn("A call of an edge that was killed could not be read", e);
        end(End.GIVEN_UP);
      }
    }

    private void endIfIn(Journal old) {
      if (journaled != null && journaled.journal() == old) {
        end(End.GIVEN_UP);
      }
    }

    /** Leaves a notice that nobody has begun to tell in its journal, for another edge. */
    private void releaseIfIn(Journal released) {
      boolean in = journaled != null && journaled.journal() == released;
      if (in && begun.compareAndSet(false, true)) {
        remove(untold, user, this);
        ended.tryComplete(End.GIVEN_UP);
      }
    }

    private void tell(CallHeaders headers, Buffer body, Means means) {
      // Within the time that an equal call waits, the origins are told at least once.
      long pause = Math.min(LONGEST_PAUSE_MILLIS, means.config().waitMillis() / 2);
      next(new Search(LASTS_MILLIS, pause, means.time().now()), headers, body, means);
    }

    private void next(Search search, CallHeaders headers, Buffer body, Means means) {
      var origins = means.origins();
      if (!origins.mayKeepCalls()) {
        // No ledger can record the call.
        end(End.REFUSED);
        return;
      }
      // An origin that keeps no calls would run the call that it is told of.
      Optional<Origin> keeper = origins.chooseKeeper(search.tried());
      switch (search.next(keeper, origins.keepersInOrder(), means.time().now())) {
        case Search.Step.Send(Origin origin, _, boolean anew) ->
            ask(origin, anew, headers, body, means)
                .onComplete(
                    answer -> {
                      if (answer.succeeded() && answer.result().isPresent()) {
                        end(answer.result().get());
                      } else {
                        search.failed(origin, Failure.NOT_RUN);
                        next(search, headers, body, means);
                      }
                    });
        case Search.Step.Pause(long atLeast, _) ->
            means
                .vertx()
                .timer(Math.max(1, atLeast), TimeUnit.MILLISECONDS)
                .onSuccess(_ -> next(search, headers, body, means));
        case Search.Step.GiveUp() -> {
          LOG.warn("Call {}: no origin knows that its client has no answer", headers.callId());
          end(End.GIVEN_UP);
        }
      }
    }

    /**
     * Returns how the notice ends by this origin's answer; empty if the notice is still to be told.
     */
    private Future<Optional<End>> ask(
        Origin origin, boolean anew, CallHeaders headers, Buffer body, Means means) {
      return means
          .upstream()
          .request(origin, HttpMethod.POST, origin.mcpPath(), anew)
          .compose(
              request -> {
                // An origin that hangs must not record the call after another origin has. The next
                // equal call would then be taken for a further sending of this one.
                long patience = means.config().idleTimeoutMillis();
                long deadline = means.clock().millis() + patience;
                headers.put(request.headers(), 1, deadline, means.gatewaySecret().get());
                request.putHeader("X-Undelivered", "true");
                return request.idleTimeout(patience).send(body);
              })
          .compose(answer -> answer.end().map(end(answer)));
    }

    /**
     * Returns how the notice ends by this answer; empty if the notice is still to be told. An
     * answer that comes in an origin's place, as from a platform, says nothing.
     */
    private static Optional<End> end(HttpClientResponse answer) {
      int status = answer.statusCode();
      boolean later = status >= 500 || status == 429 || Upstream.notRun(answer);
      if (later || !Upstream.keepsCalls(answer)) {
        return Optional.empty();
      }
      return Optional.of(status < 300 ? End.KNOWN : End.REFUSED);
    }

    private void end(End how) {
      over.run();
      remove(untold, user, this);
      ended.tryComplete(how);
    }
  }
}
