package com.mcpist.drill;

import module java.base;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.Mounts;
import com.mcpist.deploy.edgeclient.EdgeConfig.Guard;
import com.mcpist.drill.Fault.RefusedException;
import com.mcpist.drill.GameDay.ThrowAwayPair.Blueprint;
import com.mcpist.drill.Target.BreakableLinks;
import com.mcpist.drill.link.FaultProxy;
import com.mcpist.drill.tool.CountingMounts;
import com.mcpist.drill.tool.CountingMounts.Transport;
import com.mcpist.drill.tool.CountingServer.Settings;
import com.mcpist.drill.tool.Tool;
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

  private final Plan plan;
  private final Blueprint blueprint;
  private final Observer observer;
  private @Nullable Target local;
  private @Nullable FileChannel lock;
  private @Nullable ThrowAwayPair throwAway;

  /**
   * The plan of a drill. For each fault, the clients call the memory's tool at full speed, at least
   * as often as the plan says. All mounted tools together get as many calls.
   *
   * @param mounted how the mounted servers behave
   */
  public record Plan(
      List<Fault> faults, List<Tool> tools, int calls, int clients, Settings mounted) {
    public Plan {
      if (tools.isEmpty() || calls < 1 || clients < 1) {
        throw new IllegalArgumentException("no tools, no calls or no clients");
      }
    }

    /** Returns the number of reports. */
    public int reports() {
      int transports = Transport.values().length;
      return faults.size() * tools.stream().mapToInt(tool -> tool.mounted() ? transports : 1).sum();
    }

    private boolean callsMemory() {
      return tools.contains(Tool.MEMORY);
    }

    private boolean callsMounted() {
      return tools.stream().anyMatch(Tool::mounted);
    }

    private boolean throwAwayOnly() {
      return !callsMemory() || faults.stream().allMatch(Fault::needsThrowAway);
    }
  }

  /** Told how a game day goes, in plain words: by lines, and by steps with what each is at. */
  public interface Observer {
    void line(String text);

    void step(String text);

    void detail(String text);
  }

  private GameDay(Plan plan, Blueprint blueprint, Observer observer) {
    this.plan = plan;
    this.blueprint = blueprint;
    this.observer = observer;
  }

  /**
   * Holds it, on the pair of that data folder where one runs, else, for faults of links and for
   * mounted tools on one of the blueprint. When this returns or throws, the data is as it was, and
   * nothing that it has started runs; interrupting the thread ends it so.
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
    GameDay day = new GameDay(plan, blueprint, observer);
    day.findLocal(data);
    try {
      for (Fault fault : plan.faults()) {
        if (plan.callsMemory()) {
          Target target = day.target(fault);
          day.run(target, fault, fault.label(), List.of(new Callee.Memory(target.rows())), found);
        }
        if (plan.callsMounted()) {
          ThrowAwayPair pair = day.throwAway();
          List<Callee> callees = Callee.Mounted.of(plan.tools(), pair.mounts());
          day.run(pair.target(), fault, fault.label() + ", mounted tools", callees, found);
        }
      }
    } finally {
      day.release();
    }
  }

  /** Finds the pair that is up, and removes what an earlier drill that was killed left in it. */
  private void findLocal(Path data) throws RefusedException, PairException, InterruptedException {
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
      Stream<String> links = plan.faults().stream().filter(Fault::needsThrowAway).map(Fault::label);
      Stream<String> mounted = plan.callsMounted() ? Stream.of("mounted tools") : Stream.of();
      String others = Stream.concat(links, mounted).collect(Collectors.joining(", "));
      String other = others.isEmpty() ? "" : ", and for " + others + " a throw-away pair";
      return "Breaking the pair in " + data + other + ". Its data stays.";
    }
    if (!plan.callsMemory()) {
      return "Breaking a throw-away pair: mounted tools are called at no other.";
    }
    return plan.throwAwayOnly()
        ? "Breaking a throw-away pair: these faults are for no other."
        : "No pair is up in " + data + ": breaking a throw-away pair instead.";
  }

  private Target target(Fault fault) throws RefusedException, PairException, InterruptedException {
    if (local != null && !fault.needsThrowAway()) {
      return local;
    }
    return throwAway().target();
  }

  private ThrowAwayPair throwAway() throws RefusedException, PairException, InterruptedException {
    ThrowAwayPair pair = throwAway;
    if (pair == null) {
      observer.step("throw-away pair");
      pair = new ThrowAwayPair(blueprint, plan, observer::detail);
      throwAway = pair;
    }
    return pair;
  }

  private void run(
      Target target, Fault fault, String step, List<Callee> callees, Consumer<Report> found)
      throws PairException, InterruptedException {
    observer.step(step);
    new Drill(target, fault, callees, plan.calls(), plan.clients(), observer::detail)
        .run()
        .forEach(found);
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

  /** Locks the pair that is up for one drill, since two drills would remove each other's rows. */
  static FileChannel lock(Path data) throws PairException {
    Path file = data.resolve("run").resolve("drill.lock");
    try {
      return DataFolder.lock(file)
          .orElseThrow(() -> new PairException("another drill is at work on the pair in " + data));
    } catch (IOException e) {
      throw new PairException(file + " cannot be locked: " + e.getMessage(), e);
    }
  }

  /**
   * A pair for one drill, in a temporary folder, with a proxy on each of its links. The mounted
   * servers record their effects beside the pair's data folder, which no mounted server can see.
   */
  public static final class ThrowAwayPair implements AutoCloseable {
    private static final String PREFIX = "mcpist-drill-";

    /** The folder's name has the process that made it, so that what a killed one left is known. */
    private static final Pattern FOLDER = Pattern.compile(PREFIX + "([0-9]{1,9})-.*");

    private final Path folder;
    private final @Nullable CountingMounts mounts;
    private final Watchdog watchdog;
    private final BreakableLinks links = new BreakableLinks();
    private final Supervisor pair;
    private final Target target;

    /** Its programs' folder, what its origins call their release, and the caller's environment. */
    public record Blueprint(
        Path app, String release, Deployment deployment, Map<String, String> environment) {}

    ThrowAwayPair(Blueprint blueprint, Plan plan, Consumer<String> steps)
        throws PairException, RefusedException, InterruptedException {
      this.folder = createFolder();
      Path data = data(folder);
      this.mounts = plan.callsMounted() ? startMounts(folder, plan.mounted()) : null;
      this.watchdog = Watchdog.start(data);
      PairOptions options =
          new PairOptions(
              blueprint.app(),
              data,
              0,
              blueprint.release(),
              // The deployment's own mounts are left out: what they act on is not thrown away.
              blueprint
                  .deployment()
                  .with(mounts == null ? Mounts.NONE : Mounts.parse(Mounts.NAME, mounts.json())),
              Guard.OPEN, // Its calls are as many as possible, and nobody else knows of it.
              blueprint.environment(),
              links,
              Optional.empty());
      this.pair =
          new Supervisor(
              data,
              blueprint.environment(),
              () -> options,
              event -> {
                if (event.kind() == Kind.STEP) {
                  steps.accept(event.text());
                }
              });
      try {
        pair.start();
        this.target = Target.of(new LocalPair(data, blueprint.environment()), links);
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

    private static Path data(Path folder) {
      return folder.resolve("pair");
    }

    private static CountingMounts startMounts(Path folder, Settings settings) throws PairException {
      try {
        return CountingMounts.start(folder, settings);
      } catch (IOException e) {
        throw new PairException("no mounted server can be started: " + e.getMessage(), e);
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
        new LocalPair(data(folder), environment).stop();
        remove(folder);
      }
    }

    private static boolean isLeft(Path folder) {
      Matcher name = FOLDER.matcher(folder.getFileName().toString());
      return name.matches()
          // Anyone may make a folder of that name where all may write, and name any process in it.
          && DataFolder.isPrivate(folder)
          && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()
          && !DataFolder.isInUse(data(folder));
    }

    Target target() {
      return target;
    }

    CountingMounts mounts() {
      return Objects.requireNonNull(mounts);
    }

    @Override
    public void close() throws PairException {
      pair.close();
      links.forEach(FaultProxy::close);
      IOUtils.closeQuietly(mounts);
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
