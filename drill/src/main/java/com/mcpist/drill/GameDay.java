package com.mcpist.drill;

import module java.base;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.Mounts;
import com.mcpist.deploy.edgeclient.EdgeConfig.Guard;
import com.mcpist.drill.Fault.RefusedException;
import com.mcpist.drill.GameDay.ThrowAwayPair.Blueprint;
import com.mcpist.drill.Target.BreakableLinks;
import com.mcpist.drill.link.FaultProxy;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.Watchdog;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.supervisor.PairOptions;
import com.mcpist.pair.supervisor.Supervisor;
import com.mcpist.pair.supervisor.Supervisor.PairEvent.Kind;
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
            ? "The pair in " + data + " asks who calls: breaking a throw-away pair instead."
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
      String other = others.isEmpty() ? "" : ", and for " + others + " a throw-away pair";
      return "Breaking the pair in " + data + other + ". Its data stays.";
    }
    return plan.throwAwayOnly()
        ? "Breaking a throw-away pair: these faults are for no other."
        : "No pair is up in " + data + ": breaking a throw-away pair instead.";
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

  /** A pair for one drill, in a temporary folder, with a proxy on each of its links. */
  public static final class ThrowAwayPair implements AutoCloseable {
    private static final String PREFIX = "mcpist-drill-";

    /** The folder's name has the process that made it, so that what a killed one left is known. */
    private static final Pattern FOLDER = Pattern.compile(PREFIX + "([0-9]{1,9})-.*");

    private final Path folder;
    private final Watchdog watchdog;
    private final BreakableLinks links = new BreakableLinks();
    private final Supervisor pair;
    private final Target target;

    /** Its programs' folder, what its origins call their release, and the caller's environment. */
    public record Blueprint(
        Path app, String release, Deployment deployment, Map<String, String> environment) {}

    ThrowAwayPair(Blueprint blueprint, Consumer<String> steps)
        throws PairException, RefusedException, InterruptedException {
      this.folder = createFolder();
      this.watchdog = Watchdog.start(folder);
      PairOptions options =
          new PairOptions(
              blueprint.app(),
              folder,
              0,
              blueprint.release(),
              blueprint.deployment().with(Mounts.NONE), // What they act on is not thrown away.
              Guard.OPEN, // Its calls are as many as possible, and nobody else knows of it.
              blueprint.environment(),
              links,
              Optional.empty());
      this.pair =
          new Supervisor(
              folder,
              blueprint.environment(),
              () -> options,
              event -> {
                if (event.kind() == Kind.STEP) {
                  steps.accept(event.text());
                }
              });
      try {
        pair.start();
        this.target = Target.of(new LocalPair(folder, blueprint.environment()), links);
      } catch (PairException | RefusedException | InterruptedException e) {
        close();
        throw e;
      }
    }

    private static Path createFolder() throws PairException {
      try {
        return Files.createTempDirectory(PREFIX + ProcessHandle.current().pid() + "-");
      } catch (IOException e) {
        throw new PairException("no temporary folder can be made: " + e.getMessage(), e);
      }
    }

    /** Removes the folders of drills that were killed, and stops what still works in them. */
    static void removeLeft(Map<String, String> environment)
        throws PairException, InterruptedException {
      List<Path> left;
      try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
        left = files.filter(ThrowAwayPair::isLeft).toList();
      } catch (IOException e) {
        throw new PairException("the temporary folder cannot be read: " + e.getMessage(), e);
      }
      for (Path folder : left) {
        new LocalPair(folder, environment).stop();
        remove(folder);
      }
    }

    private static boolean isLeft(Path folder) {
      Matcher name = FOLDER.matcher(folder.getFileName().toString());
      return name.matches()
          // Anyone may make a folder of that name where all may write, and name any process in it.
          && DataFolder.isPrivate(folder)
          && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()
          && !DataFolder.isInUse(folder);
    }

    Target target() {
      return target;
    }

    @Override
    public void close() throws PairException {
      pair.close();
      links.forEach(FaultProxy::close);
      watchdog.close();
      remove(folder);
    }

    private static void remove(Path folder) throws PairException {
      try {
        DataFolder.delete(folder);
      } catch (IOException e) {
        throw new PairException(folder + " cannot be removed: " + e.getMessage(), e);
      }
    }
  }
}
