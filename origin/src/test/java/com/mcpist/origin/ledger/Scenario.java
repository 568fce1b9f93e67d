package com.mcpist.origin.ledger;

import com.mcpist.module.Invocation.Attempt.Sending;
import com.mcpist.module.Tool;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One call, sent by a client until it has an answer, and attempted as an edge might: a later
 * attempt, or sending, begins whatever became of the earlier.
 */
final class Scenario {
  /** What becomes of an attempt. */
  enum Fate {
    WORKS,
    REFUSES,
    IS_LATE,
    DIES_BEFORE_THE_WORK,
    DIES_AFTER_THE_WORK,
    HANGS_BEFORE_THE_WORK,
    HANGS_AFTER_THE_WORK
  }

  /** What happens next. */
  sealed interface Step {
    /** The edge makes its next attempt, at this origin. */
    record Attempt(int origin, Fate fate) implements Step {}

    /** An attempt that was made earlier, and has not come through until now, arrives once more. */
    record Echo(int origin, int attempt, Fate fate) implements Step {}

    /** Attempts that hang go on. */
    record Wake() implements Step {}

    /** An origin is killed, and started again. */
    record Crash(int origin) implements Step {}

    /**
     * The client has no answer, and sends the call again: by the key of its last sending, or after
     * an origin was told that it has none.
     */
    record Resend(boolean byKey, int told) implements Step {}

    /** All has ended and was forgotten, before the client sends it again by its key. */
    record LongAfter() implements Step {}
  }

  /** The tool's work, and how its session is lost. */
  interface World {
    void work(ToolCall call, ToolResult result) throws Exception;

    void die(ToolCall call) throws Exception;

    LedgerOrigin restart(LedgerOrigin killed);

    /** The call's results expire and are deleted. */
    void forget(Scenario scenario);

    Tool tool(Scenario scenario);
  }

  private final World world;
  private final List<LedgerOrigin> origins;
  private final Map<Sending, Fate> fates = new HashMap<>();
  private final List<TestInvocation> made = new ArrayList<>();
  private final List<CompletableFuture<ToolResult>> attempts = new ArrayList<>();
  private volatile CountDownLatch woken = new CountDownLatch(1);
  private TestInvocation sending;
  private int number;

  Scenario(World world, List<LedgerOrigin> origins, TestInvocation call) {
    this.world = world;
    this.origins = origins;
    this.sending = call.deadline(Instant.now().plusSeconds(60));
  }

  /** The last sending. */
  TestInvocation call() {
    return sending;
  }

  /** Plays the steps, then makes a last attempt that nothing goes wrong with. */
  List<ToolResult> play(List<Step> steps) throws Exception {
    for (Step step : steps) {
      switch (step) {
        case Step.Attempt(int origin, Fate fate) -> attempt(origin, fate);
        case Step.Echo(int origin, int attempt, Fate fate) -> {
          if (!made.isEmpty()) {
            start(origin, made.get(attempt % made.size()), fate);
          }
        }
        case Step.Wake() -> wake();
        case Step.Crash(int origin) -> origins.set(origin, world.restart(origins.get(origin)));
        case Step.Resend(boolean byKey, int told) -> resend(byKey, told);
        case Step.LongAfter() -> {
          results();
          world.forget(this);
          resend(true, 0);
        }
      }
      settleFor(attempts.isEmpty() ? null : attempts.getLast());
    }
    attempt(0, Fate.WORKS);
    settleFor(attempts.getLast());
    wake();
    woken.countDown();
    return results();
  }

  private void resend(boolean byKey, int told) throws Exception {
    if (!byKey) {
      try {
        origins.get(told).undelivered(world.tool(this), sending);
      } catch (AttemptFailedException e) {
        // What hangs has all its connections.
        origins.get(1 - told).undelivered(world.tool(this), sending);
      }
    }
    sending = byKey ? sending.sentAgain() : sending.likewise();
    number = 0;
  }

  private void attempt(int origin, Fate fate) {
    TestInvocation attempt = sending.attempt(++number);
    made.add(attempt);
    if (fate != Fate.IS_LATE) {
      start(origin, attempt, fate);
    }
  }

  /** Of all attempts, when they have ended. */
  private List<ToolResult> results() throws Exception {
    List<ToolResult> results = new ArrayList<>();
    for (CompletableFuture<ToolResult> attempt : attempts) {
      try {
        results.add(attempt.get(60, TimeUnit.SECONDS));
      } catch (ExecutionException e) {
        // An attempt may fail; the edge makes another.
      }
    }
    return results;
  }

  private void start(int origin, TestInvocation attempt, Fate fate) {
    synchronized (fates) {
      fates.put(attempt.attempt().sending(), fate);
    }
    attempts.add(origins.get(origin).start(world.tool(this), attempt));
  }

  /** Long enough for most attempts to get where they hang or end; no outcome depends on it. */
  private static void settleFor(@Nullable CompletableFuture<ToolResult> attempt) {
    if (attempt == null) {
      return;
    }
    try {
      attempt.get(20, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // It goes on beside the next.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void wake() {
    CountDownLatch old = woken;
    woken = new CountDownLatch(1);
    old.countDown();
  }

  /** The work of an attempt, with its fate. A second run in the same attempt goes well. */
  ToolResult run(ToolCall toolCall) throws Exception {
    Fate fate;
    synchronized (fates) {
      Fate planned = fates.put(toolCall.attempt().sending(), Fate.WORKS);
      fate = planned == null ? Fate.WORKS : planned;
    }
    CountDownLatch alarm = woken;
    switch (fate) {
      case DIES_BEFORE_THE_WORK -> world.die(toolCall);
      case HANGS_BEFORE_THE_WORK -> alarm.await();
      case REFUSES -> throw new ToolException("refused");
      default -> {}
    }
    ToolResult result = ToolResult.text("done by " + toolCall.attempt().sending());
    world.work(toolCall, result);
    switch (fate) {
      case DIES_AFTER_THE_WORK -> world.die(toolCall);
      case HANGS_AFTER_THE_WORK -> alarm.await();
      default -> {}
    }
    return result;
  }
}
