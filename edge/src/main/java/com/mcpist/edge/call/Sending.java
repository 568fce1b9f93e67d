package com.mcpist.edge.call;

import com.mcpist.edge.listen.ProxyServer.ClientConnection;
import com.mcpist.edge.wire.CallError;
import com.mcpist.edge.wire.Payload;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client's request, until it is known whether the client has the answer. Holds its body so long.
 * Used on one event loop only.
 */
final class Sending implements ClientConnection.Answer, Undelivered.InFlight {
  /** In which an event loop reads what has come. */
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

  /** {@code callsTool}: as far as the head tells. */
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

  /**
   * Runs {@code then} once the origins know of this caller's calls without an answer, or a call has
   * waited as long as for an origin. A client that closes one connection and calls again on another
   * may be seen to do the second first: the other's event loop has a turn before.
   */
  void afterOthers(Runnable then) {
    Set<Context> loops = callsTool ? undelivered.loopsOfTwins(this) : Set.of();
    if (loops.isEmpty()) {
      afterNotices(then);
    } else {
      Future.join(loops.stream().map(this::turn).toList())
          .onComplete(_ -> means.loop().runOnContext(_ -> afterNotices(then)));
    }
  }

  private Future<Void> turn(Context other) {
    Promise<Void> done = Promise.promise();
    other.runOnContext(
        // Between two timers a loop reads what has come, as that a client has gone.
        _ ->
            means
                .vertx()
                .timer(TURN_MILLIS, TimeUnit.MILLISECONDS)
                .onSuccess(_ -> done.complete()));
    return done.future();
  }

  private void afterNotices(Runnable then) {
    List<Future<Void>> untold = undelivered.untold(headers, means);
    if (untold.isEmpty()) {
      then.run();
    } else {
      var limit =
          means.vertx().timer(Math.max(1, means.config().waitMillis()), TimeUnit.MILLISECONDS);
      Future.any(Future.join(untold), limit)
          .onSuccess(_ -> means.loop().runOnContext(_ -> then.run()));
    }
  }

  /** An attempt has the whole answer. */
  void answered() {
    if (!callsTool) {
      arrived();
    }
  }

  /** Writes it down, before an origin sees it. */
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

  /** The last byte of its answer is on its way: what the client does next tells if it came. */
  void flushed() {
    clear();
    if (!callsTool || !body.mayLinger()) {
      arrived();
    }
  }

  /** Its client has the answer, or no origin has seen it. */
  @Override
  public void arrived() {
    if (open) {
      end();
      letGo();
    }
  }

  /** An origin may have seen it, and its client has no answer. */
  @Override
  public void lost() {
    stays();
    if (open && callsTool && isUnnamedCall()) {
      // First: who does not find this any more finds the notice.
      undelivered.tell(headers, body.bytes(), means, this::letGo);
      end();
    } else {
      arrived();
    }
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

  private boolean isUnnamedCall() {
    return Payload.read(body.bytes().getBytes()).requests().stream()
        .anyMatch(each -> each.isToolCall() && !CallError.hasClientsKey(headers.key(), each));
  }

  /** Of a body's beginning, without the values that are others in each sending of a call. */
  static int hashButForIds(Buffer json) {
    int end = Math.min(json.length(), MOST_HASHED_BYTES);
    int hash = 0;
    for (int i = 0; i < end; i++) {
      hash = 31 * hash + json.getByte(i);
      if (json.getByte(i) == ':' && isChanging(json, i)) {
        while (i + 1 < end && ",}".indexOf(json.getByte(i + 1)) < 0) {
          i++;
        }
      }
    }
    return hash;
  }

  private static boolean isChanging(Buffer json, int colon) {
    return endsWith(json, colon, "\"id\"") || endsWith(json, colon, "\"progressToken\"");
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
