package com.mcpist.origin.ledger;

import com.mcpist.origin.module.Tool;
import com.mcpist.origin.module.ToolCall;
import com.mcpist.origin.module.ToolResult;
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

/** One call, attempted as an edge might: a later attempt begins whatever became of the earlier. */
final class Scenario {
  /** What becomes of an attempt. */
  enum Fate {
    WORKS,
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
  }

  /** The tool's work, and how its session is lost. */
  interface World {
    void work(ToolCall call) throws Exception;

    void die(ToolCall call) throws Exception;

    LedgerOrigin restart(LedgerOrigin killed);

    Tool tool(Scenario scenario);
  }

  private final World world;
  private final List<LedgerOrigin> origins;
  private final TestInvocation call;
  private final Map<Integer, Fate> fates = new HashMap<>();
  private final List<CompletableFuture<ToolResult>> attempts = new ArrayList<>();
  private volatile CountDownLatch woken = new CountDownLatch(1);
  private int made;

  Scenario(World world, List<LedgerOrigin> origins, TestInvocation call) {
    this.world = world;
    this.origins = origins;
    this.call = call.deadline(Instant.now().plusSeconds(60));
  }

  TestInvocation call() {
    return call;
  }

  /** Plays the steps, then makes a last attempt that nothing goes wrong with. */
  List<ToolResult> play(List<Step> steps) throws Exception {
    for (Step step : steps) {
      switch (step) {
        case Step.Attempt(int origin, Fate fate) -> start(origin, ++made, fate);
        case Step.Echo(int origin, int attempt, Fate fate) ->
            start(origin, Math.clamp(attempt, 1, Math.max(1, made)), fate);
        case Step.Wake() -> wake();
        case Step.Crash(int origin) -> origins.set(origin, world.restart(origins.get(origin)));
      }
      settleFor(attempts.isEmpty() ? null : attempts.getLast());
    }
    start(0, ++made, Fate.WORKS);
    settleFor(attempts.getLast());
    wake();
    woken.countDown();
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

  private void start(int origin, int number, Fate fate) {
    synchronized (fates) {
      fates.put(number, fate);
    }
    attempts.add(origins.get(origin).start(world.tool(this), call.attempt(number)));
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
      Fate planned = fates.put(toolCall.attempt().number(), Fate.WORKS);
      fate = planned == null ? Fate.WORKS : planned;
    }
    CountDownLatch alarm = woken;
    switch (fate) {
      case DIES_BEFORE_THE_WORK -> world.die(toolCall);
      case HANGS_BEFORE_THE_WORK -> alarm.await();
      default -> {}
    }
    world.work(toolCall);
    switch (fate) {
      case DIES_AFTER_THE_WORK -> world.die(toolCall);
      case HANGS_AFTER_THE_WORK -> alarm.await();
      default -> {}
    }
    return ToolResult.text("done by attempt " + toolCall.attempt().number());
  }
}
