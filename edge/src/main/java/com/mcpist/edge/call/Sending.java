package com.mcpist.edge.call;

import com.mcpist.edge.call.Undelivered.Notice;
import com.mcpist.edge.listen.ProxyServer.ClientConnection;
import com.mcpist.edge.wire.Payload;
import com.mcpist.edge.wire.Payload.ToolCall;
import com.mcpist.edge.wire.UnnamedCalls;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client's request, until it is known whether the client has the answer. A sending holds the
 * request's body for that time. Used on one event loop only.
 */
final class Sending implements ClientConnection.Answer, Undelivered.InFlight {
  /** The time in milliseconds in which an event loop reads what has come. */
  private static final int TURN_MILLIS = 5;

  private static final int MOST_HASHED_BYTES = 16 * 1024;

  private final Means means;
  private final Undelivered undelivered;
  private final CallHeaders headers;
  private final HeldBody body;
  private final boolean callsTool;
  private final Undelivered.Alike alike;
  private Journal.@Nullable Entry journaled;
  private boolean open = true;

  /**
   * Creates a sending. {@code callsTool} is true if the request calls a tool, as far as its head
   * tells.
   */
  Sending(
      Means means, Undelivered undelivered, CallHeaders headers, HeldBody body, boolean callsTool) {
    this.means = means;
    this.undelivered = undelivered;
    this.headers = headers;
    this.body = body;
    this.callsTool = callsTool;
    this.alike = new Undelivered.Alike(headers.user(), callsTool ? hashButForIds(body.bytes()) : 0);
    if (callsTool) {
      undelivered.begun(this);
    }
  }

  @Override
  public Undelivered.Alike alike() {
    return alike;
  }

  @Override
  public Context loop() {
    return means.loop();
  }

  /** The continuation of a call that need not wait for its caller's earlier calls any more. */
  interface Turn {
    /** Sends the call, which may be sent. */
    void enter();

    /**
     * Refuses the call. It may be the same as an earlier call whose client has no answer, and no
     * origin could be told of the earlier call. If both were sent now, both could run.
     */
    void refuse();
  }

  /**
   * Lets a call go on once the origins know of this caller's equal calls without an answer, or when
   * the call has waited as long as a call waits for an origin. If a client closes one connection
   * and calls again on another, the edge may see the new call first. So the event loop of the other
   * connection has a turn before.
   */
  void afterOthers(Turn turn) {
    Set<Context> loops = callsTool ? undelivered.loopsOfTwins(this) : Set.of();
    if (loops.isEmpty()) {
      afterNotices(turn);
    } else {
      Future.join(loops.stream().map(this::turn).toList())
          .onComplete(_ -> means.loop().runOnContext(_ -> afterNotices(turn)));
    }
  }

  private Future<Void> turn(Context other) {
    Promise<Void> done = Promise.promise();
    other.runOnContext(
        // Between two timers a loop reads what has arrived, such as the end of a client's
        // connection.
        _ ->
            means
                .vertx()
                .timer(TURN_MILLIS, TimeUnit.MILLISECONDS)
                .onSuccess(_ -> done.complete()));
    return done.future();
  }

  private void afterNotices(Turn turn) {
    boolean untold = !undelivered.untold(headers, means).isEmpty();
    Set<ToolCall> calls = untold && callsTool ? unnamedCalls() : Set.of();
    List<Notice> equal = equal(calls);
    if (equal.isEmpty()) {
      turn.enter();
    } else {
      long most = Math.max(1, means.config().waitMillis());
      await(equal, calls, means.vertx().timer(most, TimeUnit.MILLISECONDS), turn);
    }
  }

  /**
   * Returns the notices of calls that this call may be the same as. No other notice delays the
   * call.
   */
  private List<Notice> equal(Set<ToolCall> calls) {
    return calls.isEmpty()
        ? List.of()
        : undelivered.untold(headers, means).stream().filter(each -> each.isAbout(calls)).toList();
  }

  private void await(List<Notice> equal, Set<ToolCall> calls, Future<?> limit, Turn turn) {
    Future.any(Future.join(equal.stream().map(Notice::ended).toList()), limit)
        .onComplete(_ -> means.loop().runOnContext(_ -> afterNotices(equal, calls, limit, turn)));
  }

  private void afterNotices(List<Notice> awaited, Set<ToolCall> calls, Future<?> limit, Turn turn) {
    List<Notice> equal = equal(calls);
    boolean untellable = awaited.stream().anyMatch(Notice::hasGivenUp);
    if (untellable || (!equal.isEmpty() && limit.isComplete())) {
      turn.refuse();
    } else if (equal.isEmpty()) {
      turn.enter();
    } else {
      await(equal, calls, limit, turn);
    }
  }

  /** Notes that an attempt has the whole answer. */
  void answered() {
    if (!callsTool) {
      arrived();
    }
  }

  /** Writes the call to the journal, before an origin sees it. */
  void write() {
    if (callsTool && open) {
      journaled = undelivered.write(headers.line(body.bytes()));
    }
  }

  @Override
  public void leaves() {
    if (journaled != null) {
      journaled.hide();
    }
  }

  @Override
  public void stays() {
    if (journaled != null) {
      journaled.show();
    }
  }

  /**
   * Notes that the last byte of the answer is on its way. What the client does next tells whether
   * the answer came.
   */
  void flushed() {
    clear();
    if (!callsTool || !body.mayLinger()) {
      arrived();
    }
  }

  /** Notes that the client has the answer, or that no origin has seen the request. */
  @Override
  public void arrived() {
    if (open) {
      end();
      letGo();
    }
  }

  /** Notes that an origin may have seen the request, and that its client has no answer. */
  @Override
  public void lost() {
    report();
  }

  /**
   * Does the same as {@link #lost}. The future completes with true if an origin knows of the call
   * now. It completes at once if there is nothing that an origin would have to know.
   */
  Future<Boolean> report() {
    stays();
    Set<ToolCall> calls = open && callsTool ? unnamedCalls() : Set.of();
    if (calls.isEmpty()) {
      arrived();
      return Future.succeededFuture(false);
    }
    // The call stays in the journal until an origin knows of it, whatever else its client is sent.
    Journal.Entry entry = journaled;
    journaled = null;
    // The notice must not keep this sending, which has all headers of the client.
    HeldBody held = body;
    Runnable over =
        () -> {
          if (entry != null) {
            entry.clear();
          }
          held.letGo();
        };
    // The notice is added before the sending is removed, so that another call finds one of the two.
    Notice notice = undelivered.tell(headers, body.bytes(), calls, means, over);
    end();
    return notice.ended().map(how -> how == Undelivered.End.KNOWN);
  }

  private void end() {
    open = false;
    if (callsTool) {
      undelivered.ended(this);
    }
  }

  private void letGo() {
    clear();
    body.letGo();
  }

  private void clear() {
    Journal.Entry entry = journaled;
    journaled = null;
    if (entry != null) {
      entry.clear();
    }
  }

  private Set<ToolCall> unnamedCalls() {
    return UnnamedCalls.of(Payload.read(body.bytes().getBytes()), headers.key());
  }

  /**
   * Returns a hash of the beginning of a body, without the values that differ in each sending of a
   * call: its id, and its {@code _meta}, which may have the context of a trace. The hash is the
   * same for any order of the properties.
   */
  static int hashButForIds(Buffer json) {
    int hash = 0;
    int hashed = 0;
    for (int i = 0; i < json.length() && hashed < MOST_HASHED_BYTES; i++) {
      int letter = json.getByte(i);
      hash += letter * letter * letter;
      hashed++;
      if (letter == ':' && endsWith(json, i, "\"id\"")) {
        while (i + 1 < json.length() && ",}".indexOf(json.getByte(i + 1)) < 0) {
          i++;
        }
      } else if (letter == ':' && endsWith(json, i, "\"_meta\"")) {
        i = endOfObject(json, i + 1) - 1;
      }
    }
    return hash;
  }

  /** Returns the position after the object that begins here, or the same position if none does. */
  private static int endOfObject(Buffer json, int begin) {
    int depth = 0;
    boolean text = false;
    for (int i = begin; i < json.length(); i++) {
      switch (json.getByte(i)) {
        case '"' -> text = !text;
        case '\\' -> i += text ? 1 : 0;
        case '{' -> depth += text ? 0 : 1;
        case '}' -> depth -= text ? 0 : 1;
        default -> {}
      }
      if (depth == 0 && !text && json.getByte(i) != ' ') {
        return json.getByte(i) == '}' ? i + 1 : begin;
      }
    }
    return begin;
  }

  private static boolean endsWith(Buffer json, int end, String name) {
    int begin = end - name.length();
    for (int i = name.length() - 1; i >= 0; i--) {
      if (begin < 0 || json.getByte(begin + i) != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
