package com.mcpist.drill;

import com.mcpist.drill.Fault.RefusedException;
import com.mcpist.drill.ThrowAwayPair.Blueprint;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.commons.io.IOUtils;
import org.jspecify.annotations.Nullable;

/** One fault after the other, on the pair that is up, or a throw-away one where that is needed. */
public final class GameDay {
  private static final Duration QUIET_LIMIT = Duration.ofSeconds(30);

  private final Blueprint blueprint;
  private final Observer observer;
  private @Nullable Target local;
  private @Nullable FileChannel lock;
  private @Nullable ThrowAwayPair throwAway;

  /** For each fault so many calls at full speed, at least, by so many clients at once. */
  public record Plan(List<Fault> faults, int calls, int clients) {
    public Plan {
      if (calls < 1 || clients < 1) {
        throw new IllegalArgumentException("no calls or no clients");
      }
    }

    private boolean throwAwayOnly() {
      return faults.stream().allMatch(Fault::needsThrowAway);
    }
  }

  /** Told how a game day goes, in plain words: by lines, and by steps with what each is at. */
  public interface Observer {
    void line(String text);

    void step(String text);

    void detail(String text);
  }

  private GameDay(Blueprint blueprint, Observer observer) {
    this.blueprint = blueprint;
    this.observer = observer;
  }

  /**
   * Holds it, on the pair of that data folder where one runs, else and for faults of links on one
   * of the blueprint. When this returns or throws, the data is as it was, and nothing that it has
   * started runs; interrupting the thread ends it so.
   */
  public static void hold(
      Plan plan, Path data, Blueprint blueprint, Observer observer, Consumer<Report> found)
      throws RefusedException, PairException, InterruptedException {
    if (!blueprint.environment().getOrDefault("DATABASE_URL", "").isEmpty()) {
      throw new RefusedException(
          "a drill breaks only a pair with a PostgreSQL of its own, and DATABASE_URL is set: unset"
              + " it.");
    }
    ThrowAwayPair.removeLeft(blueprint.environment());
    GameDay day = new GameDay(blueprint, observer);
    day.findLocal(plan, data);
    try {
      for (Fault fault : plan.faults()) {
        Target target = day.target(fault);
        observer.step(fault.label());
        found.accept(
            new Drill(target, fault, plan.calls(), plan.clients(), observer::detail).run());
      }
    } finally {
      day.release();
    }
  }

  /** Finds the pair that is up, and removes what an earlier drill that was killed left in it. */
  private void findLocal(Plan plan, Path data)
      throws RefusedException, PairException, InterruptedException {
    LocalPair pair = new LocalPair(data, blueprint.environment());
    boolean running = !plan.throwAwayOnly() && pair.isRunning();
    // Where clients are asked who they are, their limits are far below what a drill calls.
    boolean open = running && pair.access().map(access -> access.admission().open()).orElse(true);
    observer.line(
        running && !open
            ? "The pair in " + data + " asks who calls: a throw-away pair is broken instead."
            : announcement(plan, data, open));
    if (!open) {
      return;
    }
    FileChannel taken = lock(data);
    try {
      Target target = Target.of(pair, null);
      target.rows().remove();
      local = target;
      lock = taken;
    } catch (RefusedException | PairException | InterruptedException e) {
      IOUtils.closeQuietly(taken);
      throw e;
    }
  }

  /** Says whether the pair that is up will be broken, for the faults that are possible there. */
  static String announcement(Plan plan, Path data, boolean local) {
    if (local) {
      String others =
          plan.faults().stream()
              .filter(Fault::needsThrowAway)
              .map(Fault::label)
              .collect(Collectors.joining(", "));
      String other = others.isEmpty() ? "" : "; for " + others + " a throw-away pair";
      return "The pair in " + data + " is broken" + other + ".";
    }
    return plan.throwAwayOnly()
        ? "A throw-away pair is broken: these faults are for no other."
        : "No pair is up in " + data + ": a throw-away pair is broken instead.";
  }

  private Target target(Fault fault) throws RefusedException, PairException, InterruptedException {
    if (local != null && !fault.needsThrowAway()) {
      return local;
    }
    if (throwAway == null) {
      observer.step("throw-away pair");
      throwAway = new ThrowAwayPair(blueprint, observer::detail);
    }
    return throwAway.target();
  }

  /** Leaves nothing of the drill. Rows that cannot be removed are removed by the next one. */
  private void release() throws PairException, InterruptedException {
    try {
      if (throwAway != null) {
        observer.step("cleaning up");
        throwAway.close();
      }
    } finally {
      if (local != null && lock != null) {
        try {
          // An attempt that is still at work would leave its row after the others are gone.
          Drill.await(QUIET_LIMIT, local.rows()::isQuiet);
          local.rows().remove();
        } finally {
          IOUtils.closeQuietly(lock);
        }
      }
    }
  }

  /** One drill at a time on a pair that is up: each removes the other's rows. */
  static FileChannel lock(Path data) throws PairException {
    Path file = data.resolve("run").resolve("drill.lock");
    try {
      return DataFolder.lock(file)
          .orElseThrow(() -> new PairException("another drill is at work on the pair in " + data));
    } catch (IOException e) {
      throw new PairException(file + " cannot be locked: " + e.getMessage(), e);
    }
  }
}
